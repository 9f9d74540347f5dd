/** Every command, in the order in which `byzkit --help` lists them. */
import type { Register } from '../../program/command.ts'

/** Loaded when it is asked for: what one command stands on takes longer to load than another takes to run. */
type Load = () => Promise<Register>

const LOADS: { readonly [command: string]: Load } = {
  keygen: async () => (await import('./keygen.ts')).registerKeygen,
  group: async () => (await import('./group.ts')).registerGroup,
  node: async () => (await import('./node.ts')).registerNode,
  status: async () => (await import('./status.ts')).registerStatus,
  broadcast: async () => (await import('./broadcast.ts')).registerBroadcast,
  write: async () => (await import('./write.ts')).registerWrite,
  read: async () => (await import('./read.ts')).registerRead,
  store: async () => (await import('./store.ts')).registerStore,
  leaderless: async () => (await import('./leaderless.ts')).registerLeaderless,
  submit: async () => (await import('./submit.ts')).registerSubmit,
  inspect: async () => (await import('./inspect.ts')).registerInspect,
  cluster: async () => (await import('./cluster.ts')).registerCluster,
  simulate: async () => (await import('./simulate.ts')).registerSimulate,
  init: async () => (await import('./init.ts')).registerInit,
  replay: async () => (await import('./replay.ts')).registerReplay,
  check: async () => (await import('./check.ts')).registerCheck,
  verify: async () => (await import('./verify.ts')).registerVerify,
  bench: async () => (await import('./bench.ts')).registerBench
}

/**
 * The command that a command line begins with; or all of them, if it begins with something else: help, which lists
 * them, or a misspelt one, to which the nearest is suggested.
 */
export function commandsFor([first = '']: readonly string[]): Promise<Register[]> {
  const loads = Object.hasOwn(LOADS, first) ? [LOADS[first] as Load] : Object.values(LOADS)
  return Promise.all(loads.map((load) => load()))
}
