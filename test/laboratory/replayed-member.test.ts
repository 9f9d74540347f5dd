/** A member is recorded while it runs in the simulator, and replayed from the recording alone. */
import { describe, expect, test } from 'vitest'
import { broadcastStacks as stacks } from '../../src/catalogue/index.ts'
import type { ProcessId } from '../../src/core/group.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { memberCrypto } from '../../src/crypto/member-crypto.ts'
import { MemberReplay, type Replayed, type ReplayInit } from '../../src/laboratory/replayed-member.ts'
import { requireBehaviour } from '../../src/laboratory/run-config.ts'
import { OBSERVATIONS } from '../../src/recording/observed.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import type { SimulationResult } from '../../src/simulator/simulation.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'
import { extent } from '../extent.ts'
import { runRegister } from '../registers/support.ts'
import { type RunChanges, runStack } from '../simulator/support.ts'

interface Life {
  readonly process: ProcessId
  readonly incarnation: number
  readonly lines: string[]
}

/** The recordings of all lives of the correct members of a run. */
function record(
  stack: string,
  members: number,
  seed: number,
  changes: RunChanges = {}
): { readonly lives: readonly Life[]; readonly result: SimulationResult } {
  const lives: Life[] = []
  const result = runStack(stack, members, seed, {
    recordLife: (process, incarnation) => {
      const lines: string[] = []
      lives.push({ process, incarnation, lines })
      return (line) => lines.push(line)
    },
    ...changes
  })
  return { lives, result }
}

/** What the test's signatures are checked with: no secret of the member is in it. */
const symbolic =
  (seed: number): NonNullable<ReplayInit['crypto']> =>
  (group) =>
    symbolicCrypto(group, seed, defaultBackend.sha256)(0)

function replay(lines: readonly string[], init: Partial<ReplayInit>): Replayed {
  const member = new MemberReplay({ name: 'file', ...init })
  for (const line of lines) member.line(line)
  return member.end()
}

const FAULTY = { broadcasts: 6, sessionEnds: 3, crashes: 2, syncFailurePpm: 20_000 } as const
/** So narrow that windows fill, and so little kept that who was away has gaps. */
const NARROW = { windowInstances: 2, retentionCountMax: 1 } as const
/** Of registers. */
const RUNS = extent(5, 12)
const LIAR = { byzantine: 1, behaviour: requireBehaviour('swarm') }

describe.each(stacks.map(({ name }) => name))('%s', (name) => {
  test('every life of every correct member is reproduced: crashes, ended sessions, a liar, narrow windows', () => {
    let again = 0
    for (let seed = 1; seed <= extent(4, 8); seed++) {
      const changes = { rates: FAULTY, options: seed % 4 < 2 ? NARROW : {}, ...(seed % 2 === 0 ? LIAR : {}) }
      const { lives } = record(name, 4 + (seed % 4), seed, changes)
      for (const { process, incarnation, lines } of lives) {
        if (incarnation > 1) again++
        const { difference, steps, ending } = replay(lines, { crypto: symbolic(seed) })
        // A crash leaves no end, as kill -9 does.
        expect({ seed, process, incarnation, difference, ending }).toEqual({
          seed,
          process,
          incarnation,
          difference: undefined,
          ending: 'none'
        })
        expect(steps).toBeGreaterThan(1)
      }
    }
    expect(again).toBeGreaterThan(0)
  })

  test('recording changes nothing', () => {
    const changes = { rates: FAULTY, ...LIAR }
    expect(record(name, 4, 3, changes).result.digest).toBe(runStack(name, 4, 3, changes).digest)
  })

  test('a replay tells the events that the run told of the member, in order', () => {
    const changes: RunChanges = { rates: { broadcasts: 4, sessionEnds: 2 }, options: NARROW, ...LIAR }
    const told: TraceEvent[] = []
    const { lives } = record(name, 4, 5, { ...changes, sink: (event) => told.push(event) })
    for (const { process, lines } of lives) {
      const events: TraceEvent[] = []
      replay(lines, { crypto: symbolic(5), sink: (event) => events.push(event) })
      const expected = told.filter((event) => event.process === process).flatMap(timeless)
      expect(expected.length).toBeGreaterThan(100)
      expect(events.flatMap(timeless)).toEqual(expected)
    }
  })
})

/**
 * Without the times, which are those of the member's own clock, and the numbers of messages, of which it knows its own;
 * requests are numbered in each life anew.
 */
function timeless(event: TraceEvent): object[] {
  if (event.kind === 'lost') return []
  const { time: _, ...rest } = event
  return [{ ...rest, id: undefined, number: undefined }]
}

test.each(['authenticated-data-register', 'double-write-register', 'logged-majority-voting-register'])(
  '%s: every life of members and clients is reproduced, with the operations that a later life finishes',
  (name) => {
    const lives: string[][] = []
    const asked = new Set<string>()
    const told = new Set<string>()
    for (let seed = 1; seed <= RUNS; seed++) {
      const changes: RunChanges = {
        rates: { crashes: 12, sessionEnds: 2, healMs: 1200 },
        crypto: (group, of) => symbolicCrypto(group, of, defaultBackend.sha256),
        recordLife: () => {
          const lines: string[] = []
          lives.push(lines)
          return (line) => lines.push(line)
        }
      }
      const first = lives.length
      runRegister(name, 6, seed, 6, changes)
      for (const lines of lives.slice(first)) {
        const sink = (event: TraceEvent) => {
          if (event.kind === 'invoke' || event.kind === 'return') asked.add(`${event.kind} ${event.name}`)
          if (event.kind === 'indicate') told.add(event.name)
        }
        expect(replay(lines, { crypto: symbolic(seed), sink }).difference).toBeUndefined()
      }
    }
    expect([...asked].sort()).toEqual(['invoke read', 'invoke write', 'return read', 'return write'])
    expect([...told]).toEqual(['resumed'])
    expect(lives.length).toBeGreaterThan(RUNS * 9)
  },
  120_000
)

test('the recorded runs reach everything that can be recorded', () => {
  const did = new Set<string>()
  const inputs = new Set<unknown>()
  const kinds = new Set<string>()
  for (const { name } of stacks) {
    for (let seed = 1; seed <= 4; seed++) {
      const options = seed % 2 === 0 ? NARROW : {}
      const { lives } = record(name, 4, seed, { rates: { ...FAULTY, crashes: 4 }, options, ...LIAR })
      for (const { lines } of lives) {
        replay(lines, {
          crypto: symbolic(seed),
          sink: (event) => kinds.add(event.kind === 'indicate' ? event.name : event.kind)
        })
        for (const line of lines) {
          const { input, did: observed = '' } = JSON.parse(line)
          inputs.add(input)
          for (const observation of observed) did.add(observation)
        }
      }
    }
  }
  expect([...did].sort()).toEqual(Object.keys(OBSERVATIONS).sort())
  expect(inputs).toEqual(
    new Set([
      undefined, // the header, and what was stored
      'build',
      'start',
      'continue',
      'receive',
      'session-started',
      'session-ended',
      'timer',
      'request'
    ])
  )
  expect([...kinds]).toEqual(expect.arrayContaining(['gap', 'deliver', 'fault', 'restart', 'landmark']))
})

test('with real links and real signatures: verified with public keys alone, none of them the secret one', () => {
  const secretOf = (rank: ProcessId) => new SeededRandom(9, `secret/${rank}`).bytes(32)
  const { lives } = record('signed-byzantine-reliable-channel', 4, 9, {
    rates: { broadcasts: 2, crashes: 1, lossPpm: 100_000 },
    links: 'real',
    crypto: (group) => (self) => memberCrypto(defaultBackend, group, secretOf(self)),
    publicKeys: (members) =>
      Array.from({ length: members }, (_, rank) => defaultBackend.publicKey(secretOf(rank)))
  })
  for (const { lines } of lives) expect(replay(lines, {}).difference).toBeUndefined()
  // A signature of another statement is none.
  const signing = lives.find(({ lines }) => lines.some((line) => line.includes('"signature"')))?.lines ?? []
  const at = signing.findIndex((line) => line.includes('"signature"'))
  const other = signing.map((line, i) =>
    i === at
      ? line.replace(/"signature":"(..)/, (_, byte) => `"signature":"${byte === '00' ? '01' : '00'}`)
      : line
  )
  expect(replay(other, {}).difference).toMatch(
    new RegExp(`^line ${at + 1} \\(.*\\): it signs another statement than the one that was signed$`)
  )
})

describe('a recording that was changed is told, with the line', () => {
  const { lives } = record('double-echo', 4, 7, { rates: { broadcasts: 2, sessionEnds: 1 } })
  const lines = lives[0]!.lines
  const told = (changed: readonly string[]): string => {
    try {
      return replay(changed, { crypto: symbolic(7) }).difference ?? 'reproduced'
    } catch (error) {
      if ((error as Error).name === 'TraceFileError') return (error as Error).message
      throw error
    }
  }

  test('the control: unchanged, it is reproduced', () => {
    expect(lines.length).toBeGreaterThan(100)
    expect(told(lines)).toBe('reproduced')
  })

  test('any line left out, or exchanged with the next', () => {
    for (let at = 1; at < lines.length - 1; at++) {
      expect(told(lines.toSpliced(at, 1))).toMatch(`line ${at + 1}`)
      expect(told(lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!))).toMatch(`line ${at + 1}`)
    }
  })

  test('any digit of any line', () => {
    const random = new SeededRandom(1, 'damage')
    for (const [at, line] of lines.entries()) {
      const digits = [...line.matchAll(/(?<=[:"]|[0-9a-f])[0-9](?=[0-9a-f",}])/g)].map(({ index }) => index)
      const index = random.pick(digits)
      // None becomes a leading zero, with which a last line would be a torn one.
      const other = line[index] === '9' ? 8 : Number(line[index]) + 1
      const changed = `${line.slice(0, index)}${other}${line.slice(index + 1)}`
      // What the header says shows as soon as the stack is built.
      expect(told(lines.with(at, changed)), changed).toMatch(`line ${at === 0 ? '' : at + 1}`)
    }
  })

  test('a torn last line is left out; elsewhere it is damage', () => {
    const torn = lines.at(-1)!.slice(0, 30)
    expect(replay(lines.with(-1, torn), { crypto: symbolic(7) })).toMatchObject({
      torn: true,
      difference: undefined,
      steps: replay(lines, { crypto: symbolic(7) }).steps - 1
    })
    expect(told(lines.with(5, torn))).toBe('file: line 6 is not JSON: the recording is damaged')
  })

  test.each<[what: string, changed: readonly string[], told: string | RegExp]>([
    ['nothing', [], 'file: no recording of a member'],
    ['no header', lines.slice(1), 'file: line 1 comes before the header'],
    ['two headers', [lines[0]!, ...lines], 'file: line 2 begins a second recording: a file holds one'],
    ['no start', [lines[0]!, lines[2]!], 'file: line 2 comes before the stack is built'],
    ['another format', ['{"format":"x"}'], 'file: line 1: its format is not byzkit-recording'],
    [
      'another version',
      [lines[0]!.replace('"version":2', '"version":1')],
      'file: line 1: recording version 1, this byzkit reads 2'
    ],
    ['a list', ['[]'], 'file: line 1 is not a JSON object'],
    [
      'a request that the stack does not offer',
      [
        ...lines.slice(0, 3),
        '{"input":"request","service":"broadcast","name":"base","arguments":"","at":1,"digest":""}'
      ],
      'file: line 4 asks for broadcast.base, which the stack does not offer'
    ],
    [
      'a request with other arguments',
      [
        ...lines.slice(0, 3),
        '{"input":"request","service":"broadcast","name":"broadcast","arguments":"80","at":1,"digest":""}'
      ],
      'file: line 4 asks for broadcast.broadcast with other arguments than it takes'
    ],
    ['an unknown input', [lines[0]!, '{"input":"x"}'], 'file: line 2: there is no input "x"'],
    ['an inherited name', [lines[0]!, '{"input":"toString"}'], 'file: line 2: there is no input "toString"'],
    [
      'an unknown field',
      [lines[0]!, '{"input":"build","at":1,"digest":"","__proto__":1}'],
      'file: line 2: unknown field "__proto__"'
    ],
    [
      'no member',
      [...lines.slice(0, 3), '{"input":"session-started","peer":4,"at":1,"digest":""}'],
      'file: line 4: 4 is no process of the group'
    ],
    [
      'no group',
      [lines[0]!.replace('"f":1', '"f":4')],
      'file: line 1: group is not a group: id, epoch, f, publicKeys and clients, with f below their number'
    ],
    [
      'more after the end',
      [...lines.slice(0, 2), '{"end":"stopped","at":1,"digest":""}', lines[2]!],
      /^line 3 \(the end\)/
    ]
  ])('%s', (_, changed, message) => {
    if (typeof message === 'string') expect(told(changed)).toBe(message)
    else expect(told(changed)).toMatch(message)
  })

  test('whatever is in the file, what is wrong is said in one line', () => {
    const random = new SeededRandom(2, 'fuzz')
    for (let i = 0; i < 300; i++) {
      const at = random.below(20)
      const line = lines[at]!
      const index = random.below(line.length)
      const planted = random.pick([
        '',
        '"',
        '{',
        '9',
        '-',
        'null',
        '\\u0000',
        '[]',
        'e',
        '99999999999999999999'
      ])
      const changed = lines.with(at, line.slice(0, index) + planted + line.slice(index + random.below(9)))
      expect(told(changed)).toMatch(/^[^\n]+$/)
    }
  })
})
