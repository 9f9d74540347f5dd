/** A batch of many requests at a member that has to verify all of them: a few in a turn, and nothing is said before. */
import { describe, expect, test } from 'vitest'
import { VERIFICATIONS_PER_TURN } from '../../../src/consensus/pbft/constants.ts'
import { PEER_WORK_BURST_US, WORK_US } from '../../../src/links/constants.ts'
import {
  batchOf,
  certified,
  change,
  NOTHING,
  oneMember,
  PATH,
  proposal,
  request,
  vote
} from './one-member.ts'

const requests = (count: number, client = 1) =>
  Array.from({ length: count }, (_, index) => request(client, index + 1, 'a'))

function forged(envelope: Uint8Array): Uint8Array {
  const other = Uint8Array.from(envelope)
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1
  return other
}

const TWENTY = batchOf(...requests(20))
const LAST_IS_FORGED = batchOf(...requests(20).map((one, index) => (index === 19 ? forged(one) : one)))

/** Member 3, in the first view, of which member 0 is primary; it tells what was so at the end of each turn. */
function backup(disk?: Map<string, Uint8Array>, life = 1) {
  const one = oneMember(3, disk, life, undefined, { batchCommandsMax: 256 })
  one.start()
  const turns: {
    verified: number
    votes: number
    faults: number
    disk: ReadonlyMap<string, Uint8Array>
  }[] = []
  let verified = 0
  const { crypto } = one.p.env as { crypto: { verifyBy: typeof one.p.env.crypto.verifyBy } }
  const { verifyBy } = crypto
  crypto.verifyBy = (...signed) => {
    verified++
    return verifyBy(...signed)
  }
  one.p.env.onTurnEnd(() => {
    const votes = one.p.sentOf('PREPARE').length / 3
    turns.push({ verified, votes, faults: one.p.faults.length, disk: new Map(one.p.disk) })
    verified = 0
  })
  const of = <K extends 'verified' | 'votes' | 'faults'>(what: K) => turns.map((turn) => turn[what])
  const votes = () =>
    one.p
      .sentOf('PREPARE')
      .filter(({ to }) => to === 0)
      .map(({ message }) => message.digest)
  const batches = () => {
    const state = one.p.component.agreement?.state() ?? {}
    return (state as { batches: Record<string, unknown> }).batches
  }
  return { ...one, turns, of, votes, batches }
}

const workOf = ({ p }: ReturnType<typeof backup>) => p.takenIn(0)?.workUs ?? 0

describe('the requests of a batch', () => {
  test('are verified a few in a turn, and voted for after the last', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, TWENTY))
    expect(one.of('verified')).toEqual([8, 8, 4])
    expect(one.of('votes')).toEqual([0, 0, 1])
    expect(one.p.faults).toEqual([])
    expect(one.votes()).toEqual([TWENTY.digest])
  })

  test('are verified at once if they are few', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, batchOf(...requests(VERIFICATIONS_PER_TURN))))
    expect(one.of('verified')[0]).toBe(VERIFICATIONS_PER_TURN)
    expect(one.of('votes')[0]).toBe(1)
  })

  test('that came before from who signed them cost nothing, and hold nothing up', () => {
    const one = backup()
    const many = requests(20)
    one.p.receiveAtOnce(
      many.map((envelope) => ({ from: 1, path: 'replica', message: { type: 'REQUEST', envelope } as const }))
    )
    const before = one.turns.length
    one.p.receive(0, PATH, proposal(0, 1, batchOf(...many)))
    expect(one.of('verified')[before]).toBe(0)
    expect(one.of('votes')[before]).toBe(1)
  })

  test('of several batches are verified by turns', () => {
    const one = backup()
    const other = batchOf(...requests(20, 2))
    one.p.receiveAtOnce([
      { from: 0, path: PATH, message: proposal(0, 1, TWENTY) },
      { from: 0, path: PATH, message: proposal(0, 2, other) }
    ])
    expect(one.of('verified')).toEqual([16, 8, 4, 8, 4])
    expect(one.votes()).toEqual([TWENTY.digest, other.digest])
  })

  test('are at the expense of who proposes them, all of them if one may not be ordered', () => {
    const good = backup()
    const bad = backup()
    const before = workOf(good)
    good.p.receive(0, PATH, proposal(0, 1, TWENTY))
    bad.p.receive(0, PATH, proposal(0, 1, LAST_IS_FORGED))
    const overhead = WORK_US.message + WORK_US.verification
    expect(workOf(good) - before).toBe(overhead + 20 * WORK_US.verification)
    // Those of the first turns were given back.
    expect(workOf(bad) - before).toBe(overhead + (16 + 20) * WORK_US.verification)
  })

  test('that are valid cost their proposer nothing in the end', () => {
    const one = backup()
    const numbers = [1, 2, 3, 4]
    const work = numbers.length * 120 * WORK_US.verification
    expect(work).toBeGreaterThan(PEER_WORK_BURST_US)
    for (const sequence of numbers)
      one.p.receive(0, PATH, proposal(0, sequence, batchOf(...requests(120, sequence - 1))))
    expect(one.votes()).toHaveLength(numbers.length)
  })
})

describe('while they are verified', () => {
  test('nobody is accused, and who proposed them once it is known', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, LAST_IS_FORGED))
    expect(one.of('faults')).toEqual([0, 0, 1])
    expect(one.p.faults).toMatchObject([{ process: 0, kind: 'protocol-violation', certainty: 'certain' }])
    expect(one.votes()).toEqual([])
  })

  test('votes of others come, and count', () => {
    const one = backup()
    one.p.receiveAtOnce([
      { from: 0, path: PATH, message: proposal(0, 1, TWENTY) },
      ...[1, 2].map((from) => ({ from, path: PATH, message: vote('PREPARE', 0, 1, TWENTY.digest) }))
    ])
    expect(one.p.sentOf('PREPARE')).toHaveLength(3)
    expect(one.p.sentOf('COMMIT')).toHaveLength(3)
  })

  test('the view is left: nothing is voted for', () => {
    const one = backup()
    one.p.receiveAtOnce([
      { from: 0, path: PATH, message: proposal(0, 1, TWENTY) },
      ...[1, 2].map((from) => ({ from, path: PATH, message: change(from, 1) }))
    ])
    expect(one.p.sentOf('VIEW-CHANGE')).toHaveLength(3)
    expect(one.votes()).toEqual([])
    expect(one.p.faults).toEqual([])
  })

  test('another view is entered: they are forgotten, and verified anew if they are proposed there', () => {
    const one = backup()
    const start = { view: 2, stable: { sequence: 0, digest: new Uint8Array(32) }, selected: [NOTHING] }
    one.p.receiveAtOnce([
      { from: 0, path: PATH, message: proposal(0, 1, TWENTY) },
      { from: 1, path: PATH, message: certified(start, [0, 1, 2]) }
    ])
    expect(one.views).toEqual([2])
    // With the three signatures of the start.
    expect(one.of('verified').reduce((sum, count) => sum + count)).toBe(8 + 3)
    expect(one.batches().verifying).toEqual([])
    one.p.receive(2, PATH, proposal(2, 2, TWENTY))
    expect(one.votes()).toEqual([NOTHING, TWENTY.digest])
    expect(one.p.faults).toEqual([])
  })

  test('the member restarts: the next life verifies them, and votes', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, TWENTY))
    const again = backup(new Map(one.turns[0]?.disk), 2)
    again.p.receive(0, PATH, proposal(0, 1, TWENTY))
    expect(again.votes()).toEqual([TWENTY.digest])
  })

  test('the batch is executed, for others have done so: it is voted for all the same, and not kept in memory', () => {
    const one = backup()
    one.p.receiveAtOnce([
      { from: 0, path: PATH, message: proposal(0, 1, TWENTY) },
      ...[1, 2].map((from) => ({
        from,
        path: PATH,
        message: { type: 'COMMITTED', sequence: 1, digest: TWENTY.digest } as const
      }))
    ])
    expect(one.executed.map(({ sequence }) => sequence)).toEqual([1])
    expect(one.votes()).toEqual([TWENTY.digest])
    expect(one.batches().inMemory).toEqual([])
  })
})
