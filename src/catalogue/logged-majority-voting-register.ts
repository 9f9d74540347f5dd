/** (1,N) regular register over crash-recovery. */

import { failRecovery } from '../core/model.ts'
import { LoggedMajorityVotingRegister } from '../registers/logged-majority-voting-register.ts'
import { registerService } from '../registers/service.ts'
import { onMajorities } from '../stacks/compose-majority-registers.ts'
import { moreThanTwoF } from '../stacks/resilience.ts'
import type { RegisterStack } from '../stacks/stack.ts'

const NAME = 'logged-majority-voting-register'

export const loggedMajorityVotingRegister: RegisterStack = {
  abstraction: 'register',
  services: [registerService],
  clients: true,
  name: NAME,
  title: '(1,N) logged regular register: majority voting over crash-recovery',
  source: 'CGR11 Algorithm 4.12, 4.13',
  model: failRecovery,
  resilience: moreThanTwoF,
  consistency: 'regular',
  writers: 'one',
  properties: ['termination', 'validity'],
  landmarks: [
    'stale-answer-outvoted',
    'read-overlapping-write',
    'write-resumed',
    'restarted-in-mid-operation',
    'session-ended',
    'restarted',
    'held-message-dropped'
  ],
  build: (env, ports, options, application) =>
    onMajorities(new LoggedMajorityVotingRegister(env, NAME, ports, options, application))
}
