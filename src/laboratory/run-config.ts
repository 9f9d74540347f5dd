/**
 * What determines a run: a few names and numbers. From them and the seed follow the workload, the faults of network,
 * disks and clocks, and every choice of the adversary; so a run is recorded by its configuration alone.
 */
import type { Behaviour } from '../adversary/behaviour.ts'
import { findBehaviour } from '../adversary/index.ts'
import type { Crypto } from '../core/environment.ts'
import type { Group, ProcessId } from '../core/group.ts'
import { defaultBackend } from '../crypto/index.ts'
import { memberCrypto } from '../crypto/member-crypto.ts'
import { SeededRandom } from '../simulator/seeded-random.ts'
import type { SimulationInit } from '../simulator/simulation.ts'
import { symbolicCrypto } from '../simulator/symbolic-crypto.ts'
import { findStack } from '../stacks/index.ts'
import type { Stack } from '../stacks/stack.ts'

export interface RunConfig {
  readonly protocol: string
  readonly members: number
  readonly faults: number
  readonly byzantine: number
  /** Null without Byzantine members. */
  readonly adversary: string | null
  readonly links: 'ideal' | 'real'
  readonly crypto: 'symbolic' | 'real'
  readonly signedSend: boolean
}

/** The name in a configuration that nothing has. */
export class UnknownNameError extends Error {
  override name = 'UnknownNameError'
}

export function requireStack(name: string): Stack {
  const stack = findStack(name)
  if (stack === undefined)
    throw new UnknownNameError(`there is no protocol ${name}: simulate --list names them`)
  return stack
}

export function requireBehaviour(name: string): Behaviour {
  const behaviour = findBehaviour(name)
  if (behaviour === undefined)
    throw new UnknownNameError(`there is no adversary ${name}: simulate --list names them`)
  return behaviour
}

/** Everything about the run with this seed. */
export function planRun(config: RunConfig, seed: number): SimulationInit {
  const draw = new SeededRandom(seed, 'plan')
  const real = config.links === 'real'
  return {
    stack: requireStack(config.protocol),
    // Small windows and little retention, so that a short run reaches their edges.
    options: {
      signedSend: config.signedSend,
      windowInstances: draw.pick([2, 4, 256]),
      retentionCountMax: draw.pick([1024, 1024, 4])
    },
    members: config.members,
    faults: config.faults,
    byzantine: config.byzantine,
    behaviour: config.adversary === null ? undefined : requireBehaviour(config.adversary),
    seed,
    links: config.links,
    crypto: config.crypto === 'symbolic' ? symbolic : realCrypto,
    publicKeys: config.crypto === 'symbolic' ? symbolicKeys : realKeys,
    broadcasts: draw.between(1, 6),
    payloadBytesMax: draw.pick([2, 64, 1024]),
    network: {
      healMs: 1000,
      latencyMsMax: draw.pick([2, 20, 100]),
      lossPpm: real ? draw.pick([0, 50_000, 200_000]) : 0,
      duplicationPpm: real ? draw.pick([0, 50_000]) : 0,
      reorderingPpm: real ? draw.pick([0, 100_000]) : 0,
      partitions: draw.below(3),
      sessionEnds: draw.below(4)
    },
    crashes: draw.below(3),
    livenessMs: 60_000
  }
}

const symbolic = (group: Group, seed: number) => symbolicCrypto(group, seed, defaultBackend.sha256)

const symbolicKeys = (members: number, seed: number) =>
  Array.from({ length: members }, (_, rank) => new SeededRandom(seed, `key/${rank}`).bytes(32))

const secretKey = (seed: number, rank: ProcessId) => new SeededRandom(seed, `secret/${rank}`).bytes(32)

const realKeys = (members: number, seed: number) =>
  Array.from({ length: members }, (_, rank) => defaultBackend.publicKey(secretKey(seed, rank)))

const realCrypto =
  (group: Group, seed: number) =>
  (self: ProcessId): Crypto =>
    memberCrypto(defaultBackend, group, secretKey(seed, self))
