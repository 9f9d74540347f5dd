/** Trace files of strangers: what is repeated of one is bounded by what stands in it. */
import { describe, expect, test } from 'vitest'
import { broadcastRequest } from '../../src/laboratory/abstractions/broadcasts.ts'
import { EVENT_FIELDS } from '../../src/laboratory/event-file.ts'
import { recordRun } from '../../src/laboratory/recording.ts'
import {
  readEvents,
  repeatEdited,
  repeatTrace,
  TRACE_DEPTH_MAX,
  TraceReader,
  writeTrace
} from '../../src/laboratory/trace-file.ts'
import { TraceDigest } from '../../src/simulator/digest.ts'
import { Scheduler } from '../../src/simulator/scheduler.ts'
import { extent } from '../extent.ts'

type Line = { [name: string]: never } & { setup?: object; choice?: { kind: string } }

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
      crypto: 'symbolic'
    },
    1
  ).acted,
  (line) => lines.push(line)
)

const withSetup = (changes: object) => {
  const header = JSON.parse(lines[0]!) as Line
  return vouched([JSON.stringify({ ...header, setup: { ...header.setup, ...changes } }), ...lines.slice(1)])
}
const withChoice = (choice: object) => vouched([lines[0]!, JSON.stringify({ choice }), ...lines.slice(1)])

/** With a last line that vouches for the others as they are now: what a stranger can write. */
function vouched(of: readonly string[]): string[] {
  const digest = new TraceDigest()
  const end = of.at(-1)!.replace(/,"linesDigest":"[0-9a-f]*"\}$/, '}')
  for (const line of [...of.slice(0, -1), end]) digest.addText(line)
  return [...of.slice(0, -1), `${end.slice(0, -1)},"linesDigest":"${digest.hex()}"}`]
}

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
    expect(steps).toBeGreaterThan(500)
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
    const { outcome } = stepsOf(withChoice(broadcastRequest(0, 1, 0, 1_000_000)))
    expect(outcome).toMatch(
      /^TraceFileError: file: the run cannot be repeated: a payload has at most 65536 bytes/
    )
  })
})

/** The same, of a protocol that is not known here: all that can be known of it is what stands in it. */
const ofOwn = (of: readonly string[]) => [
  of[0]!.replace('"protocol":"double-echo"', '"protocol":"my-own"'),
  ...of.slice(1)
]

describe('an edited trace', () => {
  // A short run that liars break, so that there is something to whitewash.
  const lied: string[] = []
  const { acted } = recordRun(
    {
      protocol: 'double-echo',
      members: 4,
      faults: 1,
      byzantine: 2,
      adversary: 'equivocate',
      links: 'ideal',
      crypto: 'symbolic'
    },
    5
  )
  const schedule = acted.schedule.filter(({ kind }, at) => kind === 'act' || at % 40 === 0)
  writeTrace({ setup: { ...acted.setup, livenessMs: 100 }, schedule }, (line) => lied.push(line))
  const shown = (of: readonly string[]) => readEvents('file', read(of))
  const recorded = vouched(ofOwn(lied))
  const kindAt = (of: readonly string[], at: number) => Object.keys(JSON.parse(of[at]!))[0]
  // One line of each kind, and of each kind of choice.
  const kinds = new Map(
    lied.map((line, at) => [(JSON.parse(line) as Line).choice?.kind ?? kindAt(lied, at), at])
  )

  test('control: as it was written, it is shown and repeated; it has every kind of line', () => {
    expect(shown(recorded).length).toBeGreaterThan(100)
    expect(JSON.parse(recorded.at(-1)!).violations).not.toEqual([])
    expect([...kinds.keys()]).toEqual(expect.arrayContaining(['format', 'act', 'delay', 'time', 'kind']))
    repeatTrace('file', read(lied), () => {})
  })

  test.each([...kinds])('with another number in a line of kind %s is refused', (_, at) => {
    for (const whole of [lied, recorded]) {
      const line = whole[at]!
      const changed = [...line.matchAll(/[:[]\d+[,}\]]/g)].map(
        ({ index, 0: found }) =>
          `${line.slice(0, index)}${found.replace(/\d+/, (digits) => String(Number(digits) ^ 1))}${line.slice(index + found.length)}`
      )
      expect(changed.length).toBeGreaterThan(0)
      for (const other of changed) expect(() => read(whole.with(at, other)), other).toThrow(/^file: /)
    }
  })

  test('without any one of its lines, with one twice, or with two of them exchanged is refused', () => {
    // Of each kind of line there are many.
    const step = extent(9, 1)
    for (let at = 0; at < recorded.length; at += at < step || recorded.length - at <= step ? 1 : step) {
      const line = recorded[at]!
      const next = recorded[at + 1]
      expect(() => read(recorded.toSpliced(at, 1)), `without line ${at}`).toThrow(/^file: /)
      expect(() => read(recorded.toSpliced(at, 0, line)), `line ${at} twice`).toThrow(/^file: /)
      if (next !== undefined && next !== line)
        expect(() => read(recorded.with(at, next).with(at + 1, line)), `line ${at} later`).toThrow(/^file: /)
    }
  })

  test('with other violations, or as whose liar was another one, is refused, in one line that says so', () => {
    const last = recorded.at(-1)!
    for (const [from, to] of [
      [/"violations":\[.*\],/, '"violations":[],'],
      [/"property":"consistency"/, '"property":"totality"'],
      [/"digest":"./, '"digest":"']
    ] as const) {
      const changed = last.replace(from, to)
      expect(changed).not.toBe(last)
      expect(() => read(recorded.with(-1, changed))).toThrow(
        'file: edited: its setup, its choices or what was violated are not those that its last line vouches for'
      )
    }
    const header = recorded[0]!.replace(/"byzantine":\[[\d,]+\]/, '"byzantine":[]')
    expect(() => read(recorded.with(0, header))).toThrow('file: edited: its setup')
  })

  test('without the digest of its lines, as older files are, is run again, but not shown as recorded', () => {
    const older = (of: readonly string[]) => of.with(-1, of.at(-1)!.replace(/,"linesDigest":"[0-9a-f]*"/, ''))
    expect(repeatTrace('file', read(older(lied)), () => {}).violations).not.toEqual([])
    expect(() => shown(older(recorded))).toThrow(
      'file: its last line has no linesDigest, so nothing says that it was not edited: --protocol FILE runs it again'
    )
  })

  test('is run as it is now where somebody says that it was edited', () => {
    const edited = lied.filter((line) => (JSON.parse(line) as Line).choice?.kind !== 'act')
    expect(() => read(edited)).toThrow('file: edited: ')
    const reader = new TraceReader('file', { edited: true })
    for (const line of edited) reader.line(line)
    const { violations } = repeatEdited('file', reader.end(), () => {})
    expect(violations.map(({ property }) => property)).toEqual(['validity'])
    expect(JSON.parse(lied.at(-1)!).violations).toMatchObject([{ property: 'consistency' }])
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
    ['x'.repeat(10 ** 6), 1]
  ])('the option %s of %d', (name, value) => {
    expect(() => read(withSetup({ options: { [name]: value } }))).toThrow(/^file: line 1: options.{1,500}$/)
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
  const own = vouched(ofOwn(lines))

  /** The trace with this event alone, and a last line that vouches for it. */
  function withEvent(event: string): string[] {
    const digest = new TraceDigest()
    digest.addText(event)
    const end = { kind: 'end', digest: '00', events: 1, eventsDigest: digest.hex(), violations: [] }
    return vouched([own[0]!, event, JSON.stringify(end)])
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
    '{"time":1,"process":0,"kind":"indicate","service":"broadcast","name":"deliver","values":"text"}',
    '{"time":1,"process":0,"kind":"invoke","service":"x","name":"y","number":-1,"arguments":{}}',
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
