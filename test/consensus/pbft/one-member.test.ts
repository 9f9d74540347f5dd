/** Agreement, line by line: one member hears what others could say, and each of its defences is tried by itself. */
import { describe, expect, test } from 'vitest'
import { BODY_SERVED_MAX } from '../../../src/consensus/pbft/constants.ts'
import { WORK_US } from '../../../src/links/constants.ts'
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

const A = batchOf(request(1, 1, 'a'))
const B = batchOf(request(2, 1, 'b'))

/** Member 3, in the first view, of which member 0 is primary. */
function backup() {
  const one = oneMember(3)
  one.start()
  return one
}

const votesOf = ({ p }: ReturnType<typeof backup>, type: string) =>
  p
    .sentOf(type)
    .filter(({ to }) => to === 0)
    .map(({ message }) => message.digest)

describe('a proposal', () => {
  test('is voted for when its body is here, once', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, A))
    one.p.receive(0, PATH, proposal(0, 1, A))
    expect(votesOf(one, 'PREPARE')).toEqual([A.digest])
    expect(one.p.faults).toEqual([])
  })

  test('is voted for only once the vote is durable', () => {
    const one = backup()
    one.p.slow = true
    one.p.receive(0, PATH, proposal(0, 1, A))
    expect(votesOf(one, 'PREPARE')).toEqual([])
    one.p.sync()
    expect(votesOf(one, 'PREPARE')).toEqual([A.digest])
  })

  test('of which the body is another one is refused, and its primary named (known failure 10)', () => {
    const one = backup()
    one.p.receive(0, PATH, { ...proposal(0, 1, A), batch: B.batch })
    expect(votesOf(one, 'PREPARE')).toEqual([])
    expect(one.p.faults).toMatchObject([{ process: 0, kind: 'protocol-violation', certainty: 'certain' }])
  })

  test('is nobody else’s (known failure 10)', () => {
    const one = backup()
    one.p.receive(1, PATH, proposal(0, 1, A, 1))
    expect(votesOf(one, 'PREPARE')).toEqual([])
    expect(one.p.faults).toMatchObject([{ process: 1, kind: 'protocol-violation', certainty: 'certain' }])
  })

  test('and another at the same number are proof; the first one counts (known failure 10)', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, A))
    one.p.receive(0, PATH, proposal(0, 1, B))
    expect(votesOf(one, 'PREPARE')).toEqual([A.digest])
    const [fault] = one.p.faults
    expect(fault).toMatchObject({ process: 0, kind: 'equivocation', certainty: 'proven' })
    expect(fault?.evidence?.claim).toBe('two-proposals')
  })

  test('with a request that nobody signed is not voted for; its primary is named, and not left (known failure 1)', () => {
    const one = backup()
    const forged = Uint8Array.from(request(1, 1, 'a'))
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    one.p.receive(0, PATH, proposal(0, 1, batchOf(forged)))
    expect(votesOf(one, 'PREPARE')).toEqual([])
    expect(one.p.faults).toMatchObject([{ process: 0, kind: 'protocol-violation', certainty: 'certain' }])
    expect(one.p.sentOf('VIEW-CHANGE')).toEqual([])
  })

  test('above the window is not voted for', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 5, A))
    expect(votesOf(one, 'PREPARE')).toEqual([])
  })
})

test('requests that may not be ordered are verified at the expense of who proposes them', () => {
  const one = backup()
  const workOf = (batch: typeof A, sequence: number) => {
    const before = one.p.takenIn(0)?.workUs ?? 0
    one.p.receive(0, PATH, proposal(0, sequence, batch))
    return (one.p.takenIn(0)?.workUs ?? 0) - before
  }
  const forged = [1, 2, 3].map((number) => {
    const envelope = Uint8Array.from(request(1, number, 'a'))
    envelope[envelope.length - 1] = (envelope.at(-1) ?? 0) ^ 1
    return envelope
  })
  const good = workOf(A, 1)
  expect(workOf(batchOf(...forged), 2) - good).toBe(2 * WORK_US.verification)
})

test('what was signed is told again as it was signed, however often somebody asks', () => {
  const one = oneMember(0)
  one.start()
  one.p.do((replica) => replica.submit(Uint8Array.of(1), () => {}))
  expect(one.p.sentOf('PRE-PREPARE')).toHaveLength(3)
  const { crypto } = one.p.env as { crypto: { sign(statement: Uint8Array): Uint8Array } }
  const { sign } = crypto
  let signed = 0
  crypto.sign = (statement) => {
    signed++
    return sign(statement)
  }
  const asks = 8
  for (let target = 0; target < asks; target++)
    one.p.receive(1, PATH, { type: 'STATUS', base: 0, target, stable: 0, executed: 0 })
  expect(one.p.sentOf('PRE-PREPARE')).toHaveLength(3 + asks)
  expect(signed).toBe(0)
})

test('who is further is asked for what it has, once for what it says of itself', () => {
  const one = backup()
  const before = one.p.sentOf('STATUS').length
  const further = { type: 'STATUS', base: 0, target: 0, stable: 0, executed: 3 }
  for (let i = 0; i < 4; i++) one.p.receive(1, PATH, further)
  expect(
    one.p
      .sentOf('STATUS')
      .slice(before)
      .map(({ to }) => to)
  ).toEqual([1])
  one.p.receive(1, PATH, { ...further, executed: 4 })
  expect(one.p.sentOf('STATUS')).toHaveLength(before + 2)
})

test('a body is handed to one member a few times in a session', () => {
  const one = backup()
  one.p.receive(0, PATH, proposal(0, 1, A))
  const ask = () => one.p.receive(1, `${PATH}/batches`, { type: 'FETCH', digest: A.digest })
  for (let i = 0; i < 5; i++) ask()
  expect(one.p.sentOf('BATCH')).toHaveLength(BODY_SERVED_MAX)
  one.p.endSession(1)
  one.p.startSession(1)
  ask()
  expect(one.p.sentOf('BATCH')).toHaveLength(BODY_SERVED_MAX + 1)
})

describe('votes', () => {
  test('that come before the proposal count (known failure 10)', () => {
    const one = backup()
    for (const from of [1, 2]) one.p.receive(from, PATH, vote('PREPARE', 0, 1, A.digest))
    expect(votesOf(one, 'COMMIT')).toEqual([])
    one.p.receive(0, PATH, proposal(0, 1, A))
    expect(votesOf(one, 'COMMIT')).toEqual([A.digest])
  })

  test('a quorum prepares, with the proposal and the own vote; a quorum commits; and it is executed (known failure 10)', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, A))
    expect(votesOf(one, 'COMMIT')).toEqual([])
    one.p.receive(0, PATH, vote('PREPARE', 0, 1, A.digest))
    expect(votesOf(one, 'COMMIT')).toEqual([])
    one.p.receive(1, PATH, vote('PREPARE', 0, 1, A.digest))
    expect(votesOf(one, 'COMMIT')).toEqual([A.digest])
    one.p.receive(0, PATH, vote('COMMIT', 0, 1, A.digest))
    expect(one.executed).toEqual([])
    one.p.receive(2, PATH, vote('COMMIT', 0, 1, A.digest))
    expect(one.executed.map(({ sequence }) => sequence)).toEqual([1])
  })

  test('are executed only once the own one is durable', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, A))
    one.p.slow = true
    for (const from of [1, 2]) one.p.receive(from, PATH, vote('PREPARE', 0, 1, A.digest))
    for (const from of [0, 1]) one.p.receive(from, PATH, vote('COMMIT', 0, 1, A.digest))
    expect(one.executed).toEqual([])
    one.p.sync()
    expect(one.executed.map(({ sequence }) => sequence)).toEqual([1])
  })

  test('of another view do not count', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, A))
    for (const from of [1, 2]) one.p.receive(from, PATH, vote('PREPARE', 1, 1, A.digest))
    expect(votesOf(one, 'COMMIT')).toEqual([])
  })

  test('of one member for two batches: the first counts, and it is named (known failure 10)', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, A))
    one.p.receive(1, PATH, vote('PREPARE', 0, 1, B.digest))
    one.p.receive(1, PATH, vote('PREPARE', 0, 1, A.digest))
    expect(votesOf(one, 'COMMIT')).toEqual([])
    expect(one.p.faults).toMatchObject([{ process: 1, kind: 'contradicting-vote', certainty: 'certain' }])
  })

  test('are executed in the order of their numbers (known failure 10)', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 2, B))
    for (const type of ['PREPARE', 'COMMIT'] as const)
      for (const from of [1, 2]) one.p.receive(from, PATH, vote(type, 0, 2, B.digest))
    expect(one.executed).toEqual([])
    one.p.receive(0, PATH, proposal(0, 1, A))
    for (const type of ['PREPARE', 'COMMIT'] as const)
      for (const from of [1, 2]) one.p.receive(from, PATH, vote(type, 0, 1, A.digest))
    expect(one.executed.map(({ sequence }) => sequence)).toEqual([1, 2])
  })
})

describe('what others have executed', () => {
  test('is executed when f + 1 say so, and its body came', () => {
    const one = backup()
    one.p.receive(1, PATH, { type: 'COMMITTED', sequence: 1, digest: A.digest })
    expect(one.p.sentOf('FETCH')).toEqual([])
    one.p.receive(2, PATH, { type: 'COMMITTED', sequence: 1, digest: A.digest })
    expect(one.p.sentOf('FETCH')).toHaveLength(1)
    one.p.receive(1, `${PATH}/batches`, { type: 'BATCH', digest: A.digest, batch: A.batch })
    expect(one.executed.map(({ sequence }) => sequence)).toEqual([1])
  })

  test('what is handed over under another digest than its own is refused, and who does it named', () => {
    const one = backup()
    for (const from of [1, 2]) one.p.receive(from, PATH, { type: 'COMMITTED', sequence: 1, digest: A.digest })
    one.p.receive(1, `${PATH}/batches`, { type: 'BATCH', digest: A.digest, batch: B.batch })
    expect(one.executed).toEqual([])
    expect(one.p.faults).toMatchObject([{ process: 1, kind: 'protocol-violation', certainty: 'certain' }])
  })
})

describe('a view', () => {
  test('is left when f + 1 others leave it, and not before (known failure 16)', () => {
    const one = backup()
    one.p.receive(1, PATH, change(1, 1))
    expect(one.p.sentOf('VIEW-CHANGE')).toEqual([])
    one.p.receive(2, PATH, change(2, 2))
    expect(one.p.sentOf('VIEW-CHANGE').map(({ message }) => message.view)).toEqual([1, 1, 1])
  })

  test('that was left gets no votes any more (known failure 16)', () => {
    const one = backup()
    for (const from of [1, 2]) one.p.receive(from, PATH, change(from, 1))
    one.p.receive(0, PATH, proposal(0, 1, A))
    expect(votesOf(one, 'PREPARE')).toEqual([])
  })

  test('two ways in which one member leaves it are proof', () => {
    const one = backup()
    one.p.receive(1, PATH, change(1, 1))
    one.p.receive(1, PATH, change(1, 1, [{ sequence: 1, digest: A.digest, prepared: true }]))
    expect(one.p.faults).toMatchObject([{ process: 1, kind: 'equivocation', certainty: 'proven' }])
  })

  test('is entered by its start alone, if a quorum has accepted that (known failure 16)', () => {
    const one = backup()
    const start = { view: 2, stable: { sequence: 0, digest: new Uint8Array(32) }, selected: [NOTHING] }
    one.p.receive(1, PATH, certified(start, [0, 1]))
    expect(one.views).toEqual([])
    expect(one.p.faults).toMatchObject([{ process: 1, kind: 'invalid-signature', certainty: 'certain' }])
    one.p.receive(2, PATH, certified(start, [0, 1, 2]))
    expect(one.views).toEqual([2])
    expect(votesOf(one, 'PREPARE')).toEqual([NOTHING])
  })

  test('a member that comes back votes as before, and not otherwise (known failure 18)', () => {
    const one = backup()
    one.p.receive(0, PATH, proposal(0, 1, A))
    const again = oneMember(3, one.p.disk, 2)
    again.start()
    again.p.receive(0, PATH, proposal(0, 1, B))
    expect(votesOf(again, 'PREPARE')).toEqual([])
    again.p.receive(0, PATH, { type: 'STATUS', base: 0, target: 0, stable: 0, executed: 0 })
    expect(votesOf(again, 'PREPARE')).toEqual([A.digest])
  })

  test('a member that comes back has left the view that it had left (known failure 18)', () => {
    const one = backup()
    for (const from of [1, 2]) one.p.receive(from, PATH, change(from, 1))
    const again = oneMember(3, one.p.disk, 2)
    again.start()
    again.p.receive(0, PATH, proposal(0, 1, A))
    expect(votesOf(again, 'PREPARE')).toEqual([])
  })
})
