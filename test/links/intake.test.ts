/** What a process takes in of its peers, and when: by shares of a turn, within budgets, in order. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { ProcessId } from '../../src/core/group.ts'
import {
  HELD_BYTES_MAX,
  INTAKE_PRESSED_BYTES,
  PEER_WORK_BURST_US,
  PEER_WORK_US_PER_SECOND,
  TURN_BYTES_MAX,
  TURN_MESSAGES_MAX,
  TURN_WORK_US_MAX,
  WORK_US
} from '../../src/links/constants.ts'
import { Intake } from '../../src/links/intake.ts'
import { type TestEnvironment, testEnvironment } from '../core/environment.ts'
import { VirtualTime } from './virtual-time.ts'

let time: VirtualTime
let environment: TestEnvironment
let intake: Intake
/** In the order of handling: peer and number, and in which turn. */
let handled: { readonly from: ProcessId; readonly number: number; readonly turn: number }[]
let pressed: string[]
let turn: number
/** What a message does beside being counted. */
let work: (from: ProcessId, number: number) => void

beforeEach(() => {
  time = new VirtualTime()
  environment = testEnvironment()
  handled = []
  pressed = []
  turn = 0
  work = () => {}
  const { env, process } = environment
  process.onTurnEnd(() => turn++)
  intake = new Intake(
    { ...env, clock: time.clock((handler) => process.input(handler)) },
    {
      take: (from, message) => {
        const number = new DataView(message.buffer).getUint32(0)
        handled.push({ from, number, turn })
        work(from, number)
      },
      pressed: (peer, isPressed) => pressed.push(`${peer} ${isPressed ? 'pressed' : 'free'}`)
    }
  )
})

const message = (number: number, length = 4): Uint8Array => {
  const bytes = new Uint8Array(length)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

/** So many messages of a peer come in one turn, as a frame brings them: an event each. */
const arrive = (from: ProcessId, count: number, length = 4, first = 0) =>
  environment.process.input(() => {
    for (let i = 0; i < count; i++) {
      environment.process.trigger(() => intake.arrived(from, message(first + i, length)))
    }
  })

const numbersOf = (peer: ProcessId) => handled.filter(({ from }) => from === peer).map(({ number }) => number)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

/** How many messages of the peer each turn has handled. */
const byTurn = (peer: ProcessId) => {
  const counts = new Map<number, number>()
  for (const each of handled) {
    if (each.from === peer) counts.set(each.turn, (counts.get(each.turn) ?? 0) + 1)
  }
  return [...counts.values()]
}

describe('bounded turns', () => {
  it('what comes within a share is handled in the turn in which it came', () => {
    arrive(1, 100)
    arrive(2, 100)
    expect(byTurn(1)).toEqual([100])
    expect(byTurn(2)).toEqual([100])
    expect(intake.takenIn.map(({ taken, waited }) => [taken, waited])).toEqual([
      [100, 0],
      [100, 0]
    ])
  })

  it('no turn handles more messages of a peer than a share, and all of them are handled, in order', () => {
    const count = 5 * TURN_MESSAGES_MAX + 3
    arrive(1, count)
    expect(handled).toHaveLength(TURN_MESSAGES_MAX)
    time.advance(1)
    expect(numbersOf(1)).toEqual(upTo(count))
    expect(Math.max(...byTurn(1))).toBe(TURN_MESSAGES_MAX)
  })

  it('nor more bytes, but for the message that exceeds them', () => {
    const length = TURN_BYTES_MAX / 4 + 1
    arrive(1, 13, length)
    expect(handled).toHaveLength(4)
    time.advance(1)
    expect(byTurn(1)).toEqual([4, 4, 4, 1])
    expect(numbersOf(1)).toEqual(upTo(13))
  })

  it('nor more work, but for the message that exceeds it', () => {
    work = (from) => intake.charge(from, TURN_WORK_US_MAX / 2)
    arrive(1, 5)
    time.advance(1)
    expect(byTurn(1)).toEqual([2, 2, 1])
  })

  it('a message that comes while others of its peer wait is handled after them', () => {
    arrive(1, TURN_MESSAGES_MAX + 10)
    arrive(1, 5, 4, TURN_MESSAGES_MAX + 10)
    time.advance(1)
    expect(numbersOf(1)).toEqual(upTo(TURN_MESSAGES_MAX + 15))
  })

  it('what comes while a turn serves those that wait is handled after them', () => {
    const count = TURN_MESSAGES_MAX + 5
    work = (from, number) => {
      if (number === count - 1) environment.process.trigger(() => intake.arrived(from, message(count)))
    }
    arrive(1, count)
    time.advance(1)
    expect(numbersOf(1)).toEqual(upTo(count + 1))
  })
})

describe('no starvation', () => {
  it('the messages of another peer are handled in the turn in which they came, whoever floods', () => {
    arrive(1, 10 * TURN_MESSAGES_MAX)
    arrive(2, 7)
    expect(numbersOf(2)).toEqual(upTo(7))
    expect(numbersOf(1)).toHaveLength(TURN_MESSAGES_MAX)
  })

  it('of two that flood, each gets a share for a share of the other', () => {
    arrive(1, 8 * TURN_MESSAGES_MAX)
    arrive(2, 8 * TURN_MESSAGES_MAX)
    time.advance(1)
    const runs: ProcessId[] = []
    for (const { from } of handled) if (runs.at(-1) !== from) runs.push(from)
    expect(runs.slice(0, 10)).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2])
  })
})

describe('budget', () => {
  const costly = PEER_WORK_BURST_US / 10

  it('who has spent it waits until time has filled it, and nobody else does', () => {
    work = (from) => {
      if (from === 1) intake.charge(from, costly)
    }
    arrive(1, 1000)
    time.advance(0)
    const atOnce = numbersOf(1).length
    expect(atOnce).toBe(10)
    arrive(2, 50)
    expect(numbersOf(2)).toEqual(upTo(50))
    time.advance(10_000)
    const each = costly + WORK_US.message
    const affordable = (10 * PEER_WORK_US_PER_SECOND) / each
    expect(numbersOf(1).length - atOnce).toBeGreaterThanOrEqual(Math.floor(affordable) - 1)
    expect(numbersOf(1).length - atOnce).toBeLessThanOrEqual(Math.ceil(affordable) + 1)
    time.advance(100_000)
    expect(numbersOf(1)).toEqual(upTo(1000))
  })

  it('a message costs something whatever it says', () => {
    const affordable = PEER_WORK_BURST_US / WORK_US.message
    for (let i = 0; i < 2 * affordable; i += 1000) arrive(1, 1000, 4, i)
    time.advance(1)
    expect(handled.length).toBeGreaterThanOrEqual(affordable)
    expect(handled.length).toBeLessThan(1.01 * affordable)
  })

  it('what was of use costs nothing in the end', () => {
    work = (from) => {
      intake.charge(from, costly)
      intake.earn(from, costly + WORK_US.message)
    }
    arrive(1, 1000)
    time.advance(1)
    expect(numbersOf(1)).toEqual(upTo(1000))
  })
})

describe('what is owed to a peer', () => {
  it('nothing more is taken in of it while more than HELD_BYTES_MAX for it wait for the disk', () => {
    work = (from) => intake.held(from, HELD_BYTES_MAX / 4)
    arrive(1, 20)
    time.advance(1000)
    expect(handled).toHaveLength(5)
    arrive(2, 3)
    expect(numbersOf(2)).toHaveLength(3)
    work = () => {}
    environment.process.input(() => intake.held(1, -(5 * HELD_BYTES_MAX) / 4))
    time.advance(1)
    expect(numbersOf(1)).toEqual(upTo(20))
  })
})

it('a message that waits keeps nothing of what it came in', () => {
  const frame = new Uint8Array(100_000)
  const buffers: number[] = []
  const watched = new Intake(
    { ...environment.env, clock: time.clock((handler) => environment.process.input(handler)) },
    { take: (_, { buffer }) => buffers.push(buffer.byteLength), pressed() {} }
  )
  environment.process.input(() => {
    watched.charge(1, TURN_WORK_US_MAX)
    watched.arrived(1, frame.subarray(0, 4))
  })
  time.advance(1000)
  expect(buffers).toEqual([4])
})

describe('a peer of whom much waits', () => {
  const many = 2 + INTAKE_PRESSED_BYTES / 4096 + TURN_BYTES_MAX / 4096

  it('is to be read no more until half of it is taken', () => {
    work = (from) => intake.charge(from, PEER_WORK_BURST_US)
    arrive(1, many, 4096)
    expect(pressed).toEqual(['1 pressed'])
    time.advance(2000)
    expect(pressed).toEqual(['1 pressed'])
    work = () => {}
    time.advance(2000)
    expect(pressed).toEqual(['1 pressed', '1 free'])
    expect(numbersOf(1)).toEqual(upTo(many))
  })

  it('is forgotten with its session, and free', () => {
    work = (from) => intake.charge(from, PEER_WORK_BURST_US)
    arrive(1, many, 4096)
    environment.process.input(() => intake.ended(1))
    expect(pressed).toEqual(['1 pressed', '1 free'])
    expect(intake.takenIn[0]?.waiting).toBe(0)
    time.advance(10_000)
    expect(handled).toHaveLength(1)
  })

  it('has its budget still to wait for in a new session', () => {
    work = (from) => intake.charge(from, 10 * PEER_WORK_BURST_US)
    arrive(1, 2)
    environment.process.input(() => intake.ended(1))
    arrive(1, 2, 4, 100)
    time.advance(1000)
    expect(numbersOf(1)).toEqual([0])
    time.advance(10_000)
    expect(numbersOf(1)).toEqual([0, 100, 101])
  })
})
