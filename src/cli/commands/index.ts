/** Every command, in the order in which `byzkit --help` lists them. */
import type { Register } from '../command.ts'
import { registerBench } from './bench.ts'
import { registerBroadcast } from './broadcast.ts'
import { registerCheck } from './check.ts'
import { registerCluster } from './cluster.ts'
import { registerGroup } from './group.ts'
import { registerInspect } from './inspect.ts'
import { registerKeygen } from './keygen.ts'
import { registerNode } from './node.ts'
import { registerRead } from './read.ts'
import { registerReplay } from './replay.ts'
import { registerSimulate } from './simulate.ts'
import { registerStatus } from './status.ts'
import { registerWrite } from './write.ts'

export const commands: readonly Register[] = [
  registerKeygen,
  registerGroup,
  registerNode,
  registerStatus,
  registerBroadcast,
  registerWrite,
  registerRead,
  registerInspect,
  registerCluster,
  registerSimulate,
  registerReplay,
  registerCheck,
  registerBench
]
