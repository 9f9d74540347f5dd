/** Simulated runs with everything at its default, for tests that change one thing. */

import { byzantineResilience } from '../../src/core/quorum.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { type SimulationInit, type SimulationResult, simulate } from '../../src/simulator/simulation.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import { findStack } from '../../src/stacks/index.ts'

export const quiet = {
  healMs: 500,
  latencyMsMax: 20,
  lossPpm: 0,
  duplicationPpm: 0,
  reorderingPpm: 0,
  partitions: 0,
  sessionEnds: 0
}

export function runStack(
  name: string,
  members: number,
  seed: number,
  changes: Partial<SimulationInit> = {}
): SimulationResult {
  const stack = findStack(name)
  if (stack === undefined) throw new Error(`no stack ${name}`)
  return simulate({
    stack,
    options: {},
    members,
    faults: byzantineResilience(members),
    byzantine: 0,
    behaviour: undefined,
    seed,
    links: 'ideal',
    crypto: (group, of) => symbolicCrypto(group, of, defaultBackend.sha256),
    publicKeys: (count, of) =>
      Array.from({ length: count }, (_, rank) => new SeededRandom(of, `key/${rank}`).bytes(32)),
    broadcasts: 2,
    payloadBytesMax: 32,
    network: quiet,
    crashes: 0,
    livenessMs: 60_000,
    ...changes
  })
}
