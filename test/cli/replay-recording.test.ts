/** `byzkit replay` of a member's recording, for people. The members are simulated: a recording does not tell. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { CALM } from '../../src/simulator/rates.ts'
import { widthOf } from '../../src/viewer/columns.ts'
import dice, { diceService } from '../fixtures/dice.ts'
import { found, startMember, stop } from '../libp2p/service-support.ts'
import { runStack } from '../simulator/support.ts'
import { patience } from '../waiting.ts'
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

test('is cut to the width of a terminal, and to nothing else', async () => {
  const path = join(await temporaryFolder(), 'recording')
  await writeFile(path, `${recorded(2, 0).join('\n')}\n`)
  const widest = async (terminal: object) => {
    let stdout = ''
    await main(['replay', path, '--all'], {
      stdout: { write: (text) => (stdout += text), ...terminal },
      stderr: { write() {} },
      env: { NO_COLOR: '1' }
    })
    // The lines above and below the drawing are sentences.
    return Math.max(...stdout.trimEnd().split('\n').slice(1, -1).map(widthOf))
  }
  expect(await widest({})).toBeGreaterThan(70)
  expect(await widest({ isTTY: true, columns: 70 })).toBe(70)
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

describe('a member that ran a stack of somebody else, in a libp2p node', () => {
  const file = fileURLToPath(new URL('../fixtures/dice.ts', import.meta.url))

  async function lifeOfDice(): Promise<readonly string[]> {
    const lines: string[] = []
    const node = await startMember(await found(1), 0, { stack: dice, record: (line) => lines.push(line) })
    const { byzantine } = node.services
    await byzantine.whenReady({ signal: patience() })
    for (const sides of [6, 20]) await byzantine.service(diceService).roll({ sides })
    await stop(node)
    return lines
  }

  test('is replayed by the file that exports it, of which the laboratory need not know anything', async () => {
    const lines = await lifeOfDice()
    const { status, stdout, stderr } = await replay(lines, '--protocol', file)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const [title, ...rest] = stdout.trimEnd().split('\n')
    expect(title).toMatch(/^member 0 of 1, f = 0: dice, life \d+$/)
    expect(rest.filter((line) => /p0 is told rolled number \d+/.test(line))).toHaveLength(2)
    expect(rest.at(-1)).toMatch(
      /^reproduced {2}all that the member did at \d+ inputs; then the member was stopped$/
    )
    const at = lines.findIndex((line) => line.includes('"below"'))
    const edited = lines[at]!.replace(/"below":(\d+)/, (_, number) => `"below":${(Number(number) + 1) % 6}`)
    const other = await replay(lines.with(at, edited), '--protocol', file)
    expect(other.status).toBe(1)
    expect(other.stdout).toContain(`the replay differs at line ${at + 1}`)
  })

  test('without it, or with that of another one, one line says what is wanted', async () => {
    const lines = await lifeOfDice()
    const without = await replay(lines)
    expect(without).toMatchObject({ status: 2, stdout: '' })
    expect(without.stderr).toBe(
      `byzkit: ${without.path}: its member ran dice, which is no protocol of byzkit: --protocol FILE says how it runs\n`
    )
    const another = await replay(lines, '--protocol', file.replace('dice', 'mailbox'))
    expect(another).toMatchObject({ status: 2, stdout: '' })
    expect(another.stderr).toBe(`byzkit: ${another.path}: its member ran dice, and not mailbox\n`)
  })
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

test('is refused beside a protocol of somebody else, before anything of it is told', async () => {
  const own = fileURLToPath(new URL('../../examples/fixed-broadcast.ts', import.meta.url))
  const { path, ...outcome } = await replay(recorded(1, 0), '--protocol', own, '--json')
  expect(outcome).toEqual({
    status: 2,
    stdout: '',
    stderr: `byzkit: ${path}: its member ran double-echo, and not fixed-broadcast\n`
  })
})
