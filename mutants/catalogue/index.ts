/** All mutants. */
import type { Mutant } from '../mutant.ts'
import { arithmeticMutants } from './arithmetic.ts'
import { authenticatedEchoMutants, tallyMutants } from './authenticated-echo.ts'
import { balanceMutants } from './balances.ts'
import { consensusMutants } from './consensus.ts'
import { contextMutants } from './contexts.ts'
import { coreMutants } from './core.ts'
import { crashRegisterMutants } from './crash-registers.ts'
import { doubleEchoMutants } from './double-echo.ts'
import { encodingMutants } from './encodings.ts'
import { handshakeMutants } from './handshake.ts'
import { judgeMutants } from './judges.ts'
import { ladderMutants } from './ladder.ts'
import { lateAnswerMutants } from './late-answers.ts'
import { leaderlessMutants } from './leaderless-store.ts'
import { linkMutants } from './links.ts'
import { namingMutants } from './naming.ts'
import { oneMemberMutants } from './one-member.ts'
import { recordMutants } from './records.ts'
import { replicationMutants } from './replication.ts'
import { signedEchoMutants } from './signed-echo.ts'
import { signedRegisterMutants } from './signed-registers.ts'
import { stateMutants } from './states.ts'
import { textbookBroadcastMutants } from './textbook-broadcasts.ts'
import { unsignedRegisterMutants } from './unsigned-registers.ts'
import { valueMutants } from './values.ts'
import { windowMutants } from './windows.ts'

export const mutants: readonly Mutant[] = [
  ...arithmeticMutants,
  ...coreMutants,
  ...linkMutants,
  ...ladderMutants,
  ...authenticatedEchoMutants,
  ...tallyMutants,
  ...signedEchoMutants,
  ...doubleEchoMutants,
  ...recordMutants,
  ...windowMutants,
  ...textbookBroadcastMutants,
  ...namingMutants,
  ...unsignedRegisterMutants,
  ...crashRegisterMutants,
  ...leaderlessMutants,
  ...consensusMutants,
  ...replicationMutants,
  ...oneMemberMutants,
  ...stateMutants,
  ...signedRegisterMutants,
  ...lateAnswerMutants,
  ...contextMutants,
  ...handshakeMutants,
  ...encodingMutants,
  ...valueMutants,
  ...balanceMutants,
  ...judgeMutants
]

export function findMutant(name: string): Mutant | undefined {
  return mutants.find((mutant) => mutant.name === name)
}
