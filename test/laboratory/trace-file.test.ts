/** Trace files of strangers: what is repeated of one is bounded by what stands in it. */
import { describe, expect, test } from 'vitest'
import { EVENT_FIELDS } from '../../src/laboratory/event-file.ts'
import { recordRun } from '../../src/laboratory/recording.ts'
import {
  readEvents,
  repeatTrace,
  TRACE_DEPTH_MAX,
  TraceReader,
  writeTrace
} from '../../src/laboratory/trace-file.ts'
import { TraceDigest } from '../../src/simulator/digest.ts'
import { Scheduler } from '../../src/simulator/scheduler.ts'

type Line = { [name: string]: never } & { setup?: object; choice?: object }

const lines: string[] = []
writeTrace(
  recordRun(
    {
      protocol: 'double-echo',
      members: 4,
      faults: 1,
      byzantine: 0,
      adversary: null,
      links: 'real',
      crypto: 'symbolic',
      signedSend: false
    },
    1
  ).acted,
  (line) => lines.push(line)
)

const withSetup = (changes: object) => {
  const header = JSON.parse(lines[0]!) as Line
  return [JSON.stringify({ ...header, setup: { ...header.setup, ...changes } }), ...lines.slice(1)]
}
const withChoice = (choice: object) => [lines[0]!, JSON.stringify({ choice }), ...lines.slice(1)]

function read(of: readonly string[]) {
  const reader = new TraceReader('file')
  for (const line of of) reader.line(line)
  return reader.end()
}

function stepsOf(of: readonly string[]): { steps: number; outcome: string } {
  const { step } = Scheduler.prototype
  let steps = 0
  Scheduler.prototype.step = function (until) {
    steps++
    return step.call(this, until)
  }
  try {
    repeatTrace('file', read(of), () => {})
    return { steps, outcome: 'repeated' }
  } catch (error) {
    return { steps, outcome: String(error) }
  } finally {
    Scheduler.prototype.step = step
  }
}

describe('a run that is not that of its file', () => {
  test('control: as it was written, it is repeated', () => {
    const { steps, outcome } = stepsOf(lines)
    expect(outcome).toBe('repeated')
    expect(steps).toBeGreaterThan(1000)
  })

  test.each([
    ['twenty members, for two days', withSetup({ members: 20, faults: 6, livenessMs: 86_400_000 })],
    ['another seed', withSetup({ seed: Number.MAX_SAFE_INTEGER })],
    ['the widest windows', withSetup({ options: { windowInstances: 2 ** 16, retentionCountMax: 2 ** 32 } })],
    ['a clock half as fast again', withChoice({ kind: 'clock', process: 0, offsetMs: 0, driftPpm: 500_000 })],
    [
      'a member that is down until after the end',
      withChoice({ kind: 'crash', process: 0, at: 0, until: 2 ** 40 })
    ]
  ])('with %s is not followed beyond the first event that differs', (_, changed) => {
    const { steps: whole } = stepsOf(lines)
    const { steps, outcome } = stepsOf(changed)
    expect(outcome).toMatch(/^TraceFileError: file: the run cannot be repeated: /)
    expect(steps).toBeLessThan(whole + 10_000)
  })

  test('asks for what its stack refuses: that is said of the file', () => {
    const { outcome } = stepsOf(
      withChoice({ kind: 'broadcast', process: 0, number: 1, at: 0, bytes: 1_000_000 })
    )
    expect(outcome).toMatch(
      /^TraceFileError: file: the run cannot be repeated: a payload has at most 65536 bytes/
    )
  })
})

describe('refused as it is read', () => {
  test.each([
    [
      'a clock that runs a million times faster',
      { kind: 'clock', process: 0, offsetMs: 0, driftPpm: 10 ** 12 }
    ],
    ['a clock that runs backwards', { kind: 'clock', process: 0, offsetMs: 0, driftPpm: -1_000_001 }],
    ['a clock that stands', { kind: 'clock', process: 0, offsetMs: 0, driftPpm: -1_000_000 }],
    ['a clock off by ages', { kind: 'clock', process: 0, offsetMs: 2 ** 53 - 1, driftPpm: 0 }],
    ['a jump of the clock by ages', { kind: 'clock-jump', process: 0, at: 1, ms: -(2 ** 53 - 1) }],
    ['a time beyond every run', { kind: 'end-session', a: 0, b: 1, at: 2 ** 53 - 1 }],
    ['a partition for ever', { kind: 'partition', at: 0, until: 2 ** 53 - 1, side: [0], oneWay: true }],
    [
      'a side of a partition that nobody can count',
      { kind: 'partition', at: 0, until: 1, side: new Array(1000).fill(0), oneWay: true }
    ],
    ['a delay beyond every run', { kind: 'delay', from: 0, to: 1, number: 1, us: 2 ** 53 - 1 }],
    ['a name as long as a file', { kind: 'x'.repeat(10 ** 6) }]
  ])('%s', (_, choice) => {
    expect(() => read(withChoice(choice))).toThrow(/^file: line 2: .{1,200}$/)
  })

  test.each([
    ['windowInstances', 2 ** 32],
    ['payloadBytesMax', 2 ** 32],
    ['windowInstances', 0],
    ['signedSend', 1],
    ['x'.repeat(10 ** 6), 1]
  ])('the option %s of %d', (name, value) => {
    expect(() => read(withSetup({ options: { [name]: value } }))).toThrow(/^file: line 1: options.{1,300}$/)
  })

  test('what is nested too deeply', () => {
    const deep = (depth: number) =>
      `{"time":1,"process":0,"kind":"landmark","name":${'['.repeat(depth)}${']'.repeat(depth)}}`
    const reader = new TraceReader('file')
    reader.line(lines[0]!)
    reader.line(deep(TRACE_DEPTH_MAX - 1))
    for (const depth of [TRACE_DEPTH_MAX, 10 ** 5])
      expect(() => reader.line(deep(depth))).toThrow('nested deeper than 100')
  })
})

describe('events of a protocol that is not known here', () => {
  const own = [lines[0]!.replace('"protocol":"double-echo"', '"protocol":"my-own"'), ...lines.slice(1)]

  /** The trace with this event alone, and a last line that vouches for it. */
  function withEvent(event: string): string[] {
    const digest = new TraceDigest()
    digest.addText(event)
    const end = { kind: 'end', digest: '00', events: 1, eventsDigest: digest.hex(), violations: [] }
    return [own[0]!, event, JSON.stringify(end)]
  }
  const shown = (event: string) => readEvents('file', read(withEvent(event)))

  test('control: those of a run are read, of every kind that it has', () => {
    const events = readEvents('file', read(own))
    expect(new Set(events.map(({ kind }) => kind)).size).toBeGreaterThan(8)
    for (const { kind } of events) expect(EVENT_FIELDS).toHaveProperty(kind)
  })

  test.each([
    '{"time":-1,"process":0,"kind":"crash"}',
    '{"time":9007199254740991,"process":0,"kind":"crash"}',
    '{"time":1,"process":4,"kind":"crash"}',
    '{"time":1,"process":0,"kind":"constructor"}',
    '{"time":1,"process":0}',
    '{"time":1,"process":0,"kind":"crash","more":1}',
    '{"time":1,"process":0,"kind":"stop"}',
    '{"time":1,"process":0,"kind":"stop","cause":{"hex":"00"}}',
    '{"time":1,"process":0,"kind":"send","id":1,"to":99,"path":"","message":1}',
    '{"time":1,"process":0,"kind":"send","id":1,"to":1,"path":""}',
    '{"time":1,"process":0,"kind":"deliver","sender":0,"sequence":1,"payload":"text","position":0}',
    '{"time":1,"process":0,"kind":"request","path":"x","name":"y","args":{}}',
    '{"time":1,"process":0,"kind":"fault","fault":null}',
    '{"time":1,"process":0,"kind":"fault","fault":{"process":0,"kind":"x","certainty":"y"}}',
    '{"hex":"00"}',
    '[]'
  ])('%s is refused', (event) => {
    expect(() => shown(event)).toThrow(/^file: event 1: .{1,200}$/)
  })

  test.each([
    ['[1]'],
    ['[{"property":1,"detail":"x","at":0}]'],
    ['[{"property":"x","detail":"y","at":-1}]'],
    ['[{"property":"x","detail":"y","at":0,"instance":5}]'],
    ['[{"property":"x","detail":"y","at":0,"starved":99}]']
  ])('violations that are none are refused: %s', (violations) => {
    const last = own.at(-1)!.replace('"violations":[]', `"violations":${violations}`)
    expect(() => read([...own.slice(0, -1), last])).toThrow(/^file: line \d+: (a )?violation/)
  })
})
