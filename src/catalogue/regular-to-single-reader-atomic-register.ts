/** (1,1) atomic register from a (1,N) regular one. */
import { MajorityVotingRegister } from '../registers/majority-voting-register.ts'
import { RegularToSingleReaderAtomicRegister } from '../registers/regular-to-single-reader-atomic-register.ts'
import { baseOptions } from '../registers/transformed-register.ts'
import { noIndications, onMajorities } from '../stacks/compose-majority-registers.ts'
import type { RegisterStack } from '../stacks/stack.ts'
import { majorityVotingRegister } from './majority-voting-register.ts'

const NAME = 'regular-to-single-reader-atomic-register'

export const regularToSingleReaderAtomicRegister: RegisterStack = {
  ...majorityVotingRegister,
  name: NAME,
  title: '(1,1) atomic register from a (1,N) regular one, by majority voting',
  source: 'CGR11 Algorithm 4.3, over 4.2',
  consistency: 'atomic',
  readers: 'one',
  properties: ['termination', 'validity', 'ordering'],
  landmarks: [...majorityVotingRegister.landmarks, 'older-value-outread'],
  build: (env, ports, options, application) => {
    const regular = new MajorityVotingRegister(
      env,
      `${NAME}/regular`,
      ports,
      baseOptions(options),
      noIndications
    )
    return onMajorities(
      regular,
      new RegularToSingleReaderAtomicRegister(env, NAME, regular, options, application)
    )
  }
}
