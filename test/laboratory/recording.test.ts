/** A run as data: what is recorded repeats the run exactly, and a choice that is taken away leaves the others alone. */
import { describe, expect, it } from 'vitest'
import { behaviours } from '../../src/adversary/index.ts'
import { stacks } from '../../src/catalogue/index.ts'
import { createGroup } from '../../src/core/group.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { recordRun, repeatRun } from '../../src/laboratory/recording.ts'
import { run } from '../../src/laboratory/run.ts'
import type { RunConfig } from '../../src/laboratory/run-config.ts'
import { isAnswer, pointOf } from '../../src/simulator/schedule.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import { SignaturesMade } from '../../src/simulator/unforgeable.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

const config: RunConfig = {
  protocol: 'double-echo',
  members: 4,
  faults: 1,
  byzantine: 1,
  adversary: 'swarm',
  links: 'ideal',
  crypto: 'symbolic'
}
const seeds = Array.from({ length: extent(2, 5) }, (_, index) => index + 1)

describe.each(stacks.map(({ name }, index) => ({ name, index })))('$name', ({ name, index }) => {
  it.each(extent([index % 2 === 0 ? 4 : 7], [4, 7]))(
    'at n = %i: recording changes nothing, and the recorded choices and acts repeat the run',
    (members) => {
      const byzantine = byzantineResilience(members)
      const of: RunConfig = { ...config, protocol: name, members, faults: byzantine, byzantine }
      for (const seed of seeds.slice(0, extent(1, seeds.length))) {
        const recorded = recordRun(of, seed)
        expect(recorded.result.digest).toBe(run(of, seed).digest)
        const repeated = repeatRun(recorded.acted)
        expect(repeated.result.digest).toBe(recorded.result.digest)
        expect(repeated.result.history).toEqual(recorded.result.history)
        // What is judged of the liars themselves aside: their choices come up only while they run.
        expect(repeatRun(recorded.behaved).result.digest).toBe(recorded.result.digest)
      }
    }
  )
})

it.each(behaviours.map(({ name }) => name))('what %s does is repeated from its acts alone', (adversary) => {
  for (const seed of seeds.slice(0, 4)) {
    const recorded = recordRun({ ...config, adversary }, seed)
    expect(recorded.acted.setup.adversary).toBeNull()
    expect(repeatRun(recorded.acted).result.digest).toBe(recorded.result.digest)
  }
})

it('over real links the behaviour is run again, with the same randomness', () => {
  for (const seed of seeds) {
    const recorded = recordRun({ ...config, links: 'real' }, seed)
    expect(repeatRun(recorded.behaved).result.digest).toBe(recorded.result.digest)
  }
})

it('no two answers have one point', () => {
  const { schedule } = recordRun({ ...config, links: 'real' }, 3).acted
  const points = schedule.filter(isAnswer).map(pointOf)
  expect(new Set(points).size).toBe(points.length)
  expect(points.length).toBeGreaterThan(100)
})

it('a choice that is taken away leaves the others what they were; what finds nothing to act on is counted', () => {
  const { acted } = recordRun(config, 5)
  const whole = repeatRun(acted)
  // The crash of a member that is down already, and answers about messages that are never sent.
  const impossible = [
    { kind: 'end-session', a: 0, b: 0, at: 5 },
    { kind: 'delay', from: 0, to: 1, number: 1_000_000, us: 7 }
  ] as const
  const more = repeatRun({ ...acted, schedule: [...acted.schedule, ...impossible.slice(1)] })
  expect(more.result.digest).toBe(whole.result.digest)
  expect(more.skipped).toBe(whole.skipped + 1)
})

it('by default messages arrive in the order in which they were sent, and nothing fails', () => {
  const { acted } = recordRun({ ...config, byzantine: 0, adversary: null }, 2)
  const broadcasts = acted.schedule.filter(({ kind }) => kind === 'request')
  const { result, violations } = repeatRun({ ...acted, schedule: broadcasts })
  expectNone(violations)
  const kinds = new Set(result.history.events.map(({ kind }) => kind))
  expect([...kinds].sort()).toEqual(['indicate', 'invoke', 'return'])
})

it('a signature of a correct process that it does not make in the run does not verify in it', () => {
  const group = createGroup({ id: new Uint8Array(32), f: 1, publicKeys: Array(4).fill(new Uint8Array(32)) })
  const cryptoOf = symbolicCrypto(group, 1, defaultBackend.sha256)
  const made = new SignaturesMade(group, (process) => process !== 3)
  const [correct, liar, verifier] = [0, 3, 1].map((self) => made.watched(self, cryptoOf(self)))
  const statement = Uint8Array.of(1, 2, 3)
  const recorded = cryptoOf(0).sign(statement)
  expect(verifier?.verify(0, statement, recorded)).toBe(false)
  correct?.sign(statement)
  expect(verifier?.verify(0, statement, recorded)).toBe(true)
  expect(verifier?.verify(0, Uint8Array.of(9), recorded)).toBe(false)
  // A liar's own signatures are its own to make, at any time.
  expect(verifier?.verify(3, statement, cryptoOf(3).sign(statement))).toBe(true)
  expect(liar?.sign(statement)).toEqual(cryptoOf(3).sign(statement))
})
