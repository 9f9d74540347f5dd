/** Byzantine (1,N) atomic register, signed. */
import { AuthenticatedDataAtomicRegister } from '../registers/authenticated-data-atomic-register.ts'
import { onStorage } from '../stacks/compose-registers.ts'
import type { RegisterStack } from '../stacks/stack.ts'
import { authenticatedDataRegister } from './authenticated-data-register.ts'

export const authenticatedDataAtomicRegister: RegisterStack = {
  ...authenticatedDataRegister,
  name: 'authenticated-data-atomic-register',
  title: 'Byzantine (1,N) atomic register: authenticated-data quorum, readers write back',
  source: 'CGR11 Algorithm 4.15, with the read-impose of 4.6',
  consistency: 'atomic',
  properties: ['termination', 'validity', 'ordering', 'accuracy'],
  landmarks: [...authenticatedDataRegister.landmarks, 'write-back-needed', 'write-back-spared'],
  build: (env, ports, options, application) =>
    onStorage(
      env,
      ports,
      options,
      (path, storage) => new AuthenticatedDataAtomicRegister(env, path, storage, options, application)
    )
}
