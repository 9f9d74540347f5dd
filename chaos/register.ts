/**
 * `npm run chaos:register`: registers on real processes under kills and lies, judged by the checkers.
 *
 *     -- --consistency atomic|regular   how readers read (atomic)
 *     -- --seconds 60 --seed 1          how long, and from which seed pauses and kills follow
 *     -- --history FILE                 keeps the history; `byzkit check` judges it again
 *     -- --mutant NAME --seeds 20       with that change in the clients: some of the seeds must be rejected
 *
 * It fails if the history is not what it must be, or shows too little of what it is there to show.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseHistory } from '../src/checkers/history-file.ts'
import { checkLinearizable } from '../src/checkers/linearizability.ts'
import { registerModel } from '../src/checkers/models.ts'
import { checkRegular } from '../src/checkers/regularity.ts'
import { type ChaosResult, describe, runChaos } from './campaign.ts'
import { type ChaosPlan, readPlan } from './plan.ts'

/** What a campaign that ran as it should exits with if its history is refused. */
const EXIT_REJECTED = 3

const { seeds, mutant, ...plan } = readPlan(process.argv.slice(2))
process.exitCode = seeds === 1 ? await one(plan) : many(seeds)

async function one(campaign: ChaosPlan): Promise<number> {
  const result = await runChaos(campaign, (line) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${line}`)
  })
  if (process.stdout.isTTY) process.stdout.write('\n')
  const { history } = result
  if (campaign.history !== undefined) writeFileSync(campaign.history, history.lines.join(''))
  console.log(describe(result))
  const contradiction = judge(campaign, history.lines)
  if (contradiction !== undefined) {
    console.log(`rejected: ${contradiction}`)
    return EXIT_REJECTED
  }
  const lacking = missing(campaign, result)
  console.log(
    lacking.length === 0
      ? `ok: the history is ${campaign.consistency}`
      : `proves too little: ${lacking.join(', ')}`
  )
  return lacking.length === 0 ? 0 : 1
}

function judge({ consistency }: ChaosPlan, lines: readonly string[]): string | undefined {
  const operations = parseHistory(lines.join(''))
  const check = consistency === 'atomic' ? checkLinearizable : checkRegular
  return check(operations, registerModel()).contradiction?.reason
}

function missing({ required }: ChaosPlan, { history, kills, outvoted }: ChaosResult): string[] {
  const seen = { operations: history.completed, overlapping: history.overlapping, outvoted, kills }
  return (Object.keys(required) as (keyof typeof required)[])
    .filter((name) => seen[name] < required[name])
    .map((name) => `${seen[name]} ${name} of ${required[name]}`)
}

/** Each in a process of its own, in which the mutant lives. */
function many(count: number): number {
  let rejected = 0
  for (let seed = plan.seed; seed < plan.seed + count; seed++) {
    const { seconds, readers, consistency, behaviour } = plan
    const options = { seed, seconds, readers, consistency, behaviour }
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])
    const { status } = spawnSync(
      process.execPath,
      [
        '--conditions=byzkit-source',
        ...(mutant === undefined
          ? []
          : ['--import', fileURLToPath(new URL('../mutants/apply.ts', import.meta.url))]),
        fileURLToPath(import.meta.url),
        ...args
      ],
      {
        stdio: 'inherit',
        env: { ...process.env, ...(mutant === undefined ? {} : { BYZKIT_MUTANT: mutant }) }
      }
    )
    if (status === EXIT_REJECTED) rejected++
    else if (status !== 0 && mutant === undefined) return 1
  }
  console.log(`${rejected} of ${count} seeds were rejected`)
  return mutant === undefined ? Math.min(1, rejected) : rejected > 0 ? 0 : 1
}
