/** Byzantine (1,N) regular register, without signatures. */
import { DoubleWriteRegister } from '../registers/double-write-register.ts'
import { alone } from '../stacks/compose-registers.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { RegisterStack } from '../stacks/stack.ts'
import { maskingQuorumRegister } from './masking-quorum-register.ts'

export const doubleWriteRegister: RegisterStack = {
  ...maskingQuorumRegister,
  name: 'double-write-register',
  title: 'Byzantine (1,N) regular register: double write, no signatures',
  source: 'CGR11 Algorithm 4.16, with the reader of 4.17',
  resilience: moreThanThreeF,
  consistency: 'regular',
  landmarks: [...maskingQuorumRegister.landmarks, 'read-asked-again'],
  build: (env, ports, options, application) =>
    alone(new DoubleWriteRegister(env, 'double-write-register', ports, options, application))
}
