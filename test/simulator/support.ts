/** Simulated runs with everything at its default, for tests that change one thing. */

import type { Behaviour } from '../../src/adversary/behaviour.ts'
import { findStack } from '../../src/catalogue/index.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { broadcastWorkload } from '../../src/laboratory/abstractions/broadcasts.ts'
import { abstractionOf } from '../../src/laboratory/abstractions/index.ts'
import { type RegisterWorkload, registerWorkload } from '../../src/laboratory/abstractions/registers.ts'
import type { Choices } from '../../src/simulator/choices.ts'
import { CALM, type Rates } from '../../src/simulator/rates.ts'
import type { Planned } from '../../src/simulator/schedule.ts'
import { SeededChoices } from '../../src/simulator/seeded-choices.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { type SimulationInit, type SimulationResult, simulate } from '../../src/simulator/simulation.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'

export interface RunChanges extends Partial<Omit<SimulationInit, 'byzantine'>> {
  /** How many members the adversary controls: the first ones. */
  readonly byzantine?: number
  readonly behaviour?: Behaviour | undefined
  readonly rates?: Asked
  /** Planned beside what the seed draws. */
  readonly planned?: readonly Planned[]
}

/** What goes wrong, and what applications ask for. */
export interface Asked extends Omit<Partial<Rates>, 'workload' | 'members'> {
  /** Of each member; where members keep registers, what stirs the Byzantine ones. Default: 2. */
  readonly broadcasts?: number
  /** Default: 32. */
  readonly payloadBytesMax?: number
  /** What clients do, where members keep registers. */
  readonly registers?: Omit<RegisterWorkload, 'stirs' | 'stirsWithinMs' | 'payloadBytesMax'>
}

/** Clocks are bad, unless a test says otherwise. */
function ratesOf({ broadcasts = 2, payloadBytesMax = 32, registers, ...changes }: Asked): Rates {
  const rates = { ...CALM, badClocks: true, ...changes }
  const withinMs = rates.healMs
  if (registers === undefined)
    return { ...rates, workload: broadcastWorkload({ broadcasts, payloadBytesMax, withinMs }) }
  const stirs = { stirs: broadcasts, stirsWithinMs: withinMs, payloadBytesMax }
  return { ...rates, members: registers.members, workload: registerWorkload({ ...registers, ...stirs }) }
}

export function runStack(
  name: string,
  members: number,
  seed: number,
  { byzantine: liars = 0, clients = 0, rates = {}, planned = [], ...changes }: RunChanges = {}
): SimulationResult {
  const stack = findStack(name)
  if (stack === undefined) throw new Error(`no stack ${name}`)
  const all = ratesOf(rates)
  const byzantine = Array.from({ length: liars }, (_, index) => (index * 2 + seed) % members).sort(
    (a, b) => a - b
  )
  return simulate({
    stack,
    use: abstractionOf(stack),
    options: {},
    members,
    clients,
    faults: byzantineResilience(members),
    byzantine,
    behaviour: undefined,
    seed,
    links: 'ideal',
    crypto: (group, of) => symbolicCrypto(group, of, defaultBackend.sha256),
    publicKeys: (count, of) =>
      Array.from({ length: count }, (_, rank) => new SeededRandom(of, `key/${rank}`).bytes(32)),
    choices: withPlanned(new SeededChoices(seed, all, members + clients, byzantine), planned),
    healMs: all.healMs,
    livenessMs: 60_000,
    ...changes
  })
}

function withPlanned(choices: SeededChoices, planned: readonly Planned[]): Choices {
  return Object.assign(choices, { planned: [...choices.planned, ...planned] })
}
