/** All mutants. */
import type { Mutant } from '../mutant.ts'
import { authenticatedEchoMutants, tallyMutants } from './authenticated-echo.ts'
import { coreMutants } from './core.ts'
import { crashRegisterMutants } from './crash-registers.ts'
import { doubleEchoMutants } from './double-echo.ts'
import { lateAnswerMutants } from './late-answers.ts'
import { linkMutants } from './links.ts'
import { namingMutants } from './naming.ts'
import { recordMutants } from './records.ts'
import { signedEchoMutants } from './signed-echo.ts'
import { signedRegisterMutants } from './signed-registers.ts'
import { unsignedRegisterMutants } from './unsigned-registers.ts'
import { windowMutants } from './windows.ts'

export const mutants: readonly Mutant[] = [
  ...coreMutants,
  ...linkMutants,
  ...authenticatedEchoMutants,
  ...tallyMutants,
  ...signedEchoMutants,
  ...doubleEchoMutants,
  ...recordMutants,
  ...windowMutants,
  ...namingMutants,
  ...unsignedRegisterMutants,
  ...crashRegisterMutants,
  ...signedRegisterMutants,
  ...lateAnswerMutants
]

export function findMutant(name: string): Mutant | undefined {
  return mutants.find((mutant) => mutant.name === name)
}
