/** The register stacks of the crash models, in the order of the book. */

import type { RegisterStack } from '../stacks/stack.ts'
import { loggedMajorityVotingRegister } from './logged-majority-voting-register.ts'
import { majorityVotingRegister } from './majority-voting-register.ts'
import { readImposeWriteMajorityRegister } from './read-impose-write-majority-register.ts'
import { regularToSingleReaderAtomicRegister } from './regular-to-single-reader-atomic-register.ts'
import { singleReaderToMultiReaderAtomicRegister } from './single-reader-to-multi-reader-atomic-register.ts'
import { singleWriterToMultiWriterAtomicRegister } from './single-writer-to-multi-writer-atomic-register.ts'
import { writeConsultMajorityRegister } from './write-consult-majority-register.ts'

export const crashRegisterStacks: readonly RegisterStack[] = [
  majorityVotingRegister,
  regularToSingleReaderAtomicRegister,
  singleReaderToMultiReaderAtomicRegister,
  readImposeWriteMajorityRegister,
  singleWriterToMultiWriterAtomicRegister,
  writeConsultMajorityRegister,
  loggedMajorityVotingRegister
]
