/**
 * The registers that the key-value store is made of: one for each key, with one writer or several. Where a process is the
 * only writer it knows the highest timestamp itself, and consults nobody before it writes; where readers want no more
 * than regular registers, they write nothing back.
 */
import type { Environment } from '../core/environment.ts'
import { AuthenticatedDataSharedRegister } from './authenticated-data-shared-register.ts'
import type { AuthenticatedStorage } from './authenticated-storage.ts'
import type { RegisterOptions } from './constants.ts'
import type { ReadOperation } from './operation.ts'
import type { OpenOperation, RegisterId, RegisterIndications, WriteResult } from './register.ts'
import type { Content } from './signed-register.ts'
import { highest, type SignedValue } from './signed-value.ts'

/** What reads promise (Lamport 1986). */
export type Consistency = 'regular' | 'atomic'

export class KeyRegisters extends AuthenticatedDataSharedRegister {
  readonly #consistency: Consistency

  constructor(
    env: Environment,
    path: string,
    storage: AuthenticatedStorage,
    options: RegisterOptions,
    consistency: Consistency,
    indications: RegisterIndications
  ) {
    super(env, path, storage, options, indications)
    this.#consistency = consistency
  }

  /** See {@link SignedRegister.readThenWrite}; atomic for a register that nobody else writes, and for no other. */
  update(
    register: RegisterId,
    decide: (current: SignedValue | null) => Content | undefined,
    returned: (current: SignedValue | null, result?: WriteResult) => void
  ): OpenOperation {
    return this.readThenWrite(register, decide, returned)
  }

  protected override find(
    register: RegisterId,
    operation: ReadOperation,
    found: (value: SignedValue | null) => void
  ): void {
    if (this.#consistency === 'atomic') super.find(register, operation, found)
    else operation.awaits(this.storage.query(register, (answers) => found(highest(answers.values()))))
  }

  protected override nextTimestamp(register: RegisterId, next: (timestamp: number) => void): void {
    if (register.writers.length > 1) super.nextTimestamp(register, next)
    else next((this.written.last(register)?.value.timestamp ?? 0) + 1)
  }
}
