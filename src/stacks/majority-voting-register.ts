/** (1,N) regular register by majority voting. */
import { MajorityVotingRegister } from '../registers/majority-voting-register.ts'
import { onMajorities } from './compose-majority-registers.ts'
import { moreThanTwoF } from './resilience.ts'
import type { RegisterStack } from './stack.ts'

export const majorityVotingRegister: RegisterStack = {
  abstraction: 'register',
  name: 'majority-voting-register',
  title: '(1,N) regular register: majority voting',
  source: 'CGR11 Algorithm 4.2',
  model: 'fail-silent',
  resilience: moreThanTwoF,
  consistency: 'regular',
  writers: 'one',
  properties: ['termination', 'validity'],
  perfectLinks: true,
  landmarks: ['stale-answer-outvoted', 'read-overlapping-write'],
  build: (env, ports, options, application) =>
    onMajorities(new MajorityVotingRegister(env, 'majority-voting-register', ports, options, application))
}
