/**
 * Compliance suites: the textbook properties of an abstraction, each as a test of its own, for any protocol that claims
 * to implement it: one of byzkit's, or one made with `broadcastProtocol`. They bring no test runner: `describe` and `it`
 * of Vitest, of node:test or of any other that has the two are passed in, and a failure is a thrown Error.
 *
 * @example
 * import { describe, it } from 'node:test'
 * import { describeReliableBroadcast } from 'byzkit/testing'
 * import protocol from './my-protocol.ts'
 *
 * describeReliableBroadcast(() => protocol, { describe, it, file: './my-protocol.ts' })
 *
 * Groups of 4, 5, 6 and 7 members, with as many Byzantine ones as the protocol tolerates, run simulated against no
 * adversary, the swarm and some named ones, always with the same seeds. A run that loops for ever inside a handler is
 * not ended by the suite: `simulate`, which runs in threads of its own, names it.
 */
import type { Violation } from '../checkers/violation.ts'
import { byzantineResilience } from '../core/quorum.ts'
import { type SimulationResult, simulate } from '../simulator/simulation.ts'
import { findStack } from '../stacks/index.ts'
import type { Property } from '../stacks/stack.ts'
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

/** CGR11, Modules 3.11, 3.12, 3.13 and 3.14. */
const STATEMENTS: Readonly<Record<Exclude<Property, 'no creation'>, string>> = {
  validity: 'what a correct process broadcasts, every correct process delivers',
  'no duplication': 'no correct process delivers twice in one instance',
  integrity: 'what is delivered from a correct process, that process broadcast',
  consistency: 'no two correct processes deliver different payloads in one instance',
  totality: 'if one correct process delivers in an instance, every correct process does',
  'FIFO delivery': "each sender's broadcasts are delivered in its order",
  accuracy: 'no correct process is named proven or certain of a fault'
}
type Judged = keyof typeof STATEMENTS

const CONSISTENT: readonly Judged[] = ['validity', 'no duplication', 'integrity', 'consistency', 'accuracy']
const RELIABLE: readonly Judged[] = [...CONSISTENT, 'totality']

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
  properties: readonly Judged[],
  stack: AddedStack,
  init: SuiteInit
): void {
  if (findStack(stack.name) !== stack) addStack(stack)
  init.describe(`${stack.name}: ${abstraction}`, () => {
    for (const members of SIZES) {
      const faults = Math.min(byzantineResilience(members), stack.resilience.largest(members))
      // Run by the first test, judged by all.
      let judged: readonly JudgedRun[] | undefined
      const runs = () => {
        judged ??= judgedRuns(stack, properties, members, faults, init.runs ?? SUITE_RUNS)
        return judged
      }
      init.describe(`n = ${members}, f = ${faults}`, () => {
        for (const property of properties) {
          init.it(`${property}: ${STATEMENTS[property]}`, () => requireHolds([property], runs(), init))
        }
        init.it('no process fails, and every run comes to rest', () =>
          requireHolds(['no crash', 'quiescence'], runs(), init)
        )
        init.it('the same seed gives the same run', () => requireSame(runs(), init))
        init.it('was exercised: something was delivered, under faults', () => requireExercised(runs()))
      })
    }
  })
}

function judgedRuns(
  stack: AddedStack,
  properties: readonly string[],
  members: number,
  faults: number,
  runs: number
): readonly JudgedRun[] {
  const seeds = Array.from({ length: runs }, (_, index) => index + 1)
  return ADVERSARIES.filter((adversary) => adversary === null || faults > 0).flatMap((adversary) => {
    const config: RunConfig = {
      protocol: stack.name,
      members,
      faults,
      byzantine: adversary === null ? 0 : faults,
      adversary,
      links: 'ideal',
      crypto: 'symbolic',
      signedSend: false
    }
    return seeds.map((seed) => {
      const result = simulate(seededRun(config, seed))
      return { config, seed, result, violations: judgeBy(properties, {}, result) }
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
function requireExercised(runs: readonly JudgedRun[]): void {
  const delivered = runs.some(({ result }) => result.history.events.some(({ kind }) => kind === 'deliver'))
  if (!delivered) throw new Error('nothing was delivered in any run')
  if (!runs.some(({ result }) => result.overlapping > 0)) throw new Error('no fault overlapped a broadcast')
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
