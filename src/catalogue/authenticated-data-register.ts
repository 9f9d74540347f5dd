/** Byzantine (1,N) regular register, signed. */

import { failArbitrary } from '../core/model.ts'
import { AuthenticatedDataRegister } from '../registers/authenticated-data-register.ts'
import { registerService } from '../registers/service.ts'
import { onStorage } from '../stacks/compose-registers.ts'
import { againstSignedRegister } from '../stacks/landmarks.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { RegisterStack } from '../stacks/stack.ts'

export const authenticatedDataRegister: RegisterStack = {
  abstraction: 'register',
  services: [registerService],
  clients: true,
  name: 'authenticated-data-register',
  title: 'Byzantine (1,N) regular register: authenticated-data quorum',
  source: 'CGR11 Algorithm 4.15',
  model: failArbitrary,
  resilience: moreThanThreeF,
  consistency: 'regular',
  writers: 'one',
  properties: ['termination', 'validity', 'accuracy'],
  landmarks: [
    'stale-answer-outvoted',
    'forged-answer-rejected',
    'read-overlapping-write',
    'write-resumed',
    'restarted-in-mid-operation',
    'session-ended',
    'restarted',
    'held-message-dropped'
  ],
  landmarksAgainst: againstSignedRegister,
  build: (env, ports, options, application) =>
    onStorage(
      env,
      ports,
      options,
      (path, storage) => new AuthenticatedDataRegister(env, path, storage, options, application)
    )
}
