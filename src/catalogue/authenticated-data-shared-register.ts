/** Byzantine (N,N) atomic register, signed. */
import { AuthenticatedDataSharedRegister } from '../registers/authenticated-data-shared-register.ts'
import { onStorage } from '../stacks/compose-registers.ts'
import type { RegisterStack } from '../stacks/stack.ts'
import { authenticatedDataAtomicRegister } from './authenticated-data-atomic-register.ts'

export const authenticatedDataSharedRegister: RegisterStack = {
  ...authenticatedDataAtomicRegister,
  name: 'authenticated-data-shared-register',
  title: 'Byzantine (N,N) atomic register: authenticated-data quorum, writers consult',
  source: 'CGR11 Algorithm 4.15, with the write-consult of 4.10',
  writers: 'many',
  properties: ['termination', 'atomicity', 'accuracy'],
  landmarks: [...authenticatedDataAtomicRegister.landmarks, 'write-consulted'],
  build: (env, ports, options, application) =>
    onStorage(
      env,
      ports,
      options,
      (path, storage) => new AuthenticatedDataSharedRegister(env, path, storage, options, application)
    )
}
