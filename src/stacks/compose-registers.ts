/** How the register stacks are put together. */
import type { Environment } from '../core/environment.ts'
import type { Ports } from '../links/ports.ts'
import { AuthenticatedStorage } from '../registers/authenticated-storage.ts'
import type { RegisterOptions } from '../registers/constants.ts'
import type { SignedRegister } from '../registers/signed-register.ts'
import type { RegisterInstance } from './stack.ts'

/** Where signed registers stand in every stack: what is signed in one of them is valid in the others. */
export const STORAGE_PATH = 'authenticated-data'

/** A signed register on its storage. */
export function onStorage<R extends SignedRegister>(
  env: Environment,
  ports: Ports,
  options: RegisterOptions,
  make: (path: string, storage: AuthenticatedStorage) => R
): RegisterInstance {
  const storage = new AuthenticatedStorage(env, STORAGE_PATH, ports, options)
  const register = make(`${STORAGE_PATH}/register`, storage)
  return {
    read: (id, returned) => register.read(id, returned),
    write: (id, value, returned) => register.write(id, value, returned),
    get resuming() {
      return register.resuming
    },
    restore: () => register.restore(),
    state: () => ({ [storage.path]: storage.state(), [register.path]: register.state() })
  }
}
