/** The trace of a cluster is drawn, whoever wrote it; old ones do not pile up. */
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Judgement } from '../../src/cluster/judgement.ts'
import { newTracePath, removeOldTraces, TRACE_KEPT_MS } from '../../src/cluster/old-traces.ts'
import type { ClusterPlan } from '../../src/cluster/plan.ts'
import { clusterTrace } from '../../src/cluster/trace-lines.ts'
import type { HistoryEvent } from '../../src/simulator/history.ts'
import { byzkit, byzkitJson, expectRefused, temporaryFolder } from './support.ts'

const payload = new TextEncoder().encode('a text that is in no trace')
const asked = { service: 'broadcast', name: 'broadcast' }
const events: readonly HistoryEvent[] = [
  { time: 1000, process: 0, kind: 'invoke', ...asked, number: 1, arguments: { payload }, answer: 0 },
  { time: 2000, process: 1, kind: 'crash' },
  {
    time: 3000,
    process: 2,
    kind: 'indicate',
    service: 'broadcast',
    name: 'deliver',
    values: { sender: 0, sequence: 0, payload, position: 0 }
  },
  {
    time: 4000,
    process: 2,
    kind: 'fault',
    fault: { process: 3, kind: 'equivocation', certainty: 'certain', detail: 'two \u001b[31mstories' }
  }
]
const plan = {
  stack: { name: 'double-echo' },
  members: 4,
  f: 1,
  byzantine: [3],
  behaviour: { name: 'equivocate' }
} as unknown as ClusterPlan
const violation = { property: 'totality', detail: 'member 0 has nothing', at: 4 }
const judgement = (violations: readonly object[]) =>
  ({ verdict: violations.length > 0 ? 'violated' : 'ok', properties: [], violations }) as unknown as Judgement

async function folderWith(text: string): Promise<string> {
  const cwd = await temporaryFolder()
  await writeFile(join(cwd, 'trace.jsonl'), text)
  return cwd
}

describe('replay of what a cluster wrote', () => {
  it('draws it in the terminal', async () => {
    const cwd = await folderWith(clusterTrace(plan, events, judgement([violation])))
    const { status, stdout, stderr } = await byzkit(['replay', 'trace.jsonl', '--all'], { cwd })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^double-echo, 4 processes of a cluster, Byzantine: p3 \(equivocate\)\n/)
    expect(stdout).toMatch(/1\.000 {2}▲ .*p0 broadcasts 0: [0-9a-f]{6}\.\.[0-9a-f]{6}$/m)
    expect(stdout).toMatch(/2\.000 .*✖ .*p1 crashes/)
    expect(stdout).toMatch(/3\.000 .*▼ .*p2 delivers 0\/0: [0-9a-f]{6}\.\.[0-9a-f]{6}$/m)
    expect(stdout).toMatch(/4\.000 .*⚑ .*p2 names p3 certain of equivocation: two \[31mstories/)
    expect(stdout).toContain('totality violated  member 0 has nothing\n')
    expect(stdout).not.toContain('a text that is in no trace')
  })

  it('as a page, and for machines', async () => {
    const cwd = await folderWith(clusterTrace(plan, events, judgement([])))
    const result = await byzkitJson(['replay', 'trace.jsonl', '--html', 'page.html'], { cwd })
    expect(result).toEqual({
      stack: 'double-echo',
      members: 4,
      f: 1,
      byzantine: [3],
      behaviour: 'equivocate',
      events: 4,
      verdict: 'ok',
      violations: [],
      written: ['page.html']
    })
    expect(await readFile(join(cwd, 'page.html'), 'utf8')).toContain('p0 broadcasts 0')
  })

  const right = clusterTrace(plan, events, judgement([violation]))
  it.each<[what: string, text: string, line: string | RegExp]>([
    ['another version', right.replace('"version":2', '"version":9'), /line 1 is no header of a cluster/],
    ['no verdict', right.split('\n').slice(0, -2).join('\n'), /it has no verdict at its end/],
    ['a line that is none', right.replace('{"time":2000', '{{'), /line 3 is not a JSON object/],
    [
      'an event that is none',
      right.replace('"crash"', '"song"'),
      /line 3 there is no event of the kind "song"/
    ],
    ['a violation that is none', right.replace('"at":4', '"at":-4'), /violation: at is not as it should be/],
    ['more after the end', `${right}{"kind":"x"}\n`, /line 7 comes after the verdict/]
  ])('refuses %s, in one line', async (_, text, line) => {
    await expectRefused(['replay', 'trace.jsonl'], line, { cwd: await folderWith(text) })
  })

  it('does not run it again', async () => {
    const cwd = await folderWith(right)
    await expectRefused(
      ['replay', 'trace.jsonl', '--edited'],
      'trace.jsonl is what a cluster did: it is drawn as it was recorded, and not run again',
      { cwd }
    )
  })
})

it('traces of a day ago are removed from the folder for temporary files, and nothing else', async () => {
  const folder = await temporaryFolder()
  const [old, young] = [newTracePath(folder), newTracePath(folder)]
  const others = ['byzkit-cluster-1.jsonl', 'mine-byzkit-cluster-00000000.jsonl', 'byzkit-cluster-00000000']
  const paths = [old, young, ...others.map((name) => join(folder, name))]
  const now = 1_800_000_000_000
  for (const path of paths) {
    await writeFile(path, '')
    const seconds = (now - TRACE_KEPT_MS) / 1000
    await utimes(path, seconds, seconds + (path === young ? 60 : -60))
  }
  await removeOldTraces(folder, now)
  expect((await readdir(folder)).map((name) => join(folder, name)).sort()).toEqual(
    paths.filter((path) => path !== old).sort()
  )
})
