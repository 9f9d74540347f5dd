/** The properties of a replicated machine: a right history passes, and each rule is broken by itself, where it can be. */
import { describe, expect, it } from 'vitest'
import { checkReplicas, REPLICA_PROPERTIES } from '../../src/checkers/replicas.ts'
import { replicaService } from '../../src/replication/service.ts'
import type { History, HistoryEvent } from '../../src/simulator/history.ts'

const { name: service } = replicaService
const byte = (value: number) => Uint8Array.of(value)
const state = (value: number) => new Uint8Array(32).fill(value)

const submit = (process: number, number: number): HistoryEvent => ({
  time: 0,
  process,
  kind: 'invoke',
  service,
  name: 'submit',
  number,
  arguments: { command: byte(16 * process + number) }
})
const returned = (process: number, number: number, result: number): HistoryEvent => ({
  time: 0,
  process,
  kind: 'return',
  service,
  name: 'submit',
  number,
  result: { kind: 'result', result: byte(result) }
})

const command = (client: number, number: number, result: number) => ({
  client: state(client),
  process: client,
  session: 1,
  number,
  command: byte(16 * client + number),
  kind: 'result',
  result: byte(result)
})

const told = (
  process: number,
  name: string,
  values: Extract<HistoryEvent, { kind: 'indicate' }>['values']
): HistoryEvent => ({ time: 0, process, kind: 'indicate', service, name, values })

const numbered = (...commands: ReturnType<typeof command>[]) =>
  commands.map((one, index) => ({ index, ...one }))

const execute = (process: number, sequence: number, ...commands: ReturnType<typeof command>[]) =>
  told(process, 'execute', {
    sequence,
    batch: state(sequence),
    commands: numbered(...commands)
  })
const restart = (process: number): HistoryEvent[] => [
  { time: 0, process, kind: 'crash' },
  { time: 0, process, kind: 'restart' }
]

/** Of the commands that occur here. */
const RESULTS = new Map([
  [0x01, 1],
  [0x11, 2],
  [0x31, 3],
  [0x32, 4],
  [99, 1]
])

const judged = (events: readonly HistoryEvent[], changes: Partial<History> = {}) =>
  checkReplicas(
    { n: 4, f: 1, correct: [0, 1, 2], events, complete: true, ...changes },
    Object.keys(REPLICA_PROPERTIES),
    { machine: () => ({ apply: ([command = 0]) => byte(RESULTS.get(command) ?? 0) }) }
  ).map(({ property, detail, at }) => `${property} at ${at}: ${detail}`)

const ONE = command(0, 1, 1)
const TWO = command(1, 1, 2)
const THREE = command(3, 1, 3)

/** Two commands, one after the other, and one of the Byzantine member; member 2 comes back, and executes again. */
const RIGHT: readonly HistoryEvent[] = [
  submit(0, 1),
  execute(0, 1, ONE),
  returned(0, 1, 1),
  submit(1, 1),
  execute(1, 1, ONE),
  execute(1, 2, TWO, THREE),
  returned(1, 1, 2),
  execute(2, 1, ONE),
  execute(2, 2, TWO, THREE),
  told(2, 'checkpoint', { sequence: 2, state: state(9) }),
  ...restart(2),
  execute(2, 2, TWO, THREE),
  execute(0, 2, TWO, THREE),
  told(0, 'stable', { sequence: 2, state: state(9) }),
  told(0, 'view', { view: 1 })
]

it('a right history passes', () => expect(judged(RIGHT)).toEqual([]))

const without = (...at: readonly number[]) => RIGHT.filter((_, index) => !at.includes(index))

describe('termination', () => {
  it('what does not return, of who is up', () => {
    expect(judged(without(6))).toEqual(['termination at 15: command 1 of member 1 never returned'])
    expect(judged(without(6), { complete: false })).toEqual([])
    expect(judged([...without(6), ...restart(1)])).toEqual([])
  })

  it('who is up, and does not execute what has returned', () => {
    expect(judged(without(13, 14))).toEqual([
      'termination at 14: member 0 never executed command 1 of member 1'
    ])
    expect(judged([...without(13, 14), { time: 0, process: 0, kind: 'crash' }])).toEqual([])
  })
})

it.each([5, 8, 13])('agreement: event %i, another batch at a number', (at) => {
  const { process } = RIGHT[at]!
  const other = told(process, 'execute', { sequence: 2, batch: state(7), commands: numbered(TWO, THREE) })
  expect(judged(RIGHT.with(at, other)).join('\n')).toContain('executed another batch at 2 than member')
})

it.each([1, 4, 7])('order: event %i, a hole', (at) => {
  const { process } = RIGHT[at]!
  const found = judged(RIGHT.with(at, execute(process, 2, TWO, THREE)))
  expect(found.join('\n')).toContain(`order at ${at}: member ${process} executed 2 after 0`)
})

it('order: a member that restarts goes on at most one after what it had executed', () => {
  const found = judged(RIGHT.with(12, execute(2, 4)))
  expect(found).toEqual(['order at 12: member 2 executed 4 after 2'])
})

it.each([1, 4, 7])('validity: event %i, what its client has not submitted', (at) => {
  const { process } = RIGHT[at]!
  const made = { ...ONE, number: 7, command: byte(99) }
  const found = judged(RIGHT.with(at, execute(process, 1, ONE, made)))
  expect(found).toEqual([
    `validity at ${at}: member ${process} executed command 7 of session 1 of member 0, which it had not submitted`
  ])
})

it('validity: a Byzantine member need not have submitted anything', () => {
  expect(judged(RIGHT.toSpliced(16, 0, execute(0, 3, command(3, 2, 4))))).toEqual([])
})

it.each([5, 8, 13])('exactly once: event %i, a command at a second place', (at) => {
  const { process } = RIGHT[at]!
  const found = judged(RIGHT.with(at, execute(process, 2, TWO, THREE, ONE)))
  expect(found).toContain(
    `exactly once at ${at}: member ${process} executed command 1 of session 1 of member 0 at 2/2, and at 1/0`
  )
})

describe('results', () => {
  it.each([8, 13])('event %i, another result of a command', (at) => {
    const { process } = RIGHT[at]!
    const found = judged(RIGHT.with(at, execute(process, 2, { ...TWO, result: byte(5) }, THREE)))
    expect(found).toContain(
      `results at ${at}: member ${process} has result 05 for command 1 of session 1 of member 1, and others result 02`
    )
  })

  it('another result for who submitted it', () => {
    const found = judged(RIGHT.with(6, returned(1, 1, 3)))
    expect(found).toEqual([
      'results at 6: command 1 of member 1 returned result 03, and it was executed with result 02'
    ])
  })

  it('a result that all members have, and the machine does not give', () => {
    const wrong = { ...TWO, result: byte(5) }
    const all = RIGHT.map((event) =>
      event.kind === 'indicate' && event.name === 'execute' && event.values.sequence === 2
        ? execute(event.process, 2, wrong, THREE)
        : event
    ).with(6, returned(1, 1, 5))
    expect(judged(all)).toEqual([
      'results at 16: the command at 2/0 was executed with result 05, where the machine gives result 02'
    ])
  })

  it('a command that its client is told was refused, and was executed', () => {
    const busy = { ...returned(1, 1, 2), result: { kind: 'busy', result: byte(2).slice(1) } }
    expect(judged(RIGHT.with(6, busy as HistoryEvent))).toEqual([
      'results at 6: command 1 of member 1 returned busy, and it was executed with result 02'
    ])
  })

  it('nothing is said of a command whose session was lost', () => {
    const lost = { ...returned(1, 1, 2), result: { kind: 'no-session', result: byte(2).slice(1) } }
    expect(judged(RIGHT.with(6, lost as HistoryEvent))).toEqual([])
  })

  it('another state after the same number', () => {
    const other = told(0, 'stable', { sequence: 2, state: state(8) })
    expect(judged(RIGHT.with(14, other))).toEqual([
      'results at 14: member 0 has another state after 2 than member 2'
    ])
  })
})

it.each([4, 7])(
  'real time: event %i, what began after another had returned, and was executed before it',
  (at) => {
    const { process } = RIGHT[at]!
    const early = execute(process, 1, TWO, ONE)
    expect(judged(RIGHT.with(at, early)).join('\n')).toContain(
      `real time at ${at}: command 1 of session 1 of member 1 is at 1/0, and 1/0 had returned before it began`
    )
  }
)

describe('a close', () => {
  const close = (kind: 'invoke' | 'return', session = 1): HistoryEvent => {
    const event = { time: 0, process: 1, service, name: 'closeSession', number: 2 } as const
    return kind === 'invoke'
      ? { ...event, kind, arguments: {} }
      : { ...event, kind, result: { session, refused: 0, unknown: 0 } }
  }
  const refused = {
    ...returned(1, 3, 0),
    result: { kind: 'closed', result: byte(0).slice(1) }
  } as HistoryEvent
  /** At the end another command was refused, and never executed. */
  const CLOSED = [...RIGHT, submit(1, 3), close('invoke'), refused, close('return')]

  it('passes, with what it has refused', () => expect(judged(CLOSED)).toEqual([]))

  it('that does not return, of who is up', () => {
    expect(judged(CLOSED.slice(0, -1))).toEqual(['termination at 19: close 2 of member 1 never returned'])
    expect(judged([...CLOSED.slice(0, -1), ...restart(1)])).toEqual([])
    expect(judged([...CLOSED.slice(0, -1), ...restart(0)])).toHaveLength(1)
  })

  it('that refuses what was executed before', () => {
    const lost = CLOSED.with(6, { ...refused, number: 1 } as HistoryEvent)
    expect(judged(lost)).toEqual([
      'results at 6: command 1 of member 1 returned closed, and it was executed with result 02'
    ])
  })

  it.each([0, 1, 2])('that refuses what member %i executes afterwards', (process) => {
    const late = execute(process, 3, { ...TWO, session: 2, number: 3, command: byte(0x13), result: byte(0) })
    expect(judged([...CLOSED, late])).toEqual([
      `results at 20: member ${process} executed command 3 of session 2 of member 1, and it had returned closed`
    ])
  })

  it('of a session that executes a command afterwards; and not if it did before, and others do later', () => {
    const early = [...RIGHT.slice(0, 6), submit(1, 3), close('invoke'), close('return'), ...RIGHT.slice(6)]
    expect(judged([...early, refused])).toEqual([])
    const late = execute(0, 3, { ...TWO, number: 3, command: byte(0x13), result: byte(0) })
    const lost = { ...refused, result: { kind: 'no-session', result: byte(0).slice(1) } } as HistoryEvent
    expect(judged([...CLOSED.with(18, lost), late])).toEqual([
      'results at 20: member 0 executed command 3 of session 1 of member 1, which had been closed'
    ])
  })
})

describe('a state that a member installs', () => {
  const installed = (process: number, sequence: number, value: number) =>
    told(process, 'install', { sequence, state: state(value), diverged: false })
  /** Member 0 has executed the first batch alone, and installs the state after the second. */
  const AWAY = RIGHT.with(13, installed(0, 2, 9))

  it('stands for what was executed before it', () => expect(judged(AWAY)).toEqual([]))

  it('does not stand for what comes after it', () => {
    const later = execute(1, 3, command(0, 2, 4))
    const events = [...AWAY, submit(0, 2), later, { ...later, process: 2 }, returned(0, 2, 4)]
    expect(judged(events).join()).toContain(
      'termination at 20: member 0 never executed command 2 of member 0'
    )
    expect(judged([...events, { ...later, process: 0 }])).not.toContain('termination')
  })

  it('is followed by the next number', () => {
    expect(judged([...AWAY, execute(0, 4)])).toEqual(['order at 16: member 0 executed 4 after 2'])
    expect(judged([...AWAY, execute(0, 3)])).toEqual([])
  })

  it('is that of the others', () => {
    expect(judged(RIGHT.with(13, installed(0, 2, 8)))).toContain(
      'results at 13: member 0 has another state after 2 than member 2'
    )
  })
})
