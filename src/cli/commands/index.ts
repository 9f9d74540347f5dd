/** Every command, in the order in which `byzkit --help` lists them. */
import type { Register } from '../command.ts'
import { registerGroup } from './group.ts'
import { registerKeygen } from './keygen.ts'
import { registerReplay } from './replay.ts'
import { registerSimulate } from './simulate.ts'

export const commands: readonly Register[] = [registerKeygen, registerGroup, registerSimulate, registerReplay]
