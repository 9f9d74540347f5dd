/**
 * The order as a witness: whoever executes tells where each command stood, and so a history is judged in one pass,
 * whatever the machine is. A fresh machine that is given the same commands in the same order gives the same results.
 */
import { concatBytes, toHex } from '../core/bytes.ts'
import { encode, uint } from '../core/shapes.ts'
import { nobleBackend } from '../crypto/index.ts'
import { StateMap } from '../replication/managed-state.ts'
import type { Executed } from '../replication/replica.ts'
import { applyCommand, type Outcome, type StateMachine } from '../replication/state-machine.ts'

/** Where a command stands in the order of all. */
export interface Place {
  readonly sequence: number
  readonly index: number
}

export const isBefore = (a: Place, b: Place): boolean =>
  a.sequence < b.sequence || (a.sequence === b.sequence && a.index < b.index)

export const placeText = ({ sequence, index }: Place): string => `${sequence}/${index}`

/** What came of a command, in words. */
export const outcomeText = ({
  kind,
  result
}: {
  readonly kind: string
  readonly result: Uint8Array
}): string => `${kind} ${toHex(result)}`.trimEnd()

/** A command that was executed, as the witness tells it. */
export interface Witnessed extends Place {
  /** The digest of its batch. */
  readonly batch: Uint8Array
  readonly executed: Executed
}

/**
 * The first command whose result is another one than the machine gives, in the order of all that were executed.
 *
 * @param machine - in its first state
 */
export function firstWrong(
  machine: StateMachine,
  commands: Iterable<Witnessed>
): { readonly command: Witnessed; readonly right: Outcome } | undefined {
  const { sha256: hash } = nobleBackend
  const state = new StateMap(hash)
  for (const command of [...commands].sort((a, b) => (isBefore(a, b) ? -1 : 1))) {
    const { batch, sequence, index, executed } = command
    const { client } = executed
    const random = hash(concatBytes(batch, encode(uint(), index)))
    const context = { state, client, sequence, index, timeMs: 0, random }
    const right = applyCommand(machine, executed.command, context)
    if (outcomeText(right) !== outcomeText(executed)) return { command, right }
  }
  return undefined
}
