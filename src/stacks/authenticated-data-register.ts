/** Byzantine (1,N) regular register, signed. */
import { AuthenticatedDataRegister } from '../registers/authenticated-data-register.ts'
import { onStorage } from './compose-registers.ts'
import { againstSignedRegister } from './landmarks.ts'
import { moreThanThreeF } from './resilience.ts'
import type { RegisterStack } from './stack.ts'

export const authenticatedDataRegister: RegisterStack = {
  abstraction: 'register',
  name: 'authenticated-data-register',
  title: 'Byzantine (1,N) regular register: authenticated-data quorum',
  source: 'CGR11 Algorithm 4.15',
  model: 'fail-arbitrary',
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
