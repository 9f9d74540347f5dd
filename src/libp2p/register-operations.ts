/** Registers for an application, over the operations of its process. */
import { compareBytes } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { requireOneOf, shown } from '../core/parameters.ts'
import { REGISTER_NAME_CHARACTERS_MAX } from '../registers/constants.ts'
import { type RegisterId, writersProblem } from '../registers/register.ts'
import { definitely } from './operation-errors.ts'
import { type Operations, ownBytes, settleWrite } from './operations.ts'
import type { OperationOptions, Register, RegisterOwners, Written } from './register-service.ts'

export function registerFor(
  operations: Operations,
  ownKey: Uint8Array,
  name: string,
  owners: RegisterOwners = {}
): Register {
  const id = registerId(name, owners, ownKey)
  return {
    read: async ({ consistency = 'atomic', ...options } = {}) => {
      requireConsistency(consistency)
      return operations.read('read', options, (registers, returned) =>
        consistency === 'regular' ? registers.readRegular(id, returned) : registers.read(id, returned)
      )
    },
    async write(value: Uint8Array, options: OperationOptions = {}): Promise<Written> {
      const own = ownBytes(value)
      return operations.write('write', options, (registers, returned) =>
        registers.write(id, own, settleWrite(returned))
      )
    }
  }
}

/** @throws InvalidParametersError */
export function requireConsistency(consistency: unknown): void {
  try {
    requireOneOf('consistency', consistency, ['atomic', 'regular'])
  } catch (error) {
    throw definitely(error as Error)
  }
}

function registerId(name: string, owners: RegisterOwners, ownKey: Uint8Array): RegisterId {
  if (typeof name !== 'string' || name.length > REGISTER_NAME_CHARACTERS_MAX || !name.isWellFormed()) {
    throw new InvalidParametersError(
      `register: a name is well-formed text of at most ${REGISTER_NAME_CHARACTERS_MAX} UTF-16 code units`
    )
  }
  return { writers: [...writersOf('register', owners, ownKey)], name }
}

/**
 * Whose it is, by default this process's own.
 * @throws InvalidParametersError that begins with `what`
 */
export function writersOf(
  what: string,
  { writer, writers }: RegisterOwners,
  ownKey: Uint8Array
): RegisterId['writers'] {
  if (writer !== undefined && writers !== undefined)
    throw new InvalidParametersError(`${what}: expected one writer or several, not both`)
  const keys = writers ?? [writer ?? ownKey]
  if (!Array.isArray(keys))
    throw new InvalidParametersError(`${what}: expected a list of writers, not ${shown(keys)}`)
  if (!keys.every((key) => key instanceof Uint8Array && key.length === 32))
    throw new InvalidParametersError(`${what}: a writer is an Ed25519 public key of 32 bytes`)
  const own = keys.map((key) => new Uint8Array(key)).sort(compareBytes)
  const problem = writersProblem(own)
  if (problem !== undefined) throw new InvalidParametersError(`${what}: ${problem}`)
  return own
}
