/** Byzantine (1,N) safe register, without signatures. */
import { MaskingQuorumRegister } from '../registers/masking-quorum-register.ts'
import { alone } from './compose-registers.ts'
import { againstUnsignedRegister } from './landmarks.ts'
import { moreThanFourF } from './resilience.ts'
import type { RegisterStack } from './stack.ts'

export const maskingQuorumRegister: RegisterStack = {
  abstraction: 'register',
  name: 'masking-quorum-register',
  title: 'Byzantine (1,N) safe register: masking quorum, no signatures',
  source: 'CGR11 Algorithm 4.14',
  model: 'fail-arbitrary',
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
