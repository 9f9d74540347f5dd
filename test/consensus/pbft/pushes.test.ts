/** A primary and a member that is slow: what it is sent unasked has a bound, and all of it is settled in the end. */
import { describe, expect, test } from 'vitest'
import { PUSH_BYTES_MAX } from '../../../src/consensus/pbft/constants.ts'
import { Pushes } from '../../../src/consensus/pbft/pushes.ts'
import { LINK_UNACKED_BYTES_MAX } from '../../../src/links/constants.ts'
import { SeededRandom } from '../../../src/simulator/seeded-random.ts'
import { batchOf, certified, oneMember, PATH, request, vote } from './one-member.ts'

const LONG = 'a'.repeat(60_000)
/** As many long bodies go into the budget, and so many more are tried. */
const FITTING = Math.floor(PUSH_BYTES_MAX / batchOf(request(1, 1, LONG)).batch.length)
const TRIED = FITTING + 5

/** Member 0, which is primary: each request is a batch of its own. */
function primary() {
  const one = oneMember(0, undefined, 1, undefined, { checkpointEvery: 64, batchCommandsMax: 1 })
  one.start()
  const digests: Uint8Array[] = []
  /** A request comes, is proposed, and is executed by the votes of these. */
  const propose = (...voters: readonly number[]) => {
    const sequence = digests.length + 1
    const envelope = request(1, sequence, LONG)
    const { digest } = batchOf(envelope)
    digests.push(digest)
    one.p.receive(1, 'replica', { type: 'REQUEST', envelope })
    for (const type of ['PREPARE', 'COMMIT'] as const)
      for (const from of voters) one.p.receive(from, PATH, vote(type, 0, sequence, digest))
  }
  const bodiesTo = (member: number) =>
    one.p
      .sentOf('PRE-PREPARE')
      .filter(({ to }) => to === member)
      .map(({ message }) => message.batch as Uint8Array | null)
  const bytesTo = (member: number) => bodiesTo(member).reduce((sum, body) => sum + (body?.length ?? 0), 0)
  const voteOf = (from: number, sequence: number) =>
    one.p.receive(from, PATH, vote('PREPARE', 0, sequence, digests[sequence - 1] ?? new Uint8Array(32)))
  const pushes = () =>
    (one.p.component.agreement?.state() as { pushes: readonly number[] } | undefined)?.pushes
  return { ...one, propose, bodiesTo, bytesTo, voteOf, pushes, digests }
}

describe('what a member is sent unasked', () => {
  test('and has not voted for has a bound, well below that of a session; those who vote get all', () => {
    const one = primary()
    for (let i = 0; i < TRIED; i++) one.propose(1, 2)
    expect(one.executed).toHaveLength(TRIED)
    expect(one.bodiesTo(3)).toHaveLength(TRIED)
    expect(one.bodiesTo(3).filter((body) => body !== null)).toHaveLength(FITTING)
    expect(one.bytesTo(3)).toBeLessThanOrEqual(PUSH_BYTES_MAX)
    expect(2 * PUSH_BYTES_MAX).toBeLessThan(LINK_UNACKED_BYTES_MAX)
    for (const member of [1, 2]) expect(one.bodiesTo(member)).not.toContain(null)
  })

  test('can be asked for where it was left out', () => {
    const one = primary()
    for (let i = 0; i < TRIED; i++) one.propose(1, 2)
    one.p.receive(3, `${PATH}/batches`, {
      type: 'FETCH',
      digest: one.digests[TRIED - 1] ?? new Uint8Array(32)
    })
    expect(one.p.sentOf('BATCH').map(({ to }) => to)).toEqual([3])
  })

  test('is settled up to the proposal that it votes for, whether that came with its body or without', () => {
    const one = primary()
    for (let i = 0; i < TRIED; i++) one.propose(1, 2)
    one.voteOf(3, 1)
    one.propose(1, 2)
    expect(one.bodiesTo(3).at(-1)).not.toBe(null)
    one.propose(1, 2)
    expect(one.bodiesTo(3).at(-1)).toBe(null)
    one.voteOf(3, TRIED)
    for (let i = 0; i < FITTING - 1; i++) one.propose(1, 2)
    expect(one.bodiesTo(3).slice(TRIED + 2)).not.toContain(null)
  })

  test('is nothing when all have voted', () => {
    const one = primary()
    for (let i = 0; i < TRIED; i++) one.propose(1, 2)
    expect(one.pushes()?.[3]).toBe(one.bytesTo(3))
    one.voteOf(3, TRIED)
    expect(one.pushes()).toEqual([0, 0, 0, 0])
  })

  test('and was lost with a session does not count in the next', () => {
    const one = primary()
    for (let i = 0; i < TRIED; i++) one.propose(1, 2)
    one.p.endSession(3)
    one.p.startSession(3)
    expect(one.pushes()?.[3]).toBe(0)
    one.propose(1, 2)
    expect(one.bodiesTo(3).at(-1)).not.toBe(null)
    // What it votes for of the time before is no more than that.
    one.voteOf(3, 1)
    expect(one.pushes()?.[3]).toBe(one.bodiesTo(3).at(-1)?.length)
  })

  test('is not forgotten with a view', () => {
    const one = primary()
    for (let i = 0; i < FITTING; i++) one.propose(1, 2)
    const before = one.pushes()
    const start = { view: 1, stable: { sequence: 0, digest: new Uint8Array(32) }, selected: one.digests }
    one.p.receive(1, PATH, certified(start, [1, 2, 3]))
    expect(one.views).toEqual([1])
    expect(one.pushes()).toEqual(before)
  })

  test('is told again without its body', () => {
    const one = primary()
    one.propose()
    one.p.receive(3, PATH, { type: 'STATUS', base: 0, target: 0, stable: 0, executed: 0 })
    expect(one.bodiesTo(3).map((body) => body === null)).toEqual([false, true])
  })
})

test('whatever is proposed, voted for and lost: the bound holds, and nothing is left when all is settled', () => {
  const random = new SeededRandom(1, 'pushes')
  for (let round = 0; round < 50; round++) {
    const pushes = new Pushes(oneMember(0).p.env, { send: () => {}, sendAll: () => {} }, PUSH_BYTES_MAX)
    const proposed: (readonly number[])[] = []
    for (let step = 0; step < 40; step++) {
      const member = 1 + random.below(3)
      const what = random.below(4)
      if (what > 1) {
        const batch = new Uint8Array(random.below(256 * 1024))
        const said = {
          view: 0,
          sequence: step + 1,
          digest: new Uint8Array(32),
          signature: new Uint8Array(64)
        }
        proposed.push(pushes.propose({ type: 'PRE-PREPARE', ...said, batch }))
      } else if (what === 1) pushes.got(member, proposed[random.below(proposed.length + 1)] ?? [])
      else if (step % 4 === 0) pushes.sessionWith(member)
      for (const open of pushes.state() as readonly number[]) {
        expect(open).toBeGreaterThanOrEqual(0)
        expect(open).toBeLessThanOrEqual(PUSH_BYTES_MAX)
      }
    }
    for (const member of [1, 2, 3]) pushes.got(member, proposed.at(-1) ?? [])
    expect(pushes.state()).toEqual([0, 0, 0, 0])
  }
})
