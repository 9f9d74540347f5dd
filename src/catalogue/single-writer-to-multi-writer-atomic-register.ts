/** (N,N) atomic register from (1,N) atomic ones. */
import { ReadImposeWriteMajorityRegister } from '../registers/read-impose-write-majority-register.ts'
import { SingleWriterToMultiWriterAtomicRegister } from '../registers/single-writer-to-multi-writer-atomic-register.ts'
import { baseOptions } from '../registers/transformed-register.ts'
import { noIndications, onMajorities } from '../stacks/compose-majority-registers.ts'
import type { RegisterStack } from '../stacks/stack.ts'
import { writeConsultMajorityRegister } from './write-consult-majority-register.ts'

const NAME = 'single-writer-to-multi-writer-atomic-register'

export const singleWriterToMultiWriterAtomicRegister: RegisterStack = {
  ...writeConsultMajorityRegister,
  name: NAME,
  title: '(N,N) atomic register from (1,N) atomic ones, by read-impose write-majority',
  source: 'CGR11 Algorithm 4.8, over 4.6 and 4.7',
  build: (env, ports, options, application) => {
    const singleWriter = new ReadImposeWriteMajorityRegister(
      env,
      `${NAME}/single-writer`,
      ports,
      baseOptions(options),
      noIndications
    )
    return onMajorities(
      singleWriter,
      new SingleWriterToMultiWriterAtomicRegister(env, NAME, singleWriter, options, application)
    )
  }
}
