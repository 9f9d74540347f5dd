/** `npm run chaos:register`: registers on real processes under kills and lies, judged by the checkers. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { applied, MUTANT_VARIABLE } from '../mutants/apply.ts'
import { parseHistory } from '../src/checkers/history-file.ts'
import { checkLinearizable } from '../src/checkers/linearizability.ts'
import { registerModel } from '../src/checkers/models.ts'
import { checkRegular } from '../src/checkers/regularity.ts'
import { type ChaosResult, describe, runChaos } from './campaign.ts'
import { type ChaosPlan, readPlan, UsageError } from './plan.ts'

/** What a campaign that ran as it should exits with if its history is refused. */
const EXIT_REJECTED = 3

const EXIT_USAGE = 2

const HELP = `npm run chaos:register -- [options]

  --consistency atomic|regular  how readers read (atomic)
  --seconds N                   how long it runs (60)
  --seed N                      pauses follow from it (1)
  --readers N                   beside the one writer (8)
  --behaviour NAME              what the Byzantine member does (perjure)
  --history FILE                keeps the history, of one seed; byzkit check judges it again
  --seeds N                     so many seeds, one after the other (1)
  --mutant NAME                 with that change in the clients: some seed must be rejected

Four members with disks, one of them Byzantine; correct ones are killed (SIGKILL) one at a time, and start again.
Exit status: 0 if the history is what it must be, ${EXIT_REJECTED} if it is not, 1 if it shows too little or operations were
not answered, ${EXIT_USAGE} for wrong usage. With a mutant: 0 if some seed was rejected, otherwise 1.
`

process.exitCode = await chaos(process.argv.slice(2))

async function chaos(args: readonly string[]): Promise<number> {
  try {
    const { seeds, mutant, help, ...plan } = readPlan(args)
    if (help) {
      process.stdout.write(HELP)
      return 0
    }
    return seeds === 1 && mutant === undefined ? await one(plan) : many(plan, seeds, mutant)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`chaos: ${error.message}`)
    return EXIT_USAGE
  }
}

async function one(campaign: ChaosPlan): Promise<number> {
  // It lives in this process, with the clients; the members, which are its children, stay as they are.
  const isMutant = process.env[MUTANT_VARIABLE] !== undefined
  delete process.env[MUTANT_VARIABLE]
  const result = await runChaos(campaign, (line) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${line}`)
  })
  if (process.stdout.isTTY) process.stdout.write('\n')
  const { history } = result
  if (isMutant && !applied()) throw new Error('the mutant was not in what the clients ran')
  if (campaign.history !== undefined) writeFileSync(campaign.history, history.lines.join(''))
  console.log(describe(result))
  const contradiction = judge(campaign, history.lines)
  if (contradiction !== undefined) {
    console.log(`rejected: ${contradiction}`)
    return EXIT_REJECTED
  }
  const lacking = missing(campaign, result)
  console.log(
    lacking.length === 0 ? `ok: the history is ${campaign.consistency}` : `failed: ${lacking.join(', ')}`
  )
  return lacking.length === 0 ? 0 : 1
}

function judge({ consistency }: ChaosPlan, lines: readonly string[]): string | undefined {
  const operations = parseHistory(lines.join(''))
  const check = consistency === 'atomic' ? checkLinearizable : checkRegular
  return check(operations, registerModel()).contradiction?.reason
}

function missing({ required }: ChaosPlan, { history, kills, outvoted, unanswered }: ChaosResult): string[] {
  const seen = { operations: history.completed, overlapping: history.overlapping, outvoted, kills }
  const tooFew = (Object.keys(required) as (keyof typeof required)[])
    .filter((name) => seen[name] < required[name])
    .map((name) => `${seen[name]} ${name} of ${required[name]}`)
  return unanswered === 0 ? tooFew : [...tooFew, `${unanswered} operations without an answer`]
}

/** Each in a process of its own, in which the mutant lives. */
function many(plan: ChaosPlan, count: number, mutant: string | undefined): number {
  let rejected = 0
  for (let seed = plan.seed; seed < plan.seed + count; seed++) {
    console.log(`seed ${seed}`)
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
        env: { ...process.env, ...(mutant === undefined ? {} : { [MUTANT_VARIABLE]: mutant }) }
      }
    )
    if (status === EXIT_REJECTED) rejected++
    else if (status !== 0 && mutant === undefined) return 1
  }
  console.log(`${rejected} of ${count} seeds were rejected`)
  if (mutant !== undefined) return rejected > 0 ? 0 : 1
  return rejected > 0 ? EXIT_REJECTED : 0
}
