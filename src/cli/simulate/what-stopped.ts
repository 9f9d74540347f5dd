/** What stopped a process in a run of a protocol of somebody's own: the error, which the history only quotes. */
import type { Violation } from '../../checkers/violation.ts'
import type { ProcessId } from '../../core/group.ts'
import { type Recording, repeatRun } from '../../laboratory/recording.ts'
import type { RunOutcome } from '../../laboratory/run.ts'
import { type RunConfig, seededRun } from '../../laboratory/run-config.ts'
import type { History } from '../../simulator/history.ts'
import { simulate } from '../../simulator/simulation.ts'
import { ownError } from './own-error.ts'

/** Takes down what stopped each process in a run. */
export class StopCauses {
  readonly #causes: { readonly process: ProcessId; readonly cause: Error }[] = []

  readonly onStop = (process: ProcessId, cause: Error): void => {
    this.#causes.push({ process, cause })
  }

  /** The violations, of which `no crash` says type and place of what stopped the first correct process. */
  explained<V extends Violation>(
    violations: readonly V[],
    { correct }: Pick<History, 'correct'>
  ): readonly V[] {
    const first = this.#causes.find(({ process }) => correct.includes(process))
    if (first === undefined) return violations
    const { message } = first.cause
    const { text, stack } = ownError(first.cause)
    return violations.map((violation) => {
      const { property, detail } = violation
      if (property !== 'no crash' || !detail.endsWith(message)) return violation
      return { ...violation, detail: `${detail.slice(0, detail.length - message.length)}${text}`, stack }
    })
  }
}

/** The outcome of a run, which says where in somebody's own code a process was stopped. */
export function withStopCause(config: RunConfig, outcome: RunOutcome): RunOutcome {
  if (!outcome.violations.some(({ property }) => property === 'no crash')) return outcome
  const causes = new StopCauses()
  const history = again(config, outcome.seed, outcome.recording, causes)
  return { ...outcome, violations: causes.explained(outcome.violations, history) }
}

function again(
  config: RunConfig,
  seed: number,
  recording: Recording | undefined,
  { onStop }: StopCauses
): History {
  if (recording !== undefined) return repeatRun(recording, { onStop }).result.history
  return simulate({ ...seededRun(config, seed), onStop }).history
}
