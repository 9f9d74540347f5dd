/**
 * Attacks on timers, on who is behind and on what is said of batches, found by hand and by model, each against the rule
 * that answers it: the number is that of the attack in the notes on the protocol.
 */
import { describe, expect, test } from 'vitest'
import { WAIT_TICKS } from '../../../src/consensus/pbft/constants.ts'
import { FIRST_STABLE, Progress } from '../../../src/consensus/pbft/progress.ts'
import { Waiting } from '../../../src/consensus/pbft/waiting.ts'
import { Solo } from '../../../src/laboratory/solo.ts'
import { batchOf, certified, oneMember, PATH, proposal, request, stable, status, vote } from './one-member.ts'

const A = batchOf(request(1, 1, 'a'))
const B = batchOf(request(2, 1, 'b'))
const BODIES = `${PATH}/batches`

function member(self = 3, disk?: Map<string, Uint8Array>, life = 1) {
  const one = oneMember(self, disk, life)
  one.start()
  return one
}
type One = ReturnType<typeof member>

const committed = (sequence: number, { digest }: typeof A) =>
  ({ type: 'COMMITTED', sequence, digest }) as const
const body = ({ digest, batch }: typeof A) => ({ type: 'BATCH', digest, batch }) as const
const asks = (one: One, client: number) =>
  one.p.receive(client, 'replica', { type: 'REQUEST', envelope: request(client, 1, 'x') })
const hasLeft = (one: One) => one.p.sentOf('VIEW-CHANGE').length > 0

/** Member 3 executes both, in the first view. */
function executeBoth(one: One) {
  for (const [index, batch] of [A, B].entries()) {
    one.p.receive(0, PATH, proposal(0, index + 1, batch))
    for (const type of ['PREPARE', 'COMMIT'] as const)
      for (const from of [1, 2]) one.p.receive(from, PATH, vote(type, 0, index + 1, batch.digest))
  }
  expect(one.executed.map(({ sequence }) => sequence)).toEqual([1, 2])
}

describe('H3: claims that differ switch every timer off', () => {
  test('who hears different claims is not behind, and leaves a primary that serves nobody (known failure 11)', () => {
    const one = member()
    asks(one, 2)
    one.p.receive(1, PATH, committed(1, A))
    one.p.receive(0, PATH, committed(2, B))
    one.p.passTime(1000)
    expect(hasLeft(one)).toBe(true)
  })

  test('who hears one claim of f + 1 is, and blames nobody', () => {
    const one = member()
    asks(one, 2)
    for (const from of [0, 1]) one.p.receive(from, PATH, committed(1, A))
    one.p.passTime(1000)
    expect(hasLeft(one)).toBe(false)
    one.p.receive(1, BODIES, body(A))
    one.p.passTime(1000)
    expect(hasLeft(one)).toBe(true)
  })

  test('who agrees that a later number was executed is not behind at the next one', () => {
    const one = member()
    asks(one, 2)
    for (const from of [0, 1]) one.p.receive(from, PATH, committed(2, B))
    one.p.passTime(1000)
    expect(hasLeft(one)).toBe(true)
  })

  test('COMMITTED is said of what was executed, not of what was committed', () => {
    const one = member()
    one.p.receive(0, PATH, proposal(0, 2, B))
    for (const type of ['PREPARE', 'COMMIT'] as const)
      for (const from of [1, 2]) one.p.receive(from, PATH, vote(type, 0, 2, B.digest))
    one.p.receive(1, PATH, status())
    expect(one.p.sentOf('COMMITTED')).toEqual([])
  })
})

describe('H5: a number that nobody waits for', () => {
  test('is waited for when f + 1 voted at it', () => {
    const one = member()
    one.p.receive(1, PATH, vote('PREPARE', 0, 1, A.digest))
    one.p.passTime(1000)
    expect(hasLeft(one)).toBe(false)
    one.p.receive(2, PATH, vote('PREPARE', 0, 1, A.digest))
    one.p.passTime(1000)
    expect(hasLeft(one)).toBe(true)
  })

  test('is waited for when the view began with it', () => {
    const one = member()
    one.p.receive(1, PATH, certified({ view: 1, stable: FIRST_STABLE, selected: [A.digest] }, [0, 1, 2]))
    expect(one.views).toEqual([1])
    one.p.passTime(1000)
    expect(hasLeft(one)).toBe(true)
  })
})

/** Timers alone: what waits is what the test says. */
function timers() {
  const waits = new Set<string>()
  let expired = 0
  const bounds = { checkpointEvery: 2, viewTimeoutMinMs: 100, viewTimeoutMaxMs: 1600 }
  const p = new Solo({
    members: 4,
    make: (env) => {
      const progress = new Progress(env, bounds)
      progress.serving = true
      return new Waiting({
        env,
        progress,
        isAnythingWaiting: () => waits.size > 0,
        waits: () => [...waits],
        isRequest: (name) => !name.startsWith('number'),
        isBehind: () => false,
        isChangeUnderWay: () => false,
        expired: () => expired++
      })
    }
  })
  const look = () => p.do((waiting) => waiting.look())
  return {
    p,
    window: 4,
    get expired() {
      return expired
    },
    get k() {
      return (p.component.state() as { readonly k: number }).k
    },
    asked(name: string) {
      waits.add(name)
      look()
    },
    answered(name: string) {
      waits.delete(name)
      p.do((waiting) => waiting.executed(1))
      look()
    },
    executed(held: number) {
      p.do((waiting) => waiting.executed(held))
    }
  }
}

describe('H7: the timeout goes up and down for ever', () => {
  function doubled(times: number) {
    const t = timers()
    t.asked('x')
    while (t.expired < times) t.p.passTime(50)
    t.answered('x')
    return t
  }

  test('it falls by one step when no wait was long for a window of batches, not to the least', () => {
    const t = doubled(3)
    expect(t.k).toBe(3)
    for (let batch = 0; batch < t.window; batch++) t.executed(1)
    expect(t.k).toBe(2)
  })

  test('batches without requests do not count', () => {
    const t = doubled(3)
    for (let batch = 0; batch < 10 * t.window; batch++) t.executed(0)
    expect(t.k).toBe(3)
  })

  test('it does not fall while waits are long beside the timeout below', () => {
    const t = doubled(3)
    for (let batch = 0; batch < 4 * t.window; batch++) {
      t.asked(`${batch}`)
      // Half of T(2), and a little.
      t.p.passTime((100 * 2 ** 2) / 2 + 10)
      t.asked('another')
      t.p.passTime(200)
      t.executed(1)
      t.answered(`${batch}`)
    }
    expect(t.k).toBeGreaterThanOrEqual(3)
  })

  test('it grows up to its cap (known failure 17)', () => {
    const t = doubled(8)
    expect(t.k).toBe(4)
  })
})

describe('H8: a dripping primary serves the oldest just in time, and the others ever later', () => {
  test('each request has a deadline of its own (known failures 11 and 17)', () => {
    const t = timers()
    for (const name of ['a', 'b', 'c']) t.asked(name)
    const tick = 100 / WAIT_TICKS
    t.p.passTime((WAIT_TICKS - 1) * tick + 1)
    t.answered('a')
    expect(t.expired).toBe(0)
    t.p.passTime(tick)
    expect(t.expired).toBe(1)
  })

  test.each([
    ['others were served meanwhile', 'a', 1, ['request-passed-over', 'timeout-doubled']],
    ['nobody was', 'a', 0, ['timeout-doubled']],
    ['what waits is no request', 'number 1', 1, ['timeout-doubled']]
  ])('who waited in vain says whether others were served: %s', (_, waits, held, landmarks) => {
    const t = timers()
    t.asked(waits)
    t.p.passTime(100 / WAIT_TICKS + 1)
    t.executed(held)
    t.p.passTime(100)
    expect(t.p.landmarks).toEqual(landmarks)
  })

  test('what came later has waited for less', () => {
    const t = timers()
    const tick = 100 / WAIT_TICKS
    t.asked('a')
    t.p.passTime((WAIT_TICKS - 1) * tick + 1)
    t.asked('b')
    t.answered('a')
    t.p.passTime(tick)
    expect(t.expired).toBe(0)
    t.p.passTime((WAIT_TICKS - 1) * tick)
    expect(t.expired).toBe(1)
  })
})

describe('H13: a late answer looks wrong', () => {
  test('a body that nobody asks for any more accuses nobody', () => {
    const one = member()
    one.p.receive(1, BODIES, body(A))
    expect(one.p.faults).toEqual([])
  })

  test('bytes that are not those of the digest beside them do', () => {
    const one = member()
    one.p.receive(1, BODIES, { ...body(A), batch: B.batch })
    expect(one.p.faults).toMatchObject([{ process: 1, certainty: 'certain' }])
  })
})

describe('H14: one digest, and bodies of which one is valid', () => {
  /** The same request, with another signature. */
  const other = Uint8Array.from(request(1, 1, 'a'))
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1

  test('the digest is of signatures too', () => {
    expect(batchOf(other).digest).not.toEqual(A.digest)
  })

  test('who hands the broken one over is named, and the good one is waited for', () => {
    const one = member()
    for (const from of [1, 2]) one.p.receive(from, PATH, committed(1, A))
    one.p.receive(1, BODIES, { ...body(A), batch: batchOf(other).batch })
    expect(one.p.faults.map(({ process }) => process)).toEqual([1])
    one.p.receive(2, BODIES, body(A))
    expect(one.executed.map(({ sequence }) => sequence)).toEqual([1])
  })
})

describe('H15: all stop, and nobody has the state of what is stable', () => {
  test('the state is on the disk before its checkpoint is signed', () => {
    const one = member()
    one.p.slow = true
    executeBothSlowly(one)
    expect(one.p.sentOf('CHECKPOINT')).toEqual([])
    one.p.sync()
    expect([...one.p.disk.keys()].some((key) => key.includes('/state/'))).toBe(true)
    expect(one.p.sentOf('CHECKPOINT')).toHaveLength(3)
  })

  test('who comes back alone has executed what it had, and hands its bodies over', () => {
    const one = member()
    executeBoth(one)
    const [own] = one.p.sentOf('CHECKPOINT')
    one.p.receive(0, PATH, stable(2, own?.message.digest as Uint8Array, [0, 1, 2]))
    const again = member(3, one.p.disk, 2)
    again.p.receive(2, PATH, status())
    expect(again.p.sentOf('COMMITTED').map(({ message }) => message.sequence)).toEqual([1, 2])
    for (const { digest } of [A, B]) again.p.receive(2, BODIES, { type: 'FETCH', digest })
    expect(again.p.sentOf('BATCH')).toHaveLength(2)
  })

  /** On a disk that takes its time: each step waits for the one before. */
  function executeBothSlowly(one: One) {
    const step = (does: () => void) => {
      does()
      one.p.sync()
      one.p.slow = true
    }
    for (const [index, batch] of [A, B].entries()) {
      step(() => one.p.receive(0, PATH, proposal(0, index + 1, batch)))
      for (const from of [1, 2])
        step(() => one.p.receive(from, PATH, vote('PREPARE', 0, index + 1, batch.digest)))
      one.p.receive(1, PATH, vote('COMMIT', 0, index + 1, batch.digest))
      const last = () => one.p.receive(2, PATH, vote('COMMIT', 0, index + 1, batch.digest))
      if (index === 0) step(last)
      else last()
    }
    expect(one.executed).toHaveLength(2)
  }
})

describe('H19: STATUS as an amplifier', () => {
  test('what was executed is told once in a session, whatever the other says of itself', () => {
    const one = member()
    executeBoth(one)
    for (const executed of [0, 1, 0, 1, 0, 2, 0]) one.p.receive(1, PATH, status({ executed }))
    expect(one.p.sentOf('COMMITTED').map(({ message }) => message.sequence)).toEqual([1, 2])
  })

  test('what the other says of itself rises in a session, or is not heard', () => {
    const one = member()
    executeBoth(one)
    for (const target of [0, 1]) one.p.receive(1, PATH, status({ target }))
    const mark = one.p.sent.length
    for (const target of [0, 1, 0, 1]) one.p.receive(1, PATH, status({ target }))
    expect(one.p.sent.slice(mark)).toEqual([])
  })

  test('all else is told once for what the other says of itself', () => {
    const one = member()
    executeBoth(one)
    one.p.receive(1, PATH, status())
    const mark = one.p.sent.length
    for (let times = 0; times < 5; times++) one.p.receive(1, PATH, status())
    expect(one.p.sent.slice(mark)).toEqual([])
  })
})
