/**
 * A worker thread of a campaign: takes blocks of runs, gives outcomes; shrinks what violates a property. It says in
 * shared memory what it is at, so that a run that never ends can be named.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { ModelError } from '../../core/errors.ts'
import { VIOLATIONS_LISTED_MAX } from '../../laboratory/campaign.ts'
import { MutationSearch } from '../../laboratory/mutation-search.ts'
import { nondeterminism } from '../../laboratory/nondeterminism.ts'
import { type Recording, recordViolation } from '../../laboratory/recording.ts'
import type { RunOutcome } from '../../laboratory/run.ts'
import { run } from '../../laboratory/run.ts'
import type { RunConfig } from '../../laboratory/run-config.ts'
import { NotRepeatableError, shrink } from '../../laboratory/shrink.ts'
import { loadProtocol } from './protocol-file.ts'
import { type Answer, AT_RUN, CANCELLED, type Task, type WorkerData } from './tasks.ts'
import { withStopCause } from './what-stopped.ts'

const { shared, protocolFile } = workerData as WorkerData
const ready = protocolFile === undefined ? Promise.resolve() : loadProtocol(protocolFile)
let search: MutationSearch | undefined
/** Violating runs of which it was said where they stopped: no more are listed. */
let explained = 0

parentPort?.on('message', (task: Task) => {
  void ready.then(() => perform(task)).then(tell)
})

async function perform(task: Task): Promise<Answer> {
  switch (task.kind) {
    case 'runs':
      return runBlock(task.seeds.length, (i) =>
        explain(task.config, runOne(task.config, task.seeds[i] ?? 0, i))
      )
    case 'mutations': {
      search ??= new MutationSearch(task.config, task.seed)
      const of = search
      return runBlock(task.runs, () => explain(task.config, of.next()))
    }
    case 'shrink':
      return shrinkIt(task)
    case 'write':
      // Loaded when it is asked for: most threads only run, and begin the sooner.
      return (await import('./write-trace.ts')).write(task)
  }
}

/** So many runs, or fewer: none after one that had to be given up, and none once the campaign is cancelled. */
async function runBlock(runs: number, next: (index: number) => RunOutcome): Promise<Answer> {
  for (let i = 0; i < runs && !isCancelled(); i++) {
    begin(i + 1)
    let outcome: RunOutcome
    try {
      outcome = next(i)
    } catch (error) {
      if (error instanceof ModelError) return { kind: 'refused', reason: error.message }
      throw error
    }
    // What a run leaves behind, such as a promise that is rejected, comes up before the run counts as ended.
    await new Promise((resolve) => setImmediate(resolve))
    tell({ kind: 'outcome', outcome })
    if (outcome.endless) break
  }
  return { kind: 'finished' }
}

function runOne(config: RunConfig, seed: number, index: number): RunOutcome {
  const outcome = run(config, seed)
  // The first of each block once more: a protocol that reads a clock or a die of its own is found soon.
  const differs = index === 0 && !outcome.endless ? nondeterminism(config, seed, outcome) : undefined
  return differs === undefined ? outcome : { ...outcome, violations: [differs, ...outcome.violations] }
}

/** Of somebody's own protocol it is said where in its code a process was stopped. */
function explain(config: RunConfig, outcome: RunOutcome): RunOutcome {
  if (protocolFile === undefined || outcome.violations.length === 0) return outcome
  return explained++ < VIOLATIONS_LISTED_MAX ? withStopCause(config, outcome) : outcome
}

function begin(runs: number): void {
  Atomics.store(shared, AT_RUN, runs)
}

const isCancelled = () => Atomics.load(shared, CANCELLED) === 1

const tell = (answer: Answer) => parentPort?.postMessage(answer)

function shrinkIt({ property, from }: Extract<Task, { kind: 'shrink' }>): Answer {
  const recording = 'config' in from ? recordViolation(from.config, from.seed, property) : from
  // What was found so far is told as soon as it is found: should this thread be lost, it is not.
  let told: Recording = recording
  tell({ kind: 'progress', tried: 0, choices: recording.schedule.length, recording })
  try {
    const shrunk = shrink({
      recording,
      property,
      onProgress: ({ tried, choices, recording: smallest }) => {
        begin(tried)
        if (smallest !== told) tell({ kind: 'progress', tried, choices, recording: smallest })
        else if (tried % 10 === 0) tell({ kind: 'progress', tried, choices })
        told = smallest
      },
      cancelled: isCancelled
    })
    const { tried, minimal } = shrunk
    return { kind: 'shrunk', recording: shrunk.recording, from: recording.schedule.length, tried, minimal }
  } catch (error) {
    if (error instanceof NotRepeatableError) return { kind: 'unrepeatable' }
    throw error
  }
}
