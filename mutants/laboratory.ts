/** All that the mutants need of the laboratory: the one file to adapt when the laboratory changes. */
import { byzantineResilience } from '../src/core/quorum.ts'
import { judge, run } from '../src/laboratory/campaign.ts'
import { planRun, type RunConfig } from '../src/laboratory/run-config.ts'
import { simulate } from '../src/simulator/simulation.ts'
import { TERMINATION, type Trial } from './mutant.ts'

export type { RunConfig }

/** What a run violates. */
export interface Finding {
  readonly property: string
  readonly detail: string
}

export interface Findings {
  readonly findings: readonly Finding[]
  /** Messages delivered in the run. */
  readonly messages: number
}

export function configOf({
  protocol,
  members,
  byzantine = byzantineResilience(members),
  adversary = 'swarm',
  links = 'ideal',
  signedSend = false
}: Trial): RunConfig {
  const faults = byzantineResilience(members)
  return {
    protocol,
    members,
    faults,
    byzantine,
    adversary: byzantine === 0 ? null : adversary,
    links,
    crypto: 'symbolic',
    signedSend
  }
}

export function examine(config: RunConfig, seed: number): Findings {
  return terminating(() => {
    const { violations, messages } = run(config, seed)
    return { findings: violations, messages }
  })
}

/** The same workload without liars, crashes and faults of the network: nothing may be found. */
export function examineFaultFree(config: RunConfig, seed: number): Findings {
  const alone = { ...config, byzantine: 0, adversary: null }
  const planned = planRun(alone, seed)
  const quiet = { partitions: 0, sessionEnds: 0, lossPpm: 0, duplicationPpm: 0, reorderingPpm: 0 }
  return terminating(() => {
    const result = simulate({ ...planned, crashes: 0, network: { ...planned.network, ...quiet } })
    return { findings: judge(alone, result), messages: result.messages }
  })
}

/**
 * How long the shortest run is that still violates the property.
 *
 * NOT SHRUNK YET: until the laboratory can shrink a run, this is the number of messages of the run as it was found,
 * and `shrunk` says so. To be filled in here, and nowhere else.
 */
export function shortest(
  _config: RunConfig,
  _seed: number,
  _property: string,
  found: Findings
): { readonly messages: number; readonly shrunk: boolean } {
  return { messages: found.messages, shrunk: false }
}

/** The simulator bounds the events of a run and throws beyond; every other error is a bug of ours. */
function terminating(examined: () => Findings): Findings {
  try {
    return examined()
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error))
    if (!message.includes('does not end within')) throw error
    return { findings: [{ property: TERMINATION, detail: message }], messages: 0 }
  }
}
