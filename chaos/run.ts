/** `npm run chaos`: real processes under kills and lies, judged by the checkers. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { applied, MUTANT_VARIABLE } from '../mutants/apply.ts'
import { endingOf } from '../src/program/errors.ts'
import { type ChaosCommand, readCommand } from './plan.ts'
import { runRegisterCampaign } from './register-campaign.ts'
import { runStackCampaign } from './stack-campaign.ts'

/** What a campaign that ran as it should exits with if what was seen is refused. */
const EXIT_REJECTED = 3

const HELP = `npm run chaos -- [options]

  --stack NAME                  any stack of simulate --list; without it, the campaign on registers
  --seconds N                   how long it runs (60)
  --seed N                      what is asked for, and pauses, follow from it (1)
  --behaviour NAME              what the Byzantine member does (perjure; with --stack, what shows on stacks of its kind)
  --history FILE                keeps the history, of one seed
  --seeds N                     so many seeds, one after the other (1)
  --mutant NAME                 with that change in the clients, with --stack in the members too: some seed must be
                                rejected

The campaign on registers: one client writes, others read.

  --consistency atomic|regular  how readers read (atomic)
  --readers N                   beside the one writer (8)

Four members with disks, f of them Byzantine where the model has liars. Where it has processes that recover, correct
members are killed (SIGKILL) one at a time, and start again; where they stop, up to f are killed for good.
Exit status: 0 if all that is promised held, ${EXIT_REJECTED} if it did not, 1 if too little was seen or operations were not
answered, 2 for wrong usage. With a mutant: 0 if some seed was rejected, otherwise 1.
`

process.exitCode = await chaos(process.argv.slice(2))

async function chaos(args: readonly string[]): Promise<number> {
  try {
    const command = readCommand(args)
    if (command.help) {
      process.stdout.write(HELP)
      return 0
    }
    // In a process that was started for a mutant it lives already.
    const lives = command.mutant === process.env[MUTANT_VARIABLE]
    return command.seeds === 1 && lives ? await one(command) : many(command, args)
  } catch (error) {
    const { status, line } = endingOf(error)
    if (status !== 2) throw error
    console.error(`chaos: ${line}`)
    return status
  }
}

async function one({ plan, history }: ChaosCommand): Promise<number> {
  const isMutant = process.env[MUTANT_VARIABLE] !== undefined
  // In the campaign on registers it lives in this process, with the clients; the members, its children, stay as they are.
  if (plan.stack === undefined) delete process.env[MUTANT_VARIABLE]
  const tell = (sum: string) => {
    if (process.stdout.isTTY) process.stdout.write(`\r${sum}`)
  }
  const result = await (plan.stack === undefined
    ? runRegisterCampaign(plan, tell)
    : runStackCampaign(plan, tell))
  if (process.stdout.isTTY) process.stdout.write('\n')
  if (isMutant && !applied()) throw new Error('the mutant was not in what ran')
  if (history !== undefined) writeFileSync(history, result.history)
  console.log(result.sum)
  if (result.rejected !== undefined) {
    console.log(`rejected: ${result.rejected}`)
    return EXIT_REJECTED
  }
  const { missing, shown } = result
  console.log(missing.length === 0 ? `ok: ${shown}` : `failed: ${missing.join(', ')}`)
  return missing.length === 0 ? 0 : 1
}

/** Each in a process of its own, in which the mutant lives. */
function many({ plan, seeds, mutant }: ChaosCommand, args: readonly string[]): number {
  let rejected = 0
  for (let seed = plan.seed; seed < plan.seed + seeds; seed++) {
    console.log(`seed ${seed}`)
    const { status } = spawnSync(
      process.execPath,
      [
        '--conditions=byzkit-source',
        ...(mutant === undefined
          ? []
          : ['--import', fileURLToPath(new URL('../mutants/apply.ts', import.meta.url))]),
        fileURLToPath(import.meta.url),
        ...args,
        ...['--seed', `${seed}`, '--seeds', '1']
      ],
      {
        stdio: 'inherit',
        env: { ...process.env, ...(mutant === undefined ? {} : { [MUTANT_VARIABLE]: mutant }) }
      }
    )
    if (status === EXIT_REJECTED) rejected++
    else if (status !== 0 && mutant === undefined) return 1
  }
  console.log(`${rejected} of ${seeds} seeds were rejected`)
  if (mutant !== undefined) return rejected > 0 ? 0 : 1
  return rejected > 0 ? EXIT_REJECTED : 0
}
