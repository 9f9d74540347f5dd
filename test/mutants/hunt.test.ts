/** The hunt kills a mutant that lives, and none that does not: end to end, in processes of their own. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { controlsOf } from '../../mutants/controls.ts'
import { hunt, type Killed, type Runs } from '../../mutants/hunt.ts'
import { configOf } from '../../mutants/laboratory.ts'
import type { Hunted, Mutant } from '../../mutants/mutant.ts'
import { resultOf } from '../../mutants/report.ts'
import type { ControlJob } from '../../mutants/worker.ts'
import { AT_LENGTH } from '../extent.ts'

const RUN = fileURLToPath(new URL('../../mutants/run.ts', import.meta.url))

const SCHEDULED = 'windows-drop-by-their-own-bounds-alone'

function runMutants(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--conditions=byzkit-source', RUN, ...args],
      (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr })
    )
  })
}

describe('npm run mutants', () => {
  it('says plain lines where nobody watches: one for each mutant, the control, the sum', async () => {
    const { status, stdout, stderr } = await runMutants('--only', 'tally-waits-for-one-vote-more')
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(
        /^killed +wrong tally +tally-waits-for-one-vote-more: validity \(.* seed \d+, shrunk from \d+ choices to \d+/
      ),
      expect.stringMatching(/^control +the unchanged code in the same \d+ runs of 1 configurations: clean$/),
      '1 of 1 mutants killed, 0 of them invisible at n = 4',
      ''
    ])
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  it('lists how each is hunted, in which files and for what, and hunts none', async () => {
    const { status, stdout } = await runMutants('--list', '--only', 'majority-is-half', '--only', SCHEDULED)
    expect(stdout.split('\n')).toEqual([
      'table     core/quorum.ts  majority-is-half: quorums: a majority is the smallest of which any two intersect',
      `schedule  broadcast/retention.ts  ${SCHEDULED}: validity`,
      ''
    ])
    expect(status).toBe(0)
  })

  it('kills by a table and by a schedule, both of which the unchanged code passes', async () => {
    const { status, stdout } = await runMutants('--only', 'majority-is-half', '--only', SCHEDULED)
    const lines = stdout.split('\n')
    expect(lines).toContainEqual(
      expect.stringMatching(/^killed .* majority-is-half: a majority .* \(table quorums, row 2: n = 2, f = 0/)
    )
    expect(lines).toContainEqual(
      expect.stringMatching(/^killed .* windows-drop-by-.*: validity \(.*, its schedule of \d+ choices\)$/)
    )
    expect(lines).toContain('control   the unchanged code in the same 1 schedules, 1 tables: clean')
    expect(status).toBe(0)
  })

  it.each([
    [['--only', 'nobody'], '--only nobody: neither a mutant nor one of core'],
    [['--workers', '0'], '--workers: expected an integer from 1'],
    [['--all'], "Unknown option '--all'"],
    [['--by', 'luck'], '--by: expected one of campaign, schedule, table'],
    [['--keep', 'majority-is-half'], 'no mutant by schedule that says where it was found']
  ])('%j is refused in one line', async (args, said) => {
    const { status, stdout, stderr } = await runMutants(...args)
    expect(stderr.split('\n')).toEqual([expect.stringContaining(said), ''])
    expect(stdout).toBe('')
    expect(status).toBe(2)
  })
})

if (AT_LENGTH) {
  describe('npm run mutants, at length,', () => {
    it('kills, by the property it breaks, a mutant that is invisible at n = 4; the unchanged code passes', async () => {
      const name = 'authenticated-echo-delivers-at-three'
      const { status, stdout } = await runMutants('--only', name, '--json')
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line))
      const result = lines.at(-1)
      expect(result).toMatchObject({
        total: 1,
        killed: 1,
        survived: [],
        controlsClean: true,
        invisibleAtFour: 1
      })
      const [killed] = result.mutants
      expect(killed).toMatchObject({ name, outcome: 'killed', property: 'consistency', control: 'clean' })
      expect(killed.atFour).toBeGreaterThanOrEqual(100)
      expect(killed.seed).toBeGreaterThan(0)
      expect(status).toBe(0)
    })
  })
}

const mutant: Mutant = {
  name: 'not-made-in-this-process',
  kind: 'quorum',
  in: 'majority',
  find: 'return Math.floor(n / 2) + 1',
  replace: 'b',
  by: 'campaign',
  breaks: 'consistency',
  because: 'it does not',
  trials: [
    { protocol: 'authenticated-echo', members: 4, runs: 3 },
    { protocol: 'authenticated-echo', members: 5, runs: 2 }
  ]
}

describe('a mutant survives', () => {
  it('if no run violates its property, after all of its trials', async () => {
    let runs = 0
    const outcome = await hunt(mutant, () => runs++)
    expect(outcome).toEqual({ outcome: 'survived', reason: 'no run violates consistency, of 3 + 2' })
    expect(runs).toBe(100 + 3 + 2)
    expect(resultOf([mutant], [outcome], [])).toMatchObject({ total: 1, killed: 0, survived: [mutant.name] })
  })
})

describe('a mutant that does not live survives', () => {
  const { trials: _, ...described } = mutant as Hunted<'campaign'>

  it('its table, and one that has not got the property', async () => {
    const byTable = { ...described, by: 'table', table: 'resilience' } as const
    const breaks = 'a resilience admits what its formula says'
    expect(await hunt({ ...byTable, breaks }, () => {})).toEqual({
      outcome: 'survived',
      reason: expect.stringMatching(/^all \d+ rows of the table resilience have the property: a resilience/)
    })
    expect(await hunt({ ...byTable, breaks: 'luck' }, () => {})).toEqual({
      outcome: 'survived',
      reason: 'the table resilience has no property "luck"'
    })
  })

  it('its schedule', async () => {
    const found = { protocol: 'authenticated-echo', members: 4 }
    const bySchedule = { ...described, name: SCHEDULED, breaks: 'validity', by: 'schedule', found } as const
    expect(await hunt(bySchedule, () => {})).toEqual({
      outcome: 'survived',
      reason: 'its schedule does not violate validity: --keep writes another'
    })
  })
})

describe('the control', () => {
  const config = configOf({ protocol: 'authenticated-echo', members: 4 })
  const other = configOf({ protocol: 'authenticated-echo', members: 5 })
  const found = { outcome: 'killed', property: 'consistency', detail: '' } as const
  const killed: Killed = {
    ...found,
    by: 'campaign',
    config,
    seed: 7,
    choices: 1,
    from: 9,
    atFour: 0,
    hunted: [{ config, runs: 7 }]
  }
  const byTable: Killed = { ...found, by: 'table', table: 'quorums', row: 3 }
  const bySchedule: Killed = { ...found, by: 'schedule', schedule: 'one', config, choices: 1, atFour: 0 }

  it('runs each configuration once, as far as the longest hunt in it went, in blocks; and each schedule and table', () => {
    const kill = (...hunted: readonly Runs[]) => ({ ...killed, hunted })
    const jobs = controlsOf([
      kill({ config, runs: 7 }, { config: other, runs: 2 }),
      kill({ config, runs: 300 }),
      byTable,
      bySchedule,
      byTable
    ])
    const control = { kind: 'control' } as const
    expect(jobs).toEqual([
      { ...control, by: 'campaign', config, from: 1, runs: 250 },
      { ...control, by: 'campaign', config, from: 251, runs: 300 },
      { ...control, by: 'campaign', config: other, from: 1, runs: 2 },
      { ...control, by: 'schedule', schedule: 'one' },
      { ...control, by: 'table', table: 'quorums', properties: ['consistency'] }
    ])
  })

  it('that finds something where a mutant was hunted spoils that kill, and the result', () => {
    const dirty = (job: ControlJob, hunt: Killed, seed?: number) => {
      const found = { clean: false, property: 'consistency', detail: '' } as const
      const control = seed === undefined ? found : { ...found, seed }
      return resultOf([mutant], [hunt], [{ job, control }])
    }
    const table = { kind: 'control', by: 'table', table: 'quorums' } as const
    const campaign = { kind: 'control', by: 'campaign', config, from: 1, runs: 10 } as const
    const spoilt = { controlsClean: false, mutants: [{ control: 'violated' }] }
    const unspoilt = { controlsClean: false, mutants: [{ control: 'clean' }] }
    expect(dirty(campaign, killed, 7)).toMatchObject(spoilt)
    expect(dirty(campaign, killed, 8)).toMatchObject(unspoilt)
    expect(dirty({ ...table, properties: ['consistency'] }, byTable)).toMatchObject(spoilt)
    expect(dirty({ ...table, properties: ['consistency'] }, killed)).toMatchObject(unspoilt)
    expect(dirty({ kind: 'control', by: 'schedule', schedule: 'one' }, bySchedule)).toMatchObject(spoilt)
    expect(dirty({ kind: 'control', by: 'schedule', schedule: 'other' }, bySchedule)).toMatchObject(unspoilt)
  })
})
