/** Registers for an application, over the requests of its process. */
import { compareBytes } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import { requireOneOf, shown } from '../core/parameters.ts'
import { REGISTER_NAME_CHARACTERS_MAX } from '../registers/constants.ts'
import { type ReadResult, type RegisterId, type WriteResult, writersProblem } from '../registers/register.ts'
import { registerService } from '../registers/service.ts'
import { requirePublicKey } from './identity.ts'
import type { OfferedServices } from './offered-services.ts'
import { definitely } from './operation-errors.ts'
import { operation, ownBytes, settledWrite } from './operations.ts'
import type { OperationOptions, Register, RegisterOwners, Written } from './register-service.ts'

export function registerFor(
  offered: OfferedServices,
  ownKey: Uint8Array,
  name: string,
  owners: RegisterOwners = {}
): Register {
  const id = registerId(name, owners, ownKey)
  return {
    read: async ({ consistency = 'atomic', ...options } = {}) => {
      requireConsistency(consistency)
      const read = consistency === 'regular' ? 'readRegular' : 'read'
      return offered.ask<ReadResult>(registerService, read, [id], operation('read', options))
    },
    async write(value: Uint8Array, options: OperationOptions = {}): Promise<Written> {
      const given = [id, ownBytes(value)]
      return settledWrite(
        await offered.ask<WriteResult>(registerService, 'write', given, operation('write', options))
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
  const keys = writers ?? [writer === undefined ? ownKey : writer]
  if (!Array.isArray(keys))
    throw new InvalidParametersError(`${what}: expected a list of writers, not ${shown(keys)}`)
  const own = keys.map((key) => requirePublicKey(`${what}: a writer`, key)).sort(compareBytes)
  const problem = writersProblem(own)
  if (problem !== undefined) throw new InvalidParametersError(`${what}: ${problem}`)
  return own
}
