/**
 * A worker thread of a campaign: takes blocks of runs, gives outcomes; shrinks what violates a property. It says in
 * shared memory what it is at, so that a run that never ends can be named.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { MutationSearch } from '../../laboratory/mutation-search.ts'
import { nondeterminism } from '../../laboratory/nondeterminism.ts'
import { recordViolation } from '../../laboratory/recording.ts'
import type { RunOutcome } from '../../laboratory/run.ts'
import { run } from '../../laboratory/run.ts'
import type { RunConfig } from '../../laboratory/run-config.ts'
import { shrink } from '../../laboratory/shrink.ts'
import { loadProtocol } from './protocol-file.ts'
import { type Answer, AT_RUN, CANCELLED, type Task, type WorkerData } from './tasks.ts'

const { shared, protocolFile } = workerData as WorkerData
const ready = protocolFile === undefined ? Promise.resolve() : loadProtocol(protocolFile)
let search: MutationSearch | undefined

parentPort?.on('message', (task: Task) => {
  void ready.then(() => {
    parentPort?.postMessage(perform(task))
  })
})

function perform(task: Task): Answer {
  switch (task.kind) {
    case 'runs':
      return {
        kind: 'outcomes',
        index: task.index,
        outcomes: task.seeds.map((seed, i) => runOne(task.config, seed, i))
      }
    case 'mutations': {
      search ??= new MutationSearch(task.config, task.seed)
      const { runs } = task
      const of = search
      return {
        kind: 'outcomes',
        index: task.index,
        outcomes: Array.from({ length: runs }, (_, i) => {
          begin(i)
          return of.next()
        })
      }
    }
    case 'shrink':
      return shrinkIt(task)
  }
}

function runOne(config: RunConfig, seed: number, index: number): RunOutcome {
  begin(index)
  const outcome = run(config, seed)
  // The first of each block once more: a protocol that reads a clock or a die of its own is found soon.
  const differs = index === 0 ? nondeterminism(config, seed, outcome) : undefined
  return differs === undefined ? outcome : { ...outcome, violations: [differs, ...outcome.violations] }
}

function begin(index: number): void {
  Atomics.store(shared, AT_RUN, index)
}

function shrinkIt({ property, from }: Extract<Task, { kind: 'shrink' }>): Answer {
  const recording = 'config' in from ? recordViolation(from.config, from.seed, property) : from
  const {
    recording: smallest,
    tried,
    minimal
  } = shrink({
    recording,
    property,
    onProgress: (progress) => {
      if (progress.tried % 10 === 0) parentPort?.postMessage({ kind: 'progress', ...progress })
    },
    cancelled: () => Atomics.load(shared, CANCELLED) === 1
  })
  return { kind: 'shrunk', recording: smallest, from: recording.schedule.length, tried, minimal }
}
