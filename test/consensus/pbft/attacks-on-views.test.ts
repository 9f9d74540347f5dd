/**
 * Attacks on changes of views, found by hand and by model, each against the rule that answers it: the number is that of
 * the attack in the notes on the protocol. One member of four hears what the others would say.
 */
import { describe, expect, test } from 'vitest'
import { BATCH_BYTES_MAX, ENVELOPE_BYTES_MAX } from '../../../src/consensus/pbft/constants.ts'
import { FIRST_STABLE } from '../../../src/consensus/pbft/progress.ts'
import type { Start } from '../../../src/consensus/pbft/selection.ts'
import {
  batchOf,
  certified,
  change,
  newView,
  oneMember,
  PATH,
  proposal,
  request,
  stable,
  status,
  vote
} from './one-member.ts'

const A = batchOf(request(1, 1, 'a'))
const B = batchOf(request(2, 1, 'b'))
const BODIES = `${PATH}/batches`
const body = ({ digest, batch }: typeof A) => ({ type: 'BATCH', digest, batch }) as const
const fetch = ({ digest }: typeof A) => ({ type: 'FETCH', digest }) as const

const startOf = (view: number, ...selected: Uint8Array[]): Start => ({ view, stable: FIRST_STABLE, selected })
const voted = ({ digest }: typeof A, prepared = false, sequence = 1) => [{ sequence, digest, prepared }]

function member(self = 3) {
  const one = oneMember(self)
  one.start()
  return one
}
type One = ReturnType<typeof member>

const typesTo = ({ p }: One, to: number) =>
  p.sent.filter((sent) => sent.to === to).map(({ message }) => message.type)
const since = ({ p }: One, mark: number, type: string) =>
  p.sent.slice(mark).filter(({ message }) => message.type === type)

/** Member 3 is shown by member 1, primary of view 1, that A was voted for at number 1. */
function beginsWithA(one: One) {
  const changes = [change(0, 1, voted(A)), change(1, 1, voted(A)), change(2, 1)] as const
  for (const from of [1, 2]) one.p.receive(from, PATH, changes[from] as (typeof changes)[1])
  const start = startOf(1, A.digest)
  one.p.receive(1, PATH, newView(start, ...changes))
  return start
}

describe('H1: a selected body vanishes, and nothing is ever executed again', () => {
  test('a start is accepted only with the bodies of all that it selects (known failure 15)', () => {
    const one = member()
    beginsWithA(one)
    expect(one.p.sentOf('ACCEPT')).toEqual([])
    expect(one.p.sentOf('FETCH').length).toBeGreaterThan(0)
    one.p.receive(1, BODIES, body(A))
    expect(one.p.sentOf('ACCEPT')).toHaveLength(3)
    expect(one.p.faults).toEqual([])
  })

  test('what was accepted is kept and handed over, whatever becomes stable meanwhile', () => {
    const one = member()
    beginsWithA(one)
    one.p.receive(1, BODIES, body(A))
    one.p.receive(0, PATH, stable(2, A.digest, [0, 1, 2]))
    one.p.receive(2, BODIES, fetch(A))
    expect(one.p.sentOf('BATCH')).toHaveLength(1)
  })

  test('a restart knows which bodies it owes', () => {
    const one = member()
    beginsWithA(one)
    one.p.receive(1, BODIES, body(A))
    const again = oneMember(3, one.p.disk, 2)
    again.start()
    again.p.receive(0, PATH, stable(2, A.digest, [0, 1, 2]))
    again.p.receive(2, BODIES, fetch(A))
    expect(again.p.sentOf('BATCH')).toHaveLength(1)
  })

  test('nor accepts another start of the same view', () => {
    const one = member()
    beginsWithA(one)
    one.p.receive(1, BODIES, body(A))
    const again = oneMember(3, one.p.disk, 2)
    again.start()
    const other = [change(1, 1), change(2, 1), change(3, 1)] as const
    again.p.receive(1, PATH, newView(startOf(1), ...other))
    expect(again.p.sentOf('ACCEPT')).toEqual([])
    again.p.receive(2, PATH, status({ target: 1 }))
    const [accepted] = one.p.sentOf('ACCEPT')
    expect(again.p.sentOf('ACCEPT').map(({ message }) => message.digest)).toEqual([accepted?.message.digest])
  })

  test('of the start of its view it keeps the bodies, voted for or not', () => {
    const one = member()
    const start = startOf(1, A.digest, B.digest)
    one.p.receive(1, PATH, certified(start, [0, 1, 2]))
    for (const batch of [A, B]) one.p.receive(1, BODIES, body(batch))
    one.p.receive(0, PATH, stable(2, A.digest, [0, 1, 2]))
    for (const batch of [A, B]) one.p.receive(2, BODIES, fetch(batch))
    expect(one.p.sentOf('BATCH')).toHaveLength(2)
  })
})

describe('H2: a certified start is shown to each new primary alone, and views change for ever', () => {
  /** Nobody has heard of it but member 0, which holds its certificate. */
  const hidden = startOf(1)

  function primary() {
    const one = member(2)
    one.p.receive(3, PATH, change(3, 2))
    one.p.receive(0, PATH, change(0, 2, [], hidden))
    // It wants view 2 by now: what is below is a proof, and no view to enter.
    one.p.receive(0, PATH, certified(hidden, [0, 1, 3]))
    expect(one.views).toEqual([])
    return one
  }

  test('who sends a NEW-VIEW first shows what each VIEW-CHANGE in it names', () => {
    const one = primary()
    const types = typesTo(one, 1)
    expect(types).toContain('NEW-VIEW')
    expect(types.slice(0, types.indexOf('NEW-VIEW'))).toContain('START')
  })

  test('and shows it after a restart too', () => {
    const one = primary()
    const again = oneMember(2, one.p.disk, 2)
    again.start()
    again.p.receive(1, PATH, status({ target: 2 }))
    const types = typesTo(again, 1)
    expect(types).toContain('NEW-VIEW')
    expect(types.slice(0, types.indexOf('NEW-VIEW'))).toContain('START')
  })

  test('a NEW-VIEW of which something was not shown waits, and is no fault', () => {
    const one = member()
    const changes = [change(0, 2, [], hidden), change(1, 2), change(2, 2)] as const
    for (const from of [1, 2] as const) one.p.receive(from, PATH, changes[from])
    one.p.receive(2, PATH, newView(startOf(2), ...changes))
    expect(one.p.sentOf('ACCEPT')).toEqual([])
    expect(one.p.sentOf('VIEW-CHANGE').every(({ message }) => message.view === 2)).toBe(true)
    one.p.receive(2, PATH, certified(hidden, [0, 1, 3]))
    expect(one.p.sentOf('ACCEPT')).toHaveLength(3)
    expect(one.p.faults).toEqual([])
  })
})

describe('H4: what was lost with its session is never said again', () => {
  /** Member 3 in its change to view 1, of which member 1 has begun nothing yet. */
  function changing() {
    const one = member()
    one.p.receive(0, PATH, proposal(0, 1, A))
    for (const from of [1, 2]) one.p.receive(from, PATH, change(from, 1))
    return one
  }
  /** What is told to who says so in a new session. */
  function told(one: One, said: ReturnType<typeof status>) {
    one.p.endSession(2)
    one.p.startSession(2)
    const mark = one.p.sent.length
    one.p.receive(2, PATH, said)
    return one.p.sent.slice(mark).map(({ message }) => message.type)
  }

  test('the own VIEW-CHANGE', () => expect(told(changing(), status({ target: 1 }))).toContain('VIEW-CHANGE'))

  test('the own ACCEPT', () => {
    const one = member()
    beginsWithA(one)
    one.p.receive(1, BODIES, body(A))
    expect(told(one, status({ target: 1 }))).toContain('ACCEPT')
  })

  test('the NEW-VIEW', () => {
    const one = member(1)
    for (const from of [0, 2]) one.p.receive(from, PATH, change(from, 1))
    expect(told(one, status({ target: 2 }))).not.toContain('NEW-VIEW')
    expect(told(one, status({ target: 1 }))).toContain('NEW-VIEW')
  })

  test('own CHECKPOINTs, COMMITTED, votes, and requests that wait (known failure 14)', () => {
    const one = member()
    for (const [index, batch] of [A, B].entries()) {
      one.p.receive(0, PATH, proposal(0, index + 1, batch))
      for (const type of ['PREPARE', 'COMMIT'] as const)
        for (const from of [1, 2]) one.p.receive(from, PATH, vote(type, 0, index + 1, batch.digest))
    }
    expect(one.executed).toHaveLength(2)
    one.p.receive(2, 'replica', { type: 'REQUEST', envelope: request(2, 2, 'c') })
    one.p.endSession(0)
    one.p.startSession(0)
    const mark = one.p.sent.length
    one.p.receive(0, PATH, status())
    const types = new Set(one.p.sent.slice(mark).map(({ message }) => message.type))
    expect([...types].sort()).toEqual(['CHECKPOINT', 'COMMIT', 'COMMITTED', 'PREPARE', 'RELAY'])
  })

  test('VIEW-CHANGEs in a NEW-VIEW count as if they had come from their signers', () => {
    const one = member()
    const changes = [change(0, 1), change(1, 1), change(2, 1)] as const
    one.p.receive(1, PATH, newView(startOf(1), ...changes))
    expect(one.p.sentOf('VIEW-CHANGE')).toHaveLength(3)
    expect(one.p.sentOf('ACCEPT')).toHaveLength(3)
  })
})

describe('H6: an idle group changes views for ever', () => {
  test('in a new view in which nothing waits no timer runs (known failure 17)', () => {
    const one = member()
    for (const from of [1, 2]) one.p.receive(from, PATH, change(from, 1))
    one.p.receive(1, PATH, certified(startOf(1), [0, 1, 2]))
    expect(one.views).toEqual([1])
    const mark = one.p.sent.length
    one.p.passTime(60_000)
    expect(since(one, mark, 'VIEW-CHANGE')).toEqual([])
  })

  test('before a quorum wants to change too no timer runs either', () => {
    const one = member()
    one.p.receive(2, 'replica', { type: 'REQUEST', envelope: request(2, 1, 'b') })
    one.p.passTime(60_000)
    expect(one.p.sentOf('VIEW-CHANGE').map(({ message }) => message.view)).toEqual([1, 1, 1])
  })
})

describe('H12: a body that was asked for once is not asked for, or not handed over, again', () => {
  test('a question for what a start selects is not dropped when something becomes stable', () => {
    const one = member()
    beginsWithA(one)
    one.p.receive(0, PATH, stable(2, B.digest, [0, 1, 2]))
    const mark = one.p.sent.length
    one.p.passTime(5000)
    expect(since(one, mark, 'FETCH').length).toBeGreaterThan(0)
  })

  test('it is handed over again in the same session', () => {
    const one = member()
    one.p.receive(0, PATH, proposal(0, 1, A))
    for (let times = 1; times <= 2; times++) {
      one.p.receive(2, BODIES, fetch(A))
      expect(one.p.sentOf('BATCH')).toHaveLength(times)
    }
  })
})

describe('H17: who leaves a view alone hands its vote to the liars', () => {
  /** With a broken signature: it may not be ordered. */
  const forged = Uint8Array.from(request(1, 1, 'a'))
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1

  test('who is shown a bad batch stays, and executes what the others say', () => {
    const one = member()
    one.p.receive(0, PATH, proposal(0, 1, batchOf(forged)))
    one.p.receive(0, PATH, proposal(0, 2, A))
    expect(one.p.sentOf('PREPARE').map(({ message }) => message.sequence)).toEqual([2, 2, 2])
    expect(one.p.sentOf('VIEW-CHANGE')).toEqual([])
    for (const from of [1, 2]) one.p.receive(from, PATH, { type: 'COMMITTED', sequence: 1, digest: B.digest })
    one.p.receive(1, BODIES, body(B))
    expect(one.executed.map(({ sequence }) => sequence)).toEqual([1])
    expect(one.p.sentOf('VIEW-CHANGE')).toEqual([])
  })
})

describe('H11: an envelope that fits no batch deposes every primary', () => {
  test('the longest request fits a batch, alone', () => {
    const one = batchOf(new Uint8Array(ENVELOPE_BYTES_MAX))
    expect(one.batch.length).toBeLessThanOrEqual(BATCH_BYTES_MAX)
  })

  test('a longer one is no message at all', () => {
    const one = member(0)
    const envelope = new Uint8Array(ENVELOPE_BYTES_MAX + 1)
    expect(() => one.p.receive(1, PATH, { type: 'RELAY', envelope })).toThrow()
  })
})
