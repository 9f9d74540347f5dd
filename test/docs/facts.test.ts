/** What the documents say about the code is what the code says. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { behaviours } from '../../src/adversary/index.ts'
import { authenticatedEchoMessages } from '../../src/broadcast/authenticated-echo.ts'
import { bestEffortMessages } from '../../src/broadcast/best-effort-broadcast.ts'
import * as broadcast from '../../src/broadcast/constants.ts'
import { doubleEchoMessages } from '../../src/broadcast/double-echo.ts'
import { payloadMessages } from '../../src/broadcast/payloads.ts'
import { signedEchoMessages } from '../../src/broadcast/signed-echo.ts'
import { windowMessages } from '../../src/broadcast/windows.ts'
import { stacks } from '../../src/catalogue/index.ts'
import { NUMBER_CHARACTERS_MAX } from '../../src/checkers/exact-number.ts'
import { HISTORY_OPERATIONS_MAX, VALUE_DEPTH_MAX } from '../../src/checkers/history-file.ts'
import { SEARCH_EFFORT_MAX } from '../../src/checkers/linearization.ts'
import { HISTORY_BYTES_MAX, HISTORY_LINE_CHARACTERS_MAX } from '../../src/cli/commands/check.ts'
import { REPLAY_LINE_CHARACTERS_MAX, TRACE_BYTES_MAX } from '../../src/cli/replay/bounds.ts'
import { batchMessages, pbftMessages } from '../../src/consensus/pbft/messages.ts'
import { failStop, namedModels, TIME_BOUNDS } from '../../src/core/model.ts'
import { TURN_EVENTS_MAX } from '../../src/core/process.ts'
import { DEPTH_MAX, type ShapeDescription } from '../../src/core/shapes.ts'
import { GROUP_MEMBERS_MAX } from '../../src/crypto/genesis.ts'
import { GROUP_CLIENTS_MAX } from '../../src/crypto/group-file.ts'
import { detectorMessages } from '../../src/detectors/perfect-failure-detector.ts'
import { CERTIFICATE_SIGNATURES_MAX } from '../../src/exchange/certificate.ts'
import * as exchange from '../../src/exchange/constants.ts'
import { CHOICE_FIELDS } from '../../src/laboratory/choice-file.ts'
import { RECORDED_INPUTS, RECORDED_READINGS } from '../../src/laboratory/member-recording.ts'
import { recordRun, repeatRun } from '../../src/laboratory/recording.ts'
import {
  TRACE_CHOICES_MAX,
  TRACE_DEPTH_MAX,
  TRACE_SHOWN_CHARACTERS_MAX
} from '../../src/laboratory/trace-file.ts'
import * as leaderless from '../../src/leaderless/constants.ts'
import { BROADCAST_WAITERS_MAX } from '../../src/libp2p/broadcast-operations.ts'
import { CLIENT_LABELS, CLIENT_METRICS } from '../../src/libp2p/client-metrics.ts'
import { INBOUND_CONNECTIONS_PER_PEER_MAX } from '../../src/libp2p/gater.ts'
import { METRICS, PROCESS_LABELS } from '../../src/libp2p/metrics.ts'
import * as transport from '../../src/libp2p/transport-limits.ts'
import * as muxer from '../../src/libp2p/transport-muxer.ts'
import * as waiting from '../../src/libp2p/waiting-room.ts'
import * as links from '../../src/links/constants.ts'
import { fairLossMessages } from '../../src/links/fair-loss-links.ts'
import { frames } from '../../src/links/frames.ts'
import { PORTS_MAX } from '../../src/links/ports.ts'
import * as stubborn from '../../src/links/stubborn-links.ts'
import { OBSERVATIONS } from '../../src/recording/observed.ts'
import * as registers from '../../src/registers/constants.ts'
import { maxRegisterMessages } from '../../src/registers/max-register.ts'
import * as replication from '../../src/replication/constants.ts'
import { partListMessages, replicaMessages } from '../../src/replication/messages.ts'
import { PAGE_OPERATIONS_MAX } from '../../src/viewer/history-page.ts'
import { FOLDERS } from '../architecture/house.ts'
import { blocks, documentAt, documents, ROOT } from './documents.ts'

const cells = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

describe('docs/wire.md', () => {
  const { text } = documentAt('docs/wire.md')
  const sections: Record<string, { readonly declared: readonly Declared[] }> = {
    'Frames of authenticated links': frames,
    'Authenticated echo': authenticatedEchoMessages(1),
    'Signed echo': signedEchoMessages(1),
    'Double echo': doubleEchoMessages(1),
    Windows: windowMessages,
    Payloads: payloadMessages(1),
    'Max-register': maxRegisterMessages,
    Replica: replicaMessages,
    Agreement: pbftMessages,
    Batches: batchMessages,
    States: partListMessages,
    'Perfect failure detector': detectorMessages,
    'Best-effort broadcast': bestEffortMessages,
    'Fair-loss links': fairLossMessages
  }
  type Declared = { readonly type: string; readonly code: number; readonly shape: ShapeDescription }

  test.each(Object.keys(sections))('%s: each message with its code and its fields in order', (title) => {
    const section = new RegExp(`^#+ ${title}$([\\s\\S]*?)(?=^#|$(?![\\s\\S]))`, 'm').exec(text)?.[1] ?? ''
    const rows = [...section.matchAll(/^\|.*\|$/gm)].map(([line]) => cells(line))
    const listed = rows
      .filter(([code]) => /^\d+$/.test(code ?? ''))
      .map(([code, type = '', fields = '']) => ({
        code: Number(code),
        type: type.replaceAll('`', ''),
        fields: [...fields.matchAll(/`([\w-]+)`/g)].map(([, name]) => name)
      }))
    const declared = (sections[title]?.declared ?? []).map(({ type, code, shape }) => ({
      code,
      type,
      fields: shape.kind === 'record' ? shape.fields.map(([name]) => name).slice(1) : []
    }))
    expect(listed).toEqual(declared)
  })
})

test('docs/choosing.md has the eight models, each with what it assumes, and their bounds', () => {
  const { text } = documentAt('docs/choosing.md')
  const section = /^## Models$([\s\S]*?)^## /m.exec(text)?.[1] ?? ''
  const [head = [], , ...rows] = [...section.matchAll(/^\|.*\|$/gm)].map(([line]) => cells(line))
  const word = (value: unknown) => (value === true ? 'yes' : value === false ? 'no' : String(value))
  const assumptions = Object.keys(failStop).filter((field) => field !== 'name' && field !== 'bounds')
  expect(head.slice(1).sort()).toEqual(assumptions.sort())
  expect(rows).toEqual(
    namedModels.map((model) => [
      model.name,
      ...head.slice(1).map((field) => word(model[field as keyof typeof model]))
    ])
  )
  const { latencyMs, stepMs, driftPpm } = TIME_BOUNDS
  expect(section).toContain(`at most ${latencyMs} ms, a process takes at most ${stepMs} ms for a step`)
  expect(driftPpm).toBe(50_000)
  expect(section).toContain('at most five percent')
})

test('docs/operating.md has every metric, with its type, its labels and what it is', () => {
  const { text } = documentAt('docs/operating.md')
  const rows = [...text.matchAll(/^\| `byzkit_.*\|$/gm)].map(([line]) => cells(line).slice(0, 4))
  expect(rows).toEqual(
    [...METRICS, ...CLIENT_METRICS].map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help
    ])
  )
  expect(text).toContain(`labels \`${PROCESS_LABELS[0]}\`, the first`)
  expect(text).toContain(`and \`${PROCESS_LABELS[1]}\`, the rank`)
  expect(text).toContain(`begin with \`${CLIENT_LABELS[0]}\` and \`${CLIENT_LABELS[1]}\`, the first`)
})

test('every bound that a table names has the value that the code gives it', () => {
  const known: Record<string, unknown> = {
    ...broadcast,
    ...links,
    ...transport,
    ...waiting,
    ...muxer,
    ...stubborn,
    ...exchange,
    ...registers,
    ...replication,
    ...leaderless,
    CERTIFICATE_SIGNATURES_MAX,
    TURN_EVENTS_MAX,
    DEPTH_MAX,
    GROUP_MEMBERS_MAX,
    GROUP_CLIENTS_MAX,
    BROADCAST_WAITERS_MAX,
    INBOUND_CONNECTIONS_PER_PEER_MAX,
    PORTS_MAX,
    HISTORY_OPERATIONS_MAX,
    VALUE_DEPTH_MAX,
    NUMBER_CHARACTERS_MAX,
    TRACE_BYTES_MAX,
    REPLAY_LINE_CHARACTERS_MAX,
    TRACE_CHOICES_MAX,
    TRACE_DEPTH_MAX,
    TRACE_SHOWN_CHARACTERS_MAX,
    SEARCH_EFFORT_MAX,
    HISTORY_BYTES_MAX,
    HISTORY_LINE_CHARACTERS_MAX,
    PAGE_OPERATIONS_MAX
  }
  const wrong: string[] = []
  let checked = 0
  for (const { path, text } of documents) {
    for (const [, name = '', value = ''] of text.matchAll(/^\| `([A-Z][A-Z_]+)` +\| ([\d,]+) /gm)) {
      checked++
      const actual = known[name]
      if (actual !== Number(value.replaceAll(',', '')))
        wrong.push(`${path}: ${name} is ${actual}, not ${value}`)
    }
  }
  expect(wrong).toEqual([])
  expect(checked).toBeGreaterThan(20)
})

test('docs/recording.md lists each input with its fields, each reading, and each letter with what it stands for', () => {
  const { text } = documentAt('docs/recording.md')
  const rows = [...text.matchAll(/^\| `.*\|$/gm)].map(([line]) =>
    cells(line).map((cell) => cell.replaceAll('`', ''))
  )
  expect(rows.filter((row) => row.length === 3).map(([name, fields]) => [name, fields])).toEqual(
    Object.entries(RECORDED_INPUTS).map(([name, fields]) => [name, Object.keys(fields).join(', ')])
  )
  expect(Object.fromEntries(rows.filter((row) => row.length === 2))).toEqual(OBSERVATIONS)
  for (const reading of Object.keys(RECORDED_READINGS)) expect(text).toContain(`{"${reading}": `)
})

test('docs/book.md lists each stack by its name, and each file that it names exists', () => {
  const { text } = documentAt('docs/book.md')
  for (const { name, source } of stacks) {
    const row = text.split('\n').find((line) => line.includes(`\`${name}\``) && line.startsWith('|')) ?? ''
    expect(row).toContain(source.replace('CGR11 Algorithm ', ''))
    expect(row).toContain('here')
  }
})

test('every name of a protocol or an adversary on a command line exists', () => {
  const names = {
    protocol: new Set(stacks.map(({ name }) => name)),
    adversary: new Set(behaviours.map(({ name }) => name))
  }
  const shell = blocks.filter(({ info }) => /^(sh|console)$/.test(info))
  const unknown: string[] = []
  for (const { text } of shell) {
    for (const [, name = ''] of text.matchAll(/byzkit simulate ([a-z-]+)(?=\s|$)/gm))
      if (!name.startsWith('--') && !names.protocol.has(name)) unknown.push(name)
    for (const [, name = ''] of text.matchAll(/--stack ([a-z-]+)/g))
      if (!names.protocol.has(name)) unknown.push(name)
    for (const [, name = ''] of text.matchAll(/--(?:adversary|behaviour) ([a-z-]+)/g))
      if (!names.adversary.has(name)) unknown.push(name)
  }
  expect(unknown).toEqual([])
})

test('ARCHITECTURE.md shows every folder of src/ that there is', () => {
  const { text } = documentAt('ARCHITECTURE.md')
  for (const folder of FOLDERS)
    if (existsSync(join(ROOT, 'src', folder))) expect(text).toContain(`${folder}/`)
})

test('the README begins with the two commands, and names the versions of Node that package.json does', () => {
  const { text } = documentAt('README.md')
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(text).toContain('npm install && npm start')
  expect(text).toContain('npm install && npm test')
  expect(text).toContain(engines.node.replace('>=', ''))
})

test('docs/getting-started.md is an input of useful size for npm start', () => {
  const { length } = Buffer.from(documentAt('docs/getting-started.md').text)
  expect(length).toBeGreaterThan(10_000)
  expect(length).toBeLessThan(25_000)
})

test('docs/trace-format.md lists every choice with its fields, and every kind of event', () => {
  const { text } = documentAt('docs/trace-format.md')
  const rows = text.split('\n').filter((line) => line.startsWith('| `'))
  const documented = (kind: string) => rows.find((row) => (cells(row)[0] ?? '').includes(`\`${kind}\``))
  for (const [kind, fields] of Object.entries(CHOICE_FIELDS)) {
    const names = [...(cells(documented(kind) ?? '')[1] ?? '').matchAll(/`([a-zA-Z]+)`/g)].map(
      ([, name]) => name
    )
    expect(names.sort(), kind).toEqual(Object.keys(fields).sort())
  }
  const seen = new Set<string>()
  const { acted } = recordRun({ ...traced, links: 'real' }, 3)
  repeatRun(acted, { sink: ({ kind }) => seen.add(kind) })
  repeatRun(recordRun(traced, 3).acted, { sink: ({ kind }) => seen.add(kind) })
  expect(seen.size).toBeGreaterThan(10)
  for (const kind of seen) expect(documented(kind), kind).toBeDefined()
})

const traced = {
  protocol: 'double-echo',
  members: 4,
  faults: 1,
  byzantine: 1,
  adversary: 'swarm',
  links: 'ideal',
  crypto: 'symbolic'
} as const
