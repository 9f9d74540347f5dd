/**
 * Registers and a key-value store beside a stack: one stack, so that whatever runs, records, replays or corrupts a
 * stack sees one. Clients build these alone; their ports come first, so that both ends number them alike.
 */
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { Ports } from '../links/ports.ts'
import { AuthenticatedDataSharedRegister } from '../registers/authenticated-data-shared-register.ts'
import type { RegisterOptions } from '../registers/constants.ts'
import { KeyValueStore } from '../registers/key-value-store.ts'
import type { RegisterIndications } from '../registers/register.ts'
import { registerService } from '../registers/service.ts'
import { storeService } from '../registers/store-service.ts'
import { inModel, type StackInit } from '../stacks/build.ts'
import { onStorage } from '../stacks/compose-registers.ts'
import type { AnyApplication, Served, Stack, StackInstance } from '../stacks/stack.ts'
import { authenticatedDataSharedRegister } from './authenticated-data-shared-register.ts'
import { STORE_PATH } from './key-value-store.ts'

/** The registers and the store that live members keep, at a member or at a client. */
export const servedRegisters = {
  name: authenticatedDataSharedRegister.name,
  resilience: authenticatedDataSharedRegister.resilience,
  services: [registerService, storeService],
  build(
    env: Environment,
    ports: Ports,
    options: RegisterOptions,
    application: RegisterIndications
  ): StackInstance<Served> & { readonly resuming: number } {
    const kept = onStorage(
      env,
      ports,
      options,
      (path, storage) => new AuthenticatedDataSharedRegister(env, path, storage, options, application)
    )
    const store = new KeyValueStore(env, STORE_PATH, ports, options, { resumed() {} })
    return {
      services: { ...kept.services, store },
      restore() {
        kept.restore()
        store.restore()
      },
      state: () => ({ ...kept.state(), [STORE_PATH]: store.state() }),
      get resuming() {
        return kept.resuming + store.resuming
      }
    }
  }
}

/** Beside a stack they stand on the same links, and yet assume what is theirs to assume. */
const ownModel = (env: Environment): Environment => inModel(env, authenticatedDataSharedRegister)

/**
 * `stack`, whose members keep registers for clients, and for each other; it keeps its name.
 * @throws InvalidParametersError if it offers some of that itself
 */
export function withStorage<S extends Stack>(stack: S): S {
  const own = stack.services.find(({ name }) => servedRegisters.services.some((kept) => kept.name === name))
  if (own !== undefined)
    throw new InvalidParametersError(`registers: ${stack.name} offers ${own.name} itself, and none beside`)
  const beside: StackInit<AnyApplication, StackInstance>['stack'] = {
    ...stack,
    registers: true,
    services: [...servedRegisters.services, ...stack.services],
    build(env, ports, options, application) {
      const kept = servedRegisters.build(ownModel(env), ports, options, { resumed() {} })
      const above = stack.build(env, ports, options, application)
      return {
        services: { ...kept.services, ...above.services },
        restore() {
          kept.restore()
          above.restore()
        },
        state: () => ({ ...kept.state(), ...above.state() })
      }
    }
  }
  return beside as S
}
