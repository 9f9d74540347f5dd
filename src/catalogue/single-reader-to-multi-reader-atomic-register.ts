/** (1,N) atomic register from (1,1) atomic ones, which are made of (1,N) regular ones. */
import { MajorityVotingRegister } from '../registers/majority-voting-register.ts'
import { RegularToSingleReaderAtomicRegister } from '../registers/regular-to-single-reader-atomic-register.ts'
import { SingleReaderToMultiReaderAtomicRegister } from '../registers/single-reader-to-multi-reader-atomic-register.ts'
import { baseOptions } from '../registers/transformed-register.ts'
import { noIndications, onMajorities } from '../stacks/compose-majority-registers.ts'
import type { RegisterStack } from '../stacks/stack.ts'
import { readImposeWriteMajorityRegister } from './read-impose-write-majority-register.ts'

const NAME = 'single-reader-to-multi-reader-atomic-register'

export const singleReaderToMultiReaderAtomicRegister: RegisterStack = {
  ...readImposeWriteMajorityRegister,
  name: NAME,
  title: '(1,N) atomic register from (1,1) atomic ones, each from a (1,N) regular one',
  source: 'CGR11 Algorithm 4.4, over 4.3 and 4.2',
  landmarks: ['read-overlapping-write', 'stale-answer-outvoted', 'write-back-needed', 'value-told-by-reader'],
  build: (env, ports, options, application) => {
    const single = baseOptions(options)
    const regular = new MajorityVotingRegister(
      env,
      `${NAME}/regular`,
      ports,
      baseOptions(single),
      noIndications
    )
    const singleReader = new RegularToSingleReaderAtomicRegister(
      env,
      `${NAME}/single-reader`,
      regular,
      single,
      noIndications
    )
    return onMajorities(
      regular,
      singleReader,
      new SingleReaderToMultiReaderAtomicRegister(env, NAME, singleReader, options, application)
    )
  }
}
