/** Byzantine (1,N) safe register, without signatures. */

import { failArbitrary } from '../core/model.ts'
import { MaskingQuorumRegister } from '../registers/masking-quorum-register.ts'
import { registerService } from '../registers/service.ts'
import { alone } from '../stacks/compose-registers.ts'
import { againstUnsignedRegister } from '../stacks/landmarks.ts'
import { moreThanFourF } from '../stacks/resilience.ts'
import type { RegisterStack } from '../stacks/stack.ts'

export const maskingQuorumRegister: RegisterStack = {
  abstraction: 'register',
  services: [registerService],
  clients: true,
  name: 'masking-quorum-register',
  title: 'Byzantine (1,N) safe register: masking quorum, no signatures',
  source: 'CGR11 Algorithm 4.14',
  model: failArbitrary,
  resilience: moreThanFourF,
  consistency: 'safe',
  writers: 'one',
  properties: ['termination', 'validity', 'accuracy'],
  landmarks: [
    'stale-answer-outvoted',
    'false-answer-outvoted',
    'read-overlapping-write',
    'write-resumed',
    'restarted-in-mid-operation',
    'session-ended',
    'restarted',
    'held-message-dropped'
  ],
  landmarksAgainst: againstUnsignedRegister,
  build: (env, ports, options, application) =>
    alone(new MaskingQuorumRegister(env, 'masking-quorum-register', ports, options, application))
}
