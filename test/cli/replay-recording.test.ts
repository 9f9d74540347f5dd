/** `byzkit replay` of a member's recording, for people. The members are simulated: a recording does not tell. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { CALM } from '../../src/simulator/seeded-choices.ts'
import { runStack } from '../simulator/support.ts'
import { temporaryFolder } from './support.ts'

/** The first life of member 0. */
function recorded(broadcasts: number, sessionEnds: number): string[] {
  const lines: string[] = []
  runStack('double-echo', 4, 1, {
    rates: { ...CALM, broadcasts, sessionEnds },
    recordLife: (process) => (process === 0 ? (line) => lines.push(line) : undefined)
  })
  return lines
}

async function replay(lines: readonly string[], ...words: string[]) {
  const path = join(await temporaryFolder(), 'recording')
  await writeFile(path, `${lines.join('\n')}\n`)
  let [stdout, stderr] = ['', '']
  const status = await main(['replay', path, ...words], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {}
  })
  return { path, status, stdout, stderr }
}

test('draws the lane of the member among those of the group, and says that it is reproduced', async () => {
  const { status, stdout, stderr } = await replay(recorded(2, 0))
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const [title, header, ...rest] = stdout.trimEnd().split('\n')
  expect(title).toBe('member 0 of 4, f = 1: double-echo, life 1')
  expect(header?.trim()).toMatch(/^ms +p0 +p1 +p2 +p3$/)
  expect(rest.filter((line) => line.includes('▲      │      │      │      p0 broadcasts'))).toHaveLength(2)
  expect(rest.filter((line) => line.includes('▼      │      │      │      p0 delivers'))).toHaveLength(8)
  expect(rest.at(-1)).toMatch(/^reproduced {2}all that the member did at \d+ inputs; there is no end/)
  // Nothing was judged.
  expect(stdout).not.toContain('violated')
})

test('what a file says is drawn without its control characters, and the difference is said last', async () => {
  const lines = recorded(2, 2)
  const at = lines.findIndex((line) => line.includes('"session-ended"'))
  const hostile = lines[at]!.replace(/"reason":".*?"/, '"reason":"red \\u001b[31m \\u009b31m \\u202e"')
  const { path, status, stdout, stderr } = await replay(lines.with(at, hostile), '--all')
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
  expect(stdout).toContain('ended: red [31m 31m ')
  expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
    new RegExp(`^${path}: the replay differs at line ${at + 1} \\(the session with \\d ends\\): `)
  )
})

test('of many events the last are drawn; machines get all', async () => {
  const lines = recorded(300, 0)
  const { stdout } = await replay(lines, '--all')
  const [, note, ...drawn] = stdout.trimEnd().split('\n')
  const all = Number(/^the last 10000 of (\d+) events; --json gives all$/.exec(note ?? '')?.[1])
  expect(all).toBeGreaterThan(20_000)
  expect(drawn.length).toBeLessThan(10_010)
  const machine = await replay(lines, '--json')
  expect(machine.stdout.trimEnd().split('\n')).toHaveLength(all + 1)
})
