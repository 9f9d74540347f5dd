/** (1,N) atomic register by majorities. */
import { ReadImposeWriteMajorityRegister } from '../registers/read-impose-write-majority-register.ts'
import { onMajorities } from '../stacks/compose-majority-registers.ts'
import type { RegisterStack } from '../stacks/stack.ts'
import { majorityVotingRegister } from './majority-voting-register.ts'

const NAME = 'read-impose-write-majority-register'

export const readImposeWriteMajorityRegister: RegisterStack = {
  ...majorityVotingRegister,
  name: NAME,
  title: '(1,N) atomic register: majorities, readers impose what they read',
  source: 'CGR11 Algorithm 4.6, 4.7',
  consistency: 'atomic',
  properties: ['termination', 'validity', 'ordering'],
  landmarks: [...majorityVotingRegister.landmarks, 'write-back-needed', 'write-back-spared'],
  build: (env, ports, options, application) =>
    onMajorities(new ReadImposeWriteMajorityRegister(env, NAME, ports, options, application))
}
