/** The hunt kills a mutant that lives, and none that does not: end to end, in processes of their own. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { controlsOf } from '../../mutants/controls.ts'
import { hunt } from '../../mutants/hunt.ts'
import { configOf } from '../../mutants/laboratory.ts'
import type { Mutant } from '../../mutants/mutant.ts'
import { resultOf } from '../../mutants/report.ts'
import { AT_LENGTH } from '../extent.ts'

const RUN = fileURLToPath(new URL('../../mutants/run.ts', import.meta.url))

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

  it.each([
    [['--only', 'nobody'], '--only nobody: neither a mutant nor one of core'],
    [['--workers', '0'], '--workers: expected an integer from 1'],
    [['--all'], "Unknown option '--all'"]
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

describe('a mutant survives', () => {
  const mutant: Mutant = {
    name: 'not-made-in-this-process',
    kind: 'quorum',
    file: 'core/quorum.ts',
    find: 'a',
    replace: 'b',
    breaks: 'consistency',
    because: 'it does not',
    trials: [
      { protocol: 'authenticated-echo', members: 4, runs: 3 },
      { protocol: 'authenticated-echo', members: 5, runs: 2 }
    ]
  }

  it('if no run violates its property, after all of its trials', () => {
    let runs = 0
    const outcome = hunt(mutant, () => runs++)
    expect(outcome).toEqual({ outcome: 'survived', reason: 'no run violates consistency, of 3 + 2' })
    expect(runs).toBe(100 + 3 + 2)
    expect(resultOf([mutant], [outcome], [])).toMatchObject({ total: 1, killed: 0, survived: [mutant.name] })
  })
})

describe('the control', () => {
  const config = configOf({ protocol: 'authenticated-echo', members: 4 })
  const other = configOf({ protocol: 'authenticated-echo', members: 5 })

  it('runs each configuration once, as far as the longest hunt in it went, in blocks', () => {
    const jobs = controlsOf([
      { config, runs: 7 },
      { config: other, runs: 2 },
      { config, runs: 300 }
    ])
    expect(jobs.map((job) => [job.config.members, job.from, job.runs])).toEqual([
      [4, 1, 250],
      [4, 251, 300],
      [5, 1, 2]
    ])
  })

  it('that finds something where a mutant was hunted spoils that kill, and the result', () => {
    const trial = { protocol: 'authenticated-echo', members: 4 } as const
    const mutant: Mutant = {
      name: 'one',
      kind: 'quorum',
      file: 'core/quorum.ts',
      find: 'a',
      replace: 'b',
      breaks: 'consistency',
      because: 'it does',
      trials: [trial]
    }
    const killed = {
      outcome: 'killed',
      config,
      seed: 7,
      property: 'consistency',
      detail: '',
      choices: 1,
      from: 9,
      atFour: 0,
      hunted: [{ config, runs: 7 }]
    } as const
    const dirty = (seed: number) =>
      resultOf(
        [mutant],
        [killed],
        [{ clean: false, seed, property: 'consistency', detail: '', config, runs: 10 }]
      )
    expect(dirty(7)).toMatchObject({ controlsClean: false, mutants: [{ control: 'violated' }] })
    expect(dirty(8)).toMatchObject({ controlsClean: false, mutants: [{ control: 'clean' }] })
  })
})
