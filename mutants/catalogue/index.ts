/** All mutants. */
import type { Mutant } from '../mutant.ts'
import { recordMutants } from './broadcast-records.ts'
import { voteMutants } from './broadcast-votes.ts'
import { windowMutants } from './broadcast-windows.ts'
import { coreMutants } from './core.ts'
import { linkMutants } from './links.ts'

export const mutants: readonly Mutant[] = [
  ...coreMutants,
  ...linkMutants,
  ...voteMutants,
  ...recordMutants,
  ...windowMutants
]

export function findMutant(name: string): Mutant | undefined {
  return mutants.find((mutant) => mutant.name === name)
}
