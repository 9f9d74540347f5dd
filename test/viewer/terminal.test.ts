import { describe, expect, it } from 'vitest'
import { tellBroadcast } from '../../src/checkers/broadcast-history.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'
import { type DiagramOptions, spaceTimeDiagram } from '../../src/viewer/terminal.ts'

const plain = (text: string) => text
const colors = { red: plain, green: plain, yellow: plain, cyan: plain, dim: plain, bold: plain }
const payload = Uint8Array.of(1, 2, 3, 4, 5)
const echo = (sender: number, sequence: number) => ({ type: 'ECHO', sender, sequence, digest: payload })

const events: TraceEvent[] = [
  tellBroadcast({ time: 1000, process: 0, kind: 'broadcast', sequence: 0, payload }),
  {
    time: 1500,
    process: 1,
    kind: 'receive',
    id: 0,
    path: 'double-echo',
    from: 0,
    message: { type: 'SEND', sequence: 0, payload }
  },
  { time: 2000, process: 1, kind: 'receive', id: 0, path: 'double-echo', from: 2, message: echo(0, 0) },
  { time: 2100, process: 1, kind: 'receive', id: 0, path: 'double-echo', from: 2, message: echo(2, 7) },
  {
    time: 2200,
    process: 1,
    kind: 'receive',
    id: 0,
    path: 'double-echo/windows',
    from: 2,
    message: { type: 'STATUS', bases: [0] }
  },
  tellBroadcast({ time: 3000, process: 1, kind: 'deliver', sender: 0, sequence: 0, payload, position: 0 }),
  { time: 3500, process: 2, kind: 'crash' }
]
const options: DiagramOptions = { members: 3, byzantine: [2], violations: [], all: false, colors }
const violation = {
  property: 'totality',
  detail: 'why',
  instance: { sender: 0, sequence: 0 },
  at: 0
} as const

describe('the space-time diagram', () => {
  const lines = (changes: Partial<DiagramOptions> = {}) =>
    spaceTimeDiagram(events, { ...options, ...changes }).split('\n')

  it('has a lane for each process, liars marked, and a line for each event, in its lane', () => {
    const [header, first] = lines()
    expect(header).toMatch(/ms +p0 +p1 +p2!/)
    expect(first).toMatch(/^ +1\.000 +▲ +│ +│ +p0 broadcasts 0: 0102030405$/)
    expect(lines().filter((line) => line.includes('│')).length).toBe(6) // not the STATUS
    expect(lines().at(-1)).toBe('no property was violated')
  })

  it('with a violation, draws only what belongs to its broadcast, and what belongs to none', () => {
    const drawn = lines({ violations: [violation] }).join('\n')
    expect(drawn).toContain('SEND')
    expect(drawn).toContain('ECHO sender 0')
    expect(drawn).not.toContain('ECHO sender 2')
    expect(drawn).toContain('p2 crashes')
    expect(drawn).toContain('totality violated  why')
  })

  it('draws everything with --all', () => {
    const drawn = lines({ violations: [violation], all: true }).join('\n')
    expect(drawn).toContain('ECHO sender 2')
    expect(drawn).toContain('STATUS')
  })
})
