/** The compliance suites: byzkit's own protocols pass them, under this runner and under node:test; a broken one does not. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import broken from '../../examples/broken-broadcast.ts'
import { authenticatedDataRegister } from '../../src/catalogue/authenticated-data-register.ts'
import { authenticatedEcho } from '../../src/catalogue/authenticated-echo.ts'
import { bestEffortBroadcast } from '../../src/catalogue/best-effort-broadcast.ts'
import { byzantineConsistentChannel } from '../../src/catalogue/byzantine-consistent-channel.ts'
import { byzantineReliableChannel } from '../../src/catalogue/byzantine-reliable-channel.ts'
import { doubleEcho } from '../../src/catalogue/double-echo.ts'
import { excludeOnTimeout } from '../../src/catalogue/exclude-on-timeout.ts'
import { leaderlessStore } from '../../src/catalogue/leaderless-store.ts'
import { authenticatedPerfectLinks, perfectLinks, stubbornLinks } from '../../src/catalogue/links.ts'
import { majorityMaxRegister } from '../../src/catalogue/majority-max-register.ts'
import { majorityVotingRegister } from '../../src/catalogue/majority-voting-register.ts'
import { maskingQuorumRegister } from '../../src/catalogue/masking-quorum-register.ts'
import { signedEcho } from '../../src/catalogue/signed-echo.ts'
import {
  describeCompliance,
  describeConsistentBroadcast,
  describeConsistentChannel,
  describeReliableBroadcast,
  describeReliableChannel,
  type ProtocolFactory,
  type SuiteInit
} from '../../src/laboratory/compliance.ts'
import type { AddedStack } from '../../src/laboratory/run-config.ts'
import { AT_LENGTH, extent } from '../extent.ts'
import { mailbox, mailboxProtocol } from '../fixtures/mailbox.ts'
import {
  doublingLinks,
  hastyMaxRegister,
  hastyRegister,
  onceLinks,
  overtakenLinks,
  silentDetector
} from './weakened.ts'

const init: SuiteInit = { describe, it, runs: extent(1, 2) }
describeConsistentBroadcast(() => authenticatedEcho, init)
describeConsistentBroadcast(() => signedEcho, init)
describeReliableBroadcast(() => doubleEcho, init)
describeConsistentChannel(() => byzantineConsistentChannel, init)
describeReliableChannel(() => byzantineReliableChannel, init)
for (const stack of [
  authenticatedDataRegister,
  authenticatedPerfectLinks,
  bestEffortBroadcast,
  excludeOnTimeout,
  perfectLinks,
  majorityMaxRegister,
  majorityVotingRegister,
  mailbox,
  ...extent<AddedStack[]>([], [leaderlessStore, maskingQuorumRegister, stubbornLinks])
])
  describeCompliance(() => stack, init)

type Suite = (factory: ProtocolFactory, init: SuiteInit) => void

/** Runs a suite in a runner that is none; gives the tests that failed, with what they threw. */
function failures(suite: Suite, factory: ProtocolFactory, file?: string): ReadonlyMap<string, string> {
  const failed = new Map<string, string>()
  const path: string[] = []
  suite(factory, {
    ...(file === undefined ? {} : { file }),
    ...extent<{ runs?: number }>({ runs: 3 }, {}),
    describe(name, body) {
      path.push(name)
      body()
      path.pop()
    },
    it(name, test) {
      try {
        test()
      } catch (error) {
        failed.set([...path, name].join(' > '), String(error))
      }
    }
  })
  return failed
}

const propertiesOf = (failed: ReadonlyMap<string, string>) =>
  new Set([...failed.keys()].map((name) => / > ([^>]+?)(?::|$)[^>]*$/.exec(name)?.[1]))

it('the broken broadcast fails at consistency, and at nothing else; the failure says how to see it again', () => {
  const failed = failures(describeConsistentBroadcast, () => broken, 'examples/broken-broadcast.ts')
  expect(propertiesOf(failed)).toEqual(new Set(['consistency']))
  const [[name, message] = ['', '']] = failed
  expect(name).toMatch(/^broken-broadcast: Byzantine consistent broadcast > n = \d, f = \d > consistency: /)
  expect(message).toMatch(/^Error: consistency violated: members \d and \d delivered/)
  expect(message).toMatch(/in the run with seed \d+: n = \d, f = \d, \d Byzantine \(\w+\)/)
  expect(message).toMatch(
    /npx byzkit simulate examples\/broken-broadcast\.ts --members \d --faults \d --byzantine \d --adversary \w+ --seed \d+ --runs 1$/
  )
})

it.each([
  { stack: hastyRegister, violated: ['validity'] },
  { stack: hastyMaxRegister, violated: ['atomicity'] },
  { stack: doublingLinks, violated: ['no duplication'] },
  { stack: overtakenLinks, violated: ['FIFO delivery'] },
  { stack: onceLinks, violated: ['stubborn delivery'] },
  { stack: silentDetector, violated: ['strong completeness', 'was exercised'] },
  { stack: mailboxProtocol('misattributing', (from) => from + 1), violated: ['no creation'] }
])('$stack.name fails at $violated, and at nothing else', ({ stack, violated }) => {
  const failed = failures(describeCompliance, () => stack)
  expect(propertiesOf(failed)).toEqual(new Set(violated))
  const [name = ''] = [...failed.keys()]
  expect(name.startsWith(`${stack.name}: ${stack.title} > n = `)).toBe(true)
})

it('a suite judges what it is told to: a regular register is not atomic, and a property of nobody is refused', () => {
  const promised = { ...majorityVotingRegister, name: 'called-atomic', consistency: 'atomic' } as const
  const asAtomic: Suite = (factory, each) =>
    describeCompliance(factory, { ...each, abstraction: '(1,N) atomic register', properties: ['atomicity'] })
  const failed = failures(asAtomic, () => promised)
  expect(propertiesOf(failed)).toEqual(new Set(['atomicity']))
  const [[name, message] = ['', '']] = failed
  expect(name).toMatch(/^called-atomic: \(1,N\) atomic register > n = \d, f = \d > atomicity: /)
  expect(message).toMatch(/--byzantine 0 --seed \d+ --runs 1$/)
  const unheardOf: Suite = (factory, each) =>
    describeCompliance(factory, { ...each, properties: ['fairness'] })
  const [refused] = [...failures(unheardOf, () => promised).values()]
  expect(refused).toContain('called-atomic: nothing judges the property "fairness"')
})

if (AT_LENGTH) {
  it('consistent broadcast is not reliable: authenticated echo fails at totality alone', () => {
    expect(propertiesOf(failures(describeReliableBroadcast, () => authenticatedEcho))).toEqual(
      new Set(['totality'])
    )
  })

  it('reliable broadcast is no channel: double echo fails at FIFO delivery alone', () => {
    expect(propertiesOf(failures(describeReliableChannel, () => doubleEcho))).toEqual(
      new Set(['FIFO delivery'])
    )
  })
}

it.each(extent<string[]>([], ['node:test']))(
  'under %s: a protocol that complies passes, and a broken one fails',
  async () => {
    const file = fileURLToPath(new URL('../fixtures/suite.ts', import.meta.url))
    const words = ['--conditions=byzkit-source', '--test', '--test-reporter=tap', file]
    const env = { ...process.env, NODE_OPTIONS: '', BYZKIT_SUITE: 'fixed-broadcast' }
    const run = (suite: string) =>
      promisify(execFile)(process.execPath, words, { env: { ...env, BYZKIT_SUITE: suite } }).catch(
        (error: { readonly stdout: string }) => error
      )
    const [passed, failed] = [await run('fixed-broadcast'), await run('broken-broadcast')]
    expect(passed.stdout).toContain('# fail 0')
    expect(passed.stdout).toMatch(/# tests \d\d/)
    expect(failed.stdout).toMatch(/not ok \d+ - consistency: no two correct processes/)
    expect(failed.stdout).toContain('see it with: npx byzkit simulate')
  }
)
