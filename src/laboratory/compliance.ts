/**
 * Compliance suites: the properties of an abstraction, each as a test of its own, for any protocol that claims to
 * implement it: one of byzkit's, or one made with `broadcastProtocol` or `serviceProtocol`. They bring no test runner:
 * `describe` and `it` of Vitest, of node:test or of any other that has the two are passed in, and a failure is a thrown
 * Error.
 *
 * @example
 * import { describe, it } from 'node:test'
 * import { describeReliableBroadcast } from 'byzkit/testing'
 * import protocol from './my-protocol.ts'
 *
 * describeReliableBroadcast(() => protocol, { describe, it, file: './my-protocol.ts' })
 *
 * Groups of 4, 5, 6 and 7 members, with as many Byzantine ones as the protocol tolerates, run simulated against no
 * adversary, the swarm and some named ones, always with the same seeds; where the model has no liars, as many runs draw
 * what it has instead. A run that loops for ever inside a handler is
 * not ended by the suite: `simulate`, which runs in threads of its own, names it.
 */

import { findStack } from '../catalogue/index.ts'
import type { BROADCAST_PROPERTIES } from '../checkers/broadcast.ts'
import type { Violation } from '../checkers/violation.ts'
import { byzantineResilience } from '../core/quorum.ts'
import { type SimulationResult, simulate } from '../simulator/simulation.ts'
import { abstractionOf, propertyOf } from './abstractions/index.ts'
import { judgeBy } from './judge.ts'
import { type AddedStack, addStack, type RunConfig, seededRun } from './run-config.ts'

/** What a suite needs of a test runner. */
export interface SuiteInit {
  describe(name: string, suite: () => void): unknown
  it(name: string, test: () => void): unknown
  /** Seeded runs for each group and adversary. Default: {@link SUITE_RUNS}. */
  readonly runs?: number
  /** The file of the protocol, as `simulate` takes it: so that a failure can say how to see it again. */
  readonly file?: string
}

/** Gives the protocol to be judged; called once for each suite. */
export type ProtocolFactory = () => AddedStack

export const SUITE_RUNS = 6

const SIZES = [4, 5, 6, 7]
/** Null: no Byzantine member, only what the network does. */
const ADVERSARIES = [null, 'swarm', 'silent', 'equivocate', 'withhold', 'twins', 'collude'] as const

type OfBroadcasts = keyof typeof BROADCAST_PROPERTIES

const CONSISTENT: readonly OfBroadcasts[] = [
  'validity',
  'no duplication',
  'integrity',
  'consistency',
  'accuracy'
]
const RELIABLE: readonly OfBroadcasts[] = [...CONSISTENT, 'totality']

/** What of a suite for any abstraction is said with it. */
export interface ComplianceInit extends SuiteInit {
  /** What the protocol is to be, for the name of the suite. Default: its title. */
  readonly abstraction?: string
  /** What that promises: names of properties that its abstraction has, or of its own checks. Default: all it claims. */
  readonly properties?: readonly string[]
}

/**
 * Any abstraction, by what the protocol claims or by what it is said to promise: registers, links, failure detectors, a
 * service of one's own.
 */
export function describeCompliance(factory: ProtocolFactory, init: ComplianceInit): void {
  const stack = factory()
  describeSuite(init.abstraction ?? stack.title, init.properties ?? stack.properties, stack, init)
}

/** Byzantine consistent broadcast (CGR11 Module 3.11). */
export function describeConsistentBroadcast(factory: ProtocolFactory, init: SuiteInit): void {
  describeSuite('Byzantine consistent broadcast', CONSISTENT, factory(), init)
}

/** Byzantine reliable broadcast (CGR11 Module 3.12). */
export function describeReliableBroadcast(factory: ProtocolFactory, init: SuiteInit): void {
  describeSuite('Byzantine reliable broadcast', RELIABLE, factory(), init)
}

/** Byzantine consistent channel (CGR11 Module 3.13), each sender's broadcasts in its order. */
export function describeConsistentChannel(factory: ProtocolFactory, init: SuiteInit): void {
  describeSuite('Byzantine consistent channel', [...CONSISTENT, 'FIFO delivery'], factory(), init)
}

/** Byzantine reliable channel (CGR11 Module 3.14), each sender's broadcasts in its order. */
export function describeReliableChannel(factory: ProtocolFactory, init: SuiteInit): void {
  describeSuite('Byzantine reliable channel', [...RELIABLE, 'FIFO delivery'], factory(), init)
}

interface JudgedRun {
  readonly config: RunConfig
  readonly seed: number
  readonly result: SimulationResult
  readonly violations: readonly Violation[]
}

function describeSuite(
  abstraction: string,
  properties: readonly string[],
  stack: AddedStack,
  init: SuiteInit
): void {
  if (findStack(stack.name) !== stack) addStack(stack)
  init.describe(`${stack.name}: ${abstraction}`, () => {
    for (const members of SIZES) {
      const faults = faultsOf(stack, members)
      // Run by the first test, judged by all.
      let judged: readonly JudgedRun[] | undefined
      const runs = () => {
        judged ??= judgedRuns(stack, properties, members, faults, init.runs ?? SUITE_RUNS)
        return judged
      }
      init.describe(`n = ${members}, f = ${faults}`, () => {
        for (const property of properties) {
          const { sentence } = propertyOf(stack, property) ?? {}
          const name = sentence === undefined ? property : `${property}: ${sentence}`
          init.it(name, () => requireHolds([property], runs(), init))
        }
        init.it('no process fails, and every run comes to rest', () =>
          requireHolds(['no crash', 'quiescence'], runs(), init)
        )
        init.it('the same seed gives the same run', () => requireSame(runs(), init))
        init.it('was exercised: something was told or answered, under faults', () =>
          requireExercised(stack, runs())
        )
      })
    }
  })
}

/** Beyond n > 3f no suite asks anybody to hold against liars. */
function faultsOf({ model, resilience }: AddedStack, members: number): number {
  const largest = resilience.largest(members)
  return model.liars ? Math.min(byzantineResilience(members), largest) : largest
}

function judgedRuns(
  stack: AddedStack,
  properties: readonly string[],
  members: number,
  faults: number,
  runs: number
): readonly JudgedRun[] {
  const { liars } = stack.model
  const adversaries = ADVERSARIES.filter((adversary) => adversary === null || (liars && faults > 0))
  const seeds = Array.from({ length: liars ? runs : runs * ADVERSARIES.length }, (_, index) => index + 1)
  return adversaries.flatMap((adversary) => {
    const config: RunConfig = {
      protocol: stack.name,
      members,
      faults,
      byzantine: adversary === null ? 0 : faults,
      adversary,
      links: 'ideal',
      crypto: 'symbolic'
    }
    return seeds.map((seed) => {
      const result = simulate(seededRun(config, seed))
      return {
        config,
        seed,
        result,
        violations: judgeBy({ ...stack, properties }, result, stack.checks, stack.claims)
      }
    })
  })
}

function requireHolds(properties: readonly string[], runs: readonly JudgedRun[], { file }: SuiteInit): void {
  for (const { config, seed, violations } of runs) {
    const violation = violations.find(({ property }) => properties.includes(property))
    if (violation !== undefined)
      fail(`${violation.property} violated: ${violation.detail}`, config, seed, file)
  }
}

function requireSame(runs: readonly JudgedRun[], { file }: SuiteInit): void {
  const [first] = runs
  if (first === undefined) return
  const { config, seed, result } = first
  if (simulate(seededRun(config, seed)).digest === result.digest) return
  fail('determinism violated: the run is another one the second time', config, seed, file)
}

/** A suite that nothing happened in has shown nothing. */
function requireExercised(stack: AddedStack, runs: readonly JudgedRun[]): void {
  const { ended } = abstractionOf(stack)
  const came = runs.some(({ result }) =>
    result.history.events.some((event) => event.kind === 'indicate' || ended(event) !== undefined)
  )
  if (!came) throw new Error('nothing was told or answered in any run')
  if (!runs.some(({ result }) => result.overlapping > 0)) throw new Error('no fault overlapped an operation')
}

function fail(what: string, config: RunConfig, seed: number, file: string | undefined): never {
  const { protocol, members, faults, byzantine, adversary } = config
  const isOurs = findStack(protocol) !== undefined
  const operand = isOurs ? protocol : (file ?? `FILE (the one that exports ${protocol})`)
  const against = adversary === null ? '--byzantine 0' : `--byzantine ${byzantine} --adversary ${adversary}`
  throw new Error(
    `${what}\n` +
      `  in the run with seed ${seed}: n = ${members}, f = ${faults}, ${byzantine} Byzantine (${adversary ?? 'none'})\n` +
      `  see it with: npx byzkit simulate ${operand} --members ${members} --faults ${faults} ${against} --seed ${seed} --runs 1`
  )
}
