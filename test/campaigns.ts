/** Campaigns that a test runs itself: a few seeds of one configuration, with as many faults as the stack admits. */
import { type RunOutcome, run } from '../src/laboratory/run.ts'
import type { RunConfig } from '../src/laboratory/run-config.ts'
import type { Stack } from '../src/stacks/stack.ts'

/** Without liars, on ideal links. */
export const crashConfig = ({ name, resilience }: Stack, members: number): RunConfig => ({
  protocol: name,
  members,
  faults: resilience.largest(members),
  byzantine: 0,
  adversary: null,
  links: 'ideal',
  crypto: 'symbolic'
})

/** The first of so many runs that satisfies it. */
export function hunted(
  config: RunConfig,
  runs: number,
  isIt: (outcome: RunOutcome) => boolean
): RunOutcome | undefined {
  for (let seed = 1; seed <= runs; seed++) {
    const outcome = run(config, seed)
    if (isIt(outcome)) return outcome
  }
  return undefined
}

/** Landmarks that none of so many runs reaches. */
export function unreached(config: RunConfig, runs: number, landmarks: readonly string[]): readonly string[] {
  const missing = new Set(landmarks)
  hunted(config, runs, (outcome) => {
    for (const [name] of outcome.landmarks) missing.delete(name)
    return missing.size === 0
  })
  return [...missing]
}
