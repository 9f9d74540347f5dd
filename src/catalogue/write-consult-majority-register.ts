/** (N,N) atomic register by majorities. */
import { WriteConsultMajorityRegister } from '../registers/write-consult-majority-register.ts'
import { onMajorities } from '../stacks/compose-majority-registers.ts'
import type { RegisterStack } from '../stacks/stack.ts'
import { readImposeWriteMajorityRegister } from './read-impose-write-majority-register.ts'

const NAME = 'write-consult-majority-register'

export const writeConsultMajorityRegister: RegisterStack = {
  ...readImposeWriteMajorityRegister,
  name: NAME,
  title: '(N,N) atomic register: majorities, writers consult and readers impose',
  source: 'CGR11 Algorithm 4.10, 4.11',
  writers: 'many',
  properties: ['termination', 'atomicity'],
  landmarks: [...readImposeWriteMajorityRegister.landmarks, 'write-consulted'],
  build: (env, ports, options, application) =>
    onMajorities(new WriteConsultMajorityRegister(env, NAME, ports, options, application))
}
