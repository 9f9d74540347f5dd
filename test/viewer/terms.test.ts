/** Where terms begin, such as views of agreement, and who leads them: in the terminal and on the page. */
import { describe, expect, test } from 'vitest'
import { replicaService } from '../../src/replication/service.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'
import type { DrawnRun } from '../../src/viewer/drawn-run.ts'
import { pageData } from '../../src/viewer/page-model.ts'
import { spaceTimeDiagram } from '../../src/viewer/terminal.ts'
import { openPage } from './support.ts'

const told = (time: number, process: number, name: string, values: { readonly [name: string]: number }) =>
  ({ time, process, kind: 'indicate', service: replicaService.name, name, values }) as TraceEvent

/** Four members and two clients: the members enter view 5, which member 1 leads, one of them view 6 as well. */
const run: DrawnRun = {
  title: 'views',
  members: 6,
  groupSize: 4,
  byzantine: [],
  events: [
    told(1000, 0, 'view', { view: 5 }),
    told(2000, 1, 'view', { view: 5 }),
    told(3000, 0, 'stable', { sequence: 8 }),
    told(4000, 2, 'view', { view: 6 }),
    told(5000, 3, 'view', { view: 5 })
  ],
  violations: [],
  explanation: []
}

describe('in the terminal', () => {
  const plain = (text: string) => text
  const colors = { red: plain, green: plain, yellow: plain, cyan: plain, dim: plain, bold: plain }
  const drawn = (of: Partial<DrawnRun> = {}) =>
    spaceTimeDiagram(run.events, { ...run, ...of, all: false, colors }).split('\n')

  test('a line with its leader stands above the first who enters a term, and nobody else', () => {
    const lines = drawn()
    const above = lines
      .filter((line) => line.includes('─'))
      .map((line) => line.replaceAll(/[ ─]+/g, ' ').trim())
    expect(above).toEqual(['view 5, led by p1', 'view 6, led by p2'])
    expect(lines[1]).toContain('view 5')
    expect(lines[2]).toMatch(/1\.000 +☆ .* p0 enters view 5 \(led by p1\)$/)
  })

  test('a full star is for who leads, an empty one for the others, and none for what begins no term', () => {
    // Without the names of the lanes.
    const lines = drawn().slice(1)
    const marked = (process: number) => lines.filter((line) => line.includes(`p${process} `))
    expect(marked(1).join()).toContain('★')
    expect(marked(2).join()).toContain('★')
    expect(marked(3).join()).toContain('☆')
    expect(marked(0).map((line) => line.includes('☆'))).toEqual([true, false])
  })

  test('clients have lanes, and do not lead', () => {
    expect(drawn({ members: 4, groupSize: 4 }).join()).toContain('view 6, led by p2')
    const { groupSize: _, ...wrong } = run
    expect(spaceTimeDiagram(run.events, { ...wrong, all: false, colors })).toContain('view 5, led by p5')
  })
})

describe('on the page', () => {
  test('each event that begins a term says so, and who leads', () => {
    const terms = pageData(run).events.map(({ term }) => term)
    expect(terms).toEqual([
      { name: 'view 5', leader: 1, isFirst: true },
      { name: 'view 5', leader: 1, isFirst: false },
      undefined,
      { name: 'view 6', leader: 2, isFirst: true },
      { name: 'view 5', leader: 1, isFirst: false }
    ])
    expect(pageData(run).events[1]?.text).toBe('p1 enters view 5 (led by p1)')
  })

  test('there is a line where it begins for the first, a mark of its own, and both are in the legend', () => {
    const page = openPage(run)
    expect(page.all('#drawing .term-line')).toHaveLength(2)
    expect(page.all('#drawing .glyph-lead')).toHaveLength(2)
    expect(page.all('#drawing .glyph-term')).toHaveLength(2)
    expect(page.all('#drawing .glyph-indicate')).toHaveLength(1)
    expect(page.text('legend')).toMatch(/which this process leads.*which another process leads/)
    expect(page.errors).toEqual([])
  })

  test('where there are no terms, the legend has none', () => {
    const page = openPage({ ...run, events: run.events.slice(2, 3) })
    expect(page.text('legend')).not.toContain('leads')
    expect(page.all('.term-line')).toEqual([])
  })
})
