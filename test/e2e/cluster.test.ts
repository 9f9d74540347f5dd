/**
 * Clusters of real processes under the attacks that live groups know: one of them at every size; at length every one of
 * them, and every size; BYZKIT_MATRIX=full runs every one at every size (some five minutes on two cores).
 */
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { behaviours } from '../../src/adversary/index.ts'
import { stacks } from '../../src/catalogue/index.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { propertyOf } from '../../src/laboratory/abstractions/index.ts'
import { isAlive, startByzkit } from '../cli/running.ts'
import { byzkit, type Outcome, temporaryFolder } from '../cli/support.ts'
import { AT_LENGTH, extent } from '../extent.ts'

const full = process.env.BYZKIT_MATRIX === 'full'
const live = behaviours.filter((behaviour) => behaviour.live).map(({ name }) => name)
const sizes = [4, 5, 6, 7]
const INPUT_BYTES = 20_000

const QUICK = [{ behaviour: 'perjure', size: 5 }]
const matrix = live.flatMap((behaviour, index) =>
  sizes.filter((size) => full || size === sizes[index % sizes.length]).map((size) => ({ behaviour, size }))
)

const isQuick = ({ behaviour, size }: (typeof QUICK)[number]) =>
  QUICK.some((cell) => behaviour === cell.behaviour && size === cell.size)
const cells = full || AT_LENGTH ? [...QUICK, ...matrix.filter((cell) => !isQuick(cell))] : QUICK

const resultOf = ({ stdout }: Outcome) => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')

async function cluster(...words: string[]) {
  const folder = await temporaryFolder()
  const input = join(folder, 'input')
  await writeFile(input, 'All that is broadcast is this. '.repeat(INPUT_BYTES / 31))
  const outcome = await byzkit([
    'cluster',
    '--input',
    input,
    '--data',
    join(folder, 'cluster'),
    '--json',
    ...words
  ])
  return { outcome, result: resultOf(outcome), data: join(folder, 'cluster') }
}

/** Whether a liar answers first, where the first answer is believed, is up to the machine: some run of these shows it. */
const RUNS_MAX = 4

/** The first outcome that shows something, or the last one. */
async function first<T>(run: () => Promise<T>, shows: (outcome: T) => boolean): Promise<T> {
  for (let runs = 1; ; runs++) {
    const outcome = await run()
    if (shows(outcome) || runs === RUNS_MAX) return outcome
  }
}

describe('a cluster holds against', () => {
  it.each(cells)('$behaviour, n = $size', async ({ behaviour, size }) => {
    const words = ['--members', String(size), '--behaviour', behaviour]
    const { outcome, result } = await cluster(...words)
    expect({ status: outcome.status, stderr: outcome.stderr, reason: result.reason }).toEqual({
      status: 0,
      stderr: '',
      reason: undefined
    })
    const byzantine = byzantineResilience(size)
    expect(result).toMatchObject({
      verdict: 'ok',
      members: size,
      byzantine,
      behaviour,
      effect: { seen: true },
      properties: { atomicity: 'held' },
      registers: { unanswered: 0 }
    })
    expectAgreement(result.agreement, byzantine)
    // So many that it says something, on a machine that is busy as well.
    expect(result.registers.operations).toBeGreaterThan(10)
    const correct = Array.from({ length: size - byzantine }, (_, rank) => rank)
    for (const member of correct)
      for (const sender of correct) expect(result.digests[member][sender].same).toBe(true)
    // Whatever was delivered of a liar, all delivered the same.
    const assembled = correct.map((member) =>
      result.digests[member].map(({ sha256 }: { sha256: string }) => sha256)
    )
    expect(new Set(assembled.map((digests) => JSON.stringify(digests))).size).toBe(1)
  })
})

interface PhaseTold {
  readonly name: string
  readonly leader: number
  readonly stricken: { readonly [how: string]: readonly number[] }
  readonly from: number
  readonly to: number
  readonly operations: number
  readonly members: readonly { readonly view: number; readonly executed: number }[]
}

/** What became of the group with a leader, of which at most f were dead, cut off or lying at once. */
function expectAgreement(
  agreement: { readonly verdict: string; readonly properties: object; readonly phases: readonly PhaseTold[] },
  f: number
) {
  const { verdict, properties, phases } = agreement
  expect({ verdict, properties }).toMatchObject({
    verdict: 'ok',
    properties: { termination: 'held', 'real time': 'held', linearizability: 'held' }
  })
  // What a witness of a simulated run alone can judge is not said to have held.
  expect(properties).not.toHaveProperty('vote once')
  expect(new Set(phases.map(({ name }) => name))).toEqual(
    new Set(['leader killed', 'leader cut off', 'leader lies'])
  )
  for (const { name, leader, stricken, from, to, operations, members } of phases) {
    const all = Object.values(stricken).flat()
    expect(all).toContain(leader)
    expect(all.length).toBeLessThanOrEqual(f)
    // Whoever is lost is followed by somebody else; a liar may go on leading.
    if (name !== 'leader lies') expect(to).toBeGreaterThan(from)
    expect(operations).toBeGreaterThan(0)
    for (const { view, executed } of members) {
      expect(view).toBe(to)
      expect(executed).toBeGreaterThan(0)
    }
  }
}

const asked = (told: ReadonlyMap<string, number>, returned: string) =>
  told.get(returned.replace(/returned$/, 'asked'))

const DETECTOR = 'exclude-on-timeout'
const others = stacks
  .filter(({ abstraction }) => abstraction !== 'broadcast')
  .map(({ name }) => name)
  .filter((name) => name !== DETECTOR)

describe('a cluster of any other stack', () => {
  it.each(extent(['majority-max-register'], others))(
    '%s: its applications ask for what the laboratory draws, and everything returns as it promises',
    async (name) => {
      const { status, stdout, stderr } = await byzkit(['cluster', '--json', '--stack', name])
      const result = resultOf({ status, stdout, stderr })
      await rm(result.trace)
      const stack = stacks.find((each) => each.name === name)
      // It goes on until the attack shows.
      expect({ status, stderr, reason: result.reason }).toEqual({ status: 0, stderr: '', reason: undefined })
      expect(new Set(Object.values(result.properties))).toEqual(new Set(['held']))
      const shown = stack?.properties.filter((each) => propertyOf(stack, each)?.witnessed !== true) ?? []
      expect(Object.keys(result.properties)).toEqual([...shown, 'no crash', 'liveness'])
      expect(result.agreement).toBe(null)
      const told = new Map<string, number>(Object.entries(result.told))
      expect([...told.keys()].filter((what) => what.endsWith(': asked'))).not.toEqual([])
      // Where members stop for good one did, and what it had asked for need not return.
      const killed = stdout.includes('{"event":"killed"')
      expect(killed).toBe(stack?.model.crashes === 'stop' && result.faults > 0)
      for (const [what, times] of killed ? [] : told)
        if (what.endsWith(': returned')) expect({ what, times }).toEqual({ what, times: asked(told, what) })
    }
  )

  it('strong completeness: a member that was killed is detected by all others', async () => {
    const { stdout } = await byzkit(['cluster', '--json', '--stack', DETECTOR])
    const result = resultOf({ status: 0, stdout, stderr: '' })
    await rm(result.trace)
    // Accuracy is that of the machine: one that is busy is no synchronous system.
    expect(result.properties).toMatchObject({ 'strong completeness': 'held', liveness: 'held' })
    expect(result.told['detected: told']).toBeGreaterThan(0)
  })

  it('finds that a register of the crash model falls to a liar', async () => {
    const words = ['--stack', 'majority-voting-register', '--byzantine', '1', '--behaviour', 'perjure']
    const cluster = async () => {
      const { status, stdout } = await byzkit(['cluster', '--json', ...words])
      const result = resultOf({ status, stdout, stderr: '' })
      await rm(result.trace)
      return { status, result }
    }
    const { status, result } = await first(cluster, ({ result: { verdict } }) => verdict === 'violated')
    expect({ status, verdict: result.verdict }).toEqual({ status: 1, verdict: 'violated' })
    expect(result.properties).toMatchObject({ validity: 'violated' })
  })
})

describe('a cluster', () => {
  it.each(extent<string[]>([], ['a person']))('tells %s, in the end, who delivered what', async () => {
    const { status, stdout } = await byzkit(['cluster', '--members', '4'])
    expect(status).toBe(0)
    const traces = [...stdout.matchAll(/^ *trace: (.+)$/gm)].map(([, trace = '']) => trace)
    expect(traces).toHaveLength(2)
    for (const trace of traces) await rm(trace)
    expect(stdout).toMatch(/from member 0 +20 of 20 +[0-9a-f]{8}\.\. = the input +by members 0, 1, 2\n/)
    expect(stdout).toMatch(/Registers {2}.*, and what they saw is atomic\n/)
    expect(stdout).toMatch(/Agreement {2}pbft: 4 members.*; what clients saw is linearizable\n/)
    expect(stdout).toMatch(/ {2}leader \d killed +\d +- +- +\d+ → \d+ +\d+\n/)
    expect(stdout).toMatch(/ {2}leader 2 lies +- +- +2 +\d+ → \d+ +\d+\n/)
    expect(stdout).toMatch(/Attack {2}equivocate\+perjure, by member 3/)
    expect(stdout).toMatch(/member 3: equivocation, proven +\d+ times +by members/)
    expect(stdout).toMatch(/\nok {2}every property held, in [\d.]+ seconds\n$/)
    const powers = /^Attack .*$/m.exec(stdout)?.[0]
    for (const line of stdout.split('\n')) if (line !== powers) expect(line.length).toBeLessThan(160)
  })

  it.each(extent<NodeJS.Signals[]>(['SIGKILL'], ['SIGINT', 'SIGKILL']))(
    'leaves no process behind after %s',
    async (signal) => {
      const before = await clusterFolders()
      // Nobody is left to tidy up after SIGKILL, but this test.
      const data = signal === 'SIGKILL' ? ['--data', join(await temporaryFolder(), 'cluster')] : []
      const running = startByzkit('cluster', ...data)
      const { pids } = await running.event({ event: 'ready' })
      await running.event({ event: 'broadcast' })
      running.kill(signal)
      const { status, stderr } = await running.exited
      await expect.poll(() => (pids as number[]).filter(isAlive)).toEqual([])
      if (signal === 'SIGKILL') return
      expect({ status, stderr }).toEqual({ status: 130, stderr: '' })
      expect(running.events.at(-1)).toMatchObject({
        verdict: 'inconclusive',
        reason: 'interrupted by SIGINT'
      })
      expect((await clusterFolders()).filter((name) => !before.includes(name))).toEqual([])
    }
  )
})

if (AT_LENGTH) {
  describe('a cluster, at length,', () => {
    it('survives kill -9 of a correct member that comes back', async () => {
      const { outcome, result, data } = await cluster('--kill', '--behaviour', 'equivocate')
      expect({ status: outcome.status, reason: result.reason }).toEqual({ status: 0, reason: undefined })
      const trace = (await readFile(result.trace, 'utf8')).trimEnd().split('\n')
      const kinds = trace.map((line) => JSON.parse(line)).map(({ kind, name }) => name ?? kind)
      expect(kinds.filter((kind) => kind === 'crash')).toHaveLength(1)
      expect(kinds.indexOf('restart')).toBeGreaterThan(kinds.indexOf('crash'))
      expect(kinds.lastIndexOf('deliver')).toBeGreaterThan(kinds.indexOf('restart'))
      expect((await stat(data)).mode & 0o777).toBe(0o700)
    })

    it('says what breaks beyond resilience', async () => {
      const { outcome, result } = await cluster('--byzantine', '2', '--beyond-resilience')
      expect(outcome.status).toBe(1)
      expect(result).toMatchObject({
        verdict: 'violated',
        properties: { consistency: 'violated', accuracy: 'held' }
      })
      // A group that is broken may never settle: the cluster then ends at its own limit.
    })

    it('runs consistent broadcast, which promises no totality', async () => {
      const { outcome, result } = await cluster('--stack', 'signed-echo', '--behaviour', 'withhold')
      expect({ status: outcome.status, reason: result.reason }).toEqual({ status: 0, reason: undefined })
      expect(result.properties).not.toHaveProperty('totality')
    })
  })
}

/** The temporary folders of clusters, with everybody's keys in them. */
async function clusterFolders(): Promise<string[]> {
  const entries = await readdir(tmpdir(), { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('byzkit-cluster-'))
    .map(({ name }) => name)
}
