/** When a member serves: not before enough others know of its life, and how whoever asked meanwhile is answered. */
import { describe, expect, it } from 'vitest'
import { createGroup } from '../../src/core/group.ts'
import { soleWriter } from '../../src/registers/register.ts'
import { Standing } from '../../src/registers/standing.ts'
import { asked } from './calls.ts'
import { found, RegisterGroup } from './group.ts'

const groupOf = (n: number, f: number) =>
  createGroup({
    id: new Uint8Array(32),
    f,
    publicKeys: Array.from({ length: n }, (_, rank) => new Uint8Array(32).fill(rank))
  })

/** How many other members must have met a member before it serves: found by trying. */
function needed(n: number, f: number): number {
  const standing = new Standing(groupOf(n, f))
  let met = 0
  while (!standing.mayServe) standing.sessionWith(++met)
  return met
}

const all = Array.from({ length: 30 }, (_, index) => index + 1).flatMap((n) =>
  Array.from({ length: Math.ceil(n / 3) }, (_, f) => [n, f] as const).filter(([, f]) => n > 3 * f)
)

describe('for all n up to 30, and all f with n > 3f', () => {
  it('those who met a member that served, and those whom it needs after it forgot, share a correct one', () => {
    for (const [n, f] of all.filter(([, faults]) => faults > 0)) {
      const others = n - 1
      // It counts as faulty itself.
      const faulty = f - 1
      const shared = 2 * needed(n, f) - others
      expect(shared, `n = ${n}, f = ${f}`).toBeGreaterThan(faulty)
    }
  })

  it('it needs no more than are there when all other faulty ones are silent', () => {
    for (const [n, f] of all) expect(needed(n, f), `n = ${n}, f = ${f}`).toBeLessThanOrEqual(n - 1 - f)
  })

  it('one fewer would not do, for some of them', () => {
    const tight = all.filter(([n, f]) => f > 0 && 2 * (needed(n, f) - 1) - (n - 1) <= f - 1)
    expect(tight.map(([n]) => n)).toEqual(expect.arrayContaining([4, 7, 10, 28]))
  })
})

it('counts a member once, and clients never', () => {
  const standing = new Standing(groupOf(7, 2))
  expect(standing.admits(9)).toBe(false)
  for (let session = 0; session < 10; session++) {
    expect(standing.sessionWith(1)).toEqual([])
    expect(standing.sessionWith(7 + session)).toEqual([])
  }
  expect(standing.mayServe).toBe(false)
  expect([2, 3, 4, 5].map((peer) => standing.sessionWith(peer))).toEqual([[], [], [9], []])
})

describe('a member that has come back', () => {
  /** Member 0 crashed and is up again, and has no session but with the client. */
  function alone(): RegisterGroup {
    const group = new RegisterGroup()
    const writer = group.client(0)
    const write = group.write(writer, soleWriter(group.publicKey(writer), 'register'), 'a')
    group.run()
    expect(write.result).toMatchObject({ written: true })
    for (const member of [0, 1]) group.crash(member)
    return group
  }
  const registerOf = (group: RegisterGroup) => soleWriter(group.publicKey(group.client(0)), 'register')

  it('answers nobody before n - 1 - f others have met it, and serves those who asked once they have', () => {
    const group = alone()
    group.crash(2)
    group.crash(3)
    const reader = group.client(1)
    const read = group.read(reader, registerOf(group))
    const write = group.write(group.client(0), registerOf(group), 'b')
    // Members 0 and 1 are there alone: neither has met two others.
    group.start(0)
    group.start(1)
    group.run()
    expect(group.node(0).storage.state()).toMatchObject({ serves: false })
    expect(found(read)).toBeUndefined()
    expect(group.node(0).storage.kept(registerOf(group))).toMatchObject({ timestamp: 1 })
    group.start(2)
    group.run()
    expect(group.node(0).storage.state()).toMatchObject({ serves: true })
    expect(found(read)).toMatch(/^[ab]$/)
    expect(write.result).toEqual({ written: true, timestamp: 2 })
    expect(group.accused).toEqual([])
  })

  it('is asked again in each of its lives by whoever it turned away', () => {
    const group = alone()
    const reader = group.client(1)
    group.held = (from, to, { type }) => type === 'VALUE' && to === reader && from !== 0
    for (let life = 0; life < 3; life++) {
      for (const member of life === 0 ? [2, 3] : [0, 2, 3]) group.crash(member)
      group.start(0)
      group.read(reader, soleWriter(group.publicKey(reader), `register ${life}`))
      group.run()
      expect(group.node(0).storage.state()).toMatchObject({ serves: false })
      for (const member of [2, 3]) group.start(member)
      group.run()
      const { calls } = group.node(reader).storage.state() as { calls: { answered: number[] }[] }
      expect(calls.map(({ answered }) => answered)).toEqual(Array.from({ length: life + 1 }, () => [0]))
    }
  })

  it('has to be met anew in each life', () => {
    const group = alone()
    group.start(0)
    group.run()
    expect(group.node(0).storage.state()).toMatchObject({ serves: true })
    group.crash(2)
    group.crash(0)
    group.start(0)
    group.run()
    expect(group.node(0).storage.state()).toMatchObject({ serves: false })
  })

  it('serves at once where there is nobody else', () => {
    const group = new RegisterGroup({ n: 1, clients: 2 })
    const write = group.write(group.client(0), registerOf(group), 'a')
    group.run()
    expect(write.result).toEqual({ written: true, timestamp: 1 })
  })
})

it('a client that is asked serves nobody: whoever asks it is named', () => {
  const group = new RegisterGroup()
  group.tell(0, group.client(0), {
    type: 'READ',
    call: asked(1),
    register: soleWriter(group.publicKey(4), 'r')
  })
  group.run()
  expect(group.accused).toEqual([0])
})
