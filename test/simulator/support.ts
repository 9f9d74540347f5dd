/** Simulated runs with everything at its default, for tests that change one thing. */

import type { Behaviour } from '../../src/adversary/behaviour.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import type { Choices } from '../../src/simulator/choices.ts'
import type { Planned } from '../../src/simulator/schedule.ts'
import { CALM, type Rates, SeededChoices } from '../../src/simulator/seeded-choices.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { type SimulationInit, type SimulationResult, simulate } from '../../src/simulator/simulation.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import { findStack } from '../../src/stacks/index.ts'

export interface RunChanges extends Partial<Omit<SimulationInit, 'byzantine'>> {
  /** How many members the adversary controls: the first ones. */
  readonly byzantine?: number
  readonly behaviour?: Behaviour | undefined
  readonly rates?: Partial<Rates>
  /** Planned beside what the seed draws. */
  readonly planned?: readonly Planned[]
}

/** Clocks are bad, unless a test says otherwise. */
const DEFAULT_RATES: Rates = { ...CALM, badClocks: true }

export function runStack(
  name: string,
  members: number,
  seed: number,
  { byzantine: liars = 0, clients = 0, rates = {}, planned = [], ...changes }: RunChanges = {}
): SimulationResult {
  const stack = findStack(name)
  if (stack === undefined) throw new Error(`no stack ${name}`)
  const all: Rates = { ...DEFAULT_RATES, ...rates }
  const byzantine = Array.from({ length: liars }, (_, index) => (index * 2 + seed) % members).sort(
    (a, b) => a - b
  )
  return simulate({
    stack,
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
