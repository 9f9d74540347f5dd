/** What liars agreed on without a word: each computes it alone, however often and in whatever order. */
import { expect, it } from 'vitest'
import { Conspiracy, HASHES_KEPT_MAX } from '../../src/adversary/conspiracy.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { testEnvironment } from '../core/environment.ts'

/** One of the liars of a group of four, and how many hashes it has made. */
function conspirator(self: number, byzantine: readonly number[]) {
  const made = { hashes: 0 }
  const { env } = testEnvironment({ self })
  const hash = (bytes: Uint8Array) => {
    made.hashes++
    return defaultBackend.sha256(bytes)
  }
  const conspiracy = new Conspiracy({ env: { ...env, crypto: { ...env.crypto, hash } }, byzantine })
  return { conspiracy, made }
}

it('liars draw alike, about what they hear of in another order', () => {
  const liars = [2, 3].map((self) => conspirator(self, [2, 3]).conspiracy)
  const instances = Array.from({ length: 50 }, (_, sequence) => [sequence % 4, sequence])
  const [forwards, backwards] = liars.map((conspiracy, index) => {
    const heard = index === 0 ? instances : instances.toReversed()
    const drawn = heard.map((instance) => ({
      instance,
      story: conspiracy.draw('story', instance, 5),
      sides: [0, 1].map((member) => conspiracy.sideOf(member, instance, 2))
    }))
    return index === 0 ? drawn : drawn.toReversed()
  })
  expect(backwards).toEqual(forwards)
  expect(new Set(forwards?.map(({ story }) => story)).size, 'stories differ').toBe(5)
  for (const { sides } of forwards ?? []) expect(sides.toSorted(), 'each side has a member').toEqual([0, 1])
})

it('a topic and its numbers are not another topic with other numbers', () => {
  const { conspiracy, made } = conspirator(3, [3])
  conspiracy.draw('a/1', [2], 5)
  conspiracy.draw('a', [1, 2], 5)
  conspiracy.draw('a', [12], 5)
  conspiracy.draw('2', [1], 5)
  conspiracy.draw('', [1, 2], 5)
  expect(made.hashes).toBe(5)
})

it('hashes once what it is asked about again, keeps so many hashes, and draws what it forgot as before', () => {
  const { conspiracy, made } = conspirator(3, [3])
  const draw = (sequence: number) => conspiracy.draw('story', [0, sequence], 60_000)
  const drawn = Array.from({ length: HASHES_KEPT_MAX }, (_, sequence) => draw(sequence))
  expect(Array.from({ length: HASHES_KEPT_MAX }, (_, sequence) => draw(sequence))).toEqual(drawn)
  expect(made.hashes, 'all are kept').toBe(HASHES_KEPT_MAX)

  draw(HASHES_KEPT_MAX)
  expect(draw(0)).toBe(drawn[0])
  expect(made.hashes, 'one more than may be kept, and one that was forgotten for it').toBe(
    HASHES_KEPT_MAX + 2
  )
})
