/**
 * Registers and a key-value store beside a broadcast: one stack, so that whatever runs, records, replays or corrupts a
 * stack sees one. Clients build these alone; their ports come first, so that both ends number them alike.
 */
import type { Environment } from '../core/environment.ts'
import type { Ports } from '../links/ports.ts'
import { AuthenticatedDataSharedRegister } from '../registers/authenticated-data-shared-register.ts'
import type { RegisterOptions } from '../registers/constants.ts'
import { KeyValueStore } from '../registers/key-value-store.ts'
import type { RegisterIndications } from '../registers/register.ts'
import { authenticatedDataSharedRegister } from './authenticated-data-shared-register.ts'
import { onStorage } from './compose-registers.ts'
import { STORE_PATH } from './key-value-store.ts'
import type { BroadcastStack, ServedRegisters } from './stack.ts'

/** The registers and the store that live members keep, at a member or at a client. */
export const servedRegisters = {
  name: authenticatedDataSharedRegister.name,
  resilience: authenticatedDataSharedRegister.resilience,
  build(
    env: Environment,
    ports: Ports,
    options: RegisterOptions,
    application: RegisterIndications
  ): ServedRegisters {
    const instance = onStorage(
      env,
      ports,
      options,
      (path, storage) => new AuthenticatedDataSharedRegister(env, path, storage, options, application)
    )
    const store = new KeyValueStore(env, STORE_PATH, ports, options, { resumed() {} })
    const { register, read, write } = instance
    return {
      read,
      write,
      readRegular: (id, returned) => register.readRegular(id, returned),
      store,
      restore() {
        instance.restore()
        store.restore()
      },
      state: () => ({ ...instance.state(), [STORE_PATH]: store.state() }),
      get resuming() {
        return instance.resuming + store.resuming
      }
    }
  }
}

/** `stack`, whose members keep registers for clients, and for each other; it keeps its name. */
export function withStorage(stack: BroadcastStack): BroadcastStack {
  return {
    ...stack,
    registers: true,
    build(env, ports, options, application) {
      const registers = servedRegisters.build(env, ports, options, { resumed() {} })
      const broadcast = stack.build(env, ports, options, application)
      return {
        registers,
        broadcast: (payload, accepted) => broadcast.broadcast(payload, accepted),
        acknowledge: (position) => broadcast.acknowledge(position),
        get acknowledged() {
          return broadcast.acknowledged
        },
        get next() {
          return broadcast.next
        },
        base: (sender) => broadcast.base(sender),
        restore() {
          registers.restore()
          broadcast.restore()
        },
        state: () => ({ ...registers.state(), ...broadcast.state() })
      }
    }
  }
}
