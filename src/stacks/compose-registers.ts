/** How the register stacks are put together. */
import type { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { Ports } from '../links/ports.ts'
import { AuthenticatedStorage } from '../registers/authenticated-storage.ts'
import type { RegisterOptions } from '../registers/constants.ts'
import type { RegisterRequests } from '../registers/register.ts'
import type { SignedRegister } from '../registers/signed-register.ts'
import type { RegisterInstance, StackInstance } from './stack.ts'

/** Where signed registers stand in every stack: what is signed in one of them is valid in the others. */
export const STORAGE_PATH = 'authenticated-data'

/** A signed register on its storage; `register` is the component that answers. */
export function onStorage<R extends SignedRegister>(
  env: Environment,
  ports: Ports,
  options: RegisterOptions,
  make: (path: string, storage: AuthenticatedStorage) => R
): Instance<R> {
  const storage = new AuthenticatedStorage(env, STORAGE_PATH, ports, options)
  const register = make(`${STORAGE_PATH}/register`, storage)
  return instance(register, [storage, register])
}

/** A register that is replica and client at once. */
export const alone = (register: WholeRegister): RegisterInstance => instance(register, [register])

type Part = Pick<Component, 'path' | 'state'>
type WholeRegister = RegisterRequests & Part & { restore(): void; readonly resuming: number }
type Instance<R> = StackInstance<{ readonly registers: R }> & { readonly resuming: number }

function instance<R extends WholeRegister>(register: R, parts: readonly Part[]): Instance<R> {
  return {
    services: { registers: register },
    get resuming() {
      return register.resuming
    },
    restore: () => register.restore(),
    state: () => Object.fromEntries(parts.map((part) => [part.path, part.state()]))
  }
}
