/** (1,N) regular register by majority voting. */

import { failSilent } from '../core/model.ts'
import { MajorityVotingRegister } from '../registers/majority-voting-register.ts'
import { registerService } from '../registers/service.ts'
import { onMajorities } from '../stacks/compose-majority-registers.ts'
import { moreThanTwoF } from '../stacks/resilience.ts'
import type { RegisterStack } from '../stacks/stack.ts'

export const majorityVotingRegister: RegisterStack = {
  abstraction: 'register',
  services: [registerService],
  clients: true,
  name: 'majority-voting-register',
  title: '(1,N) regular register: majority voting',
  source: 'CGR11 Algorithm 4.2',
  model: failSilent,
  resilience: moreThanTwoF,
  consistency: 'regular',
  writers: 'one',
  properties: ['termination', 'validity'],
  landmarks: ['stale-answer-outvoted', 'read-overlapping-write'],
  build: (env, ports, options, application) =>
    onMajorities(new MajorityVotingRegister(env, 'majority-voting-register', ports, options, application))
}
