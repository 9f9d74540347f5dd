/** Whoever is named proven is: every simulated run is judged by it, with public keys alone. */
import { describe, expect, it } from 'vitest'
import { checkProofs } from '../../src/checkers/proofs.ts'
import type { Evidence, Fault } from '../../src/core/fault.ts'
import { judgeEvidence } from '../../src/exchange/evidence.ts'
import { judge } from '../../src/laboratory/judge.ts'
import { type RunConfig, seededRun } from '../../src/laboratory/run-config.ts'
import type { HistoryEvent } from '../../src/simulator/history.ts'
import { type SimulationResult, simulate } from '../../src/simulator/simulation.ts'
import { claims, verifyEvidence } from '../../src/stacks/evidence.ts'
import { expectNone } from '../violations.ts'

const config = (protocol: string, adversary: string, crypto: 'symbolic' | 'real'): RunConfig => ({
  protocol,
  members: 4,
  faults: 1,
  byzantine: 1,
  adversary,
  links: 'ideal',
  crypto
})

type Named = Extract<HistoryEvent, { kind: 'fault' }>
const proven = ({ history }: SimulationResult): Named[] =>
  history.events.filter(
    (event): event is Named => event.kind === 'fault' && event.fault.certainty === 'proven'
  )

/** The run, as if whoever names another for proven had said this. */
const told = (result: SimulationResult, change: (fault: Fault) => Fault): SimulationResult => {
  const events = result.history.events.map((event) =>
    event.kind === 'fault' && event.fault.certainty === 'proven'
      ? { ...event, fault: change(event.fault) }
      : event
  )
  return { ...result, history: { ...result.history, events } }
}

/** What the judge says of accuracy. */
const inaccurate = (protocol: string, result: SimulationResult) =>
  judge(protocol, result).filter(({ property }) => property === 'accuracy')

const withEvidence = (fault: Fault, change: (evidence: Evidence) => Evidence): Fault => ({
  ...fault,
  evidence: change(fault.evidence as Evidence)
})

describe.each([
  ['signed-double-echo', 'equivocate', 'symbolic'],
  ['signed-double-echo', 'equivocate', 'real'],
  ['signed-byzantine-reliable-channel', 'twins', 'symbolic']
] as const)('%s against %s, with %s cryptography', (protocol, adversary, crypto) => {
  const results = Array.from({ length: 40 }, (_, seed) =>
    simulate(seededRun(config(protocol, adversary, crypto), seed + 1))
  )
  const runs = results.filter((result) => proven(result).length > 0)
  const [run] = runs as [SimulationResult]

  it('what is named proven is', () => {
    expect(runs.length).toBeGreaterThan(0)
    for (const result of runs) expectNone(judge(protocol, result), protocol)
  })

  it('without evidence, or with what proves nothing, or proves it of another, it is not', () => {
    const bare = told(run, ({ process, kind, certainty, detail }) => ({ process, kind, certainty, detail }))
    expect(inaccurate(protocol, bare)).toMatchObject([
      { detail: expect.stringContaining('there is no evidence') }
    ])
    const cut = told(run, (fault) =>
      withEvidence(fault, ({ claim, statements }) => ({ claim, statements: statements.slice(1) }))
    )
    expect(inaccurate(protocol, cut)).toMatchObject([
      { detail: expect.stringContaining('two statements contradict each other, and there are 1') }
    ])
    const forged = told(run, (fault) =>
      withEvidence(fault, ({ claim, statements }) => ({
        claim,
        statements: statements.map((one) => ({ ...one, signature: new Uint8Array(64) }))
      }))
    )
    expect(inaccurate(protocol, forged)).toMatchObject([
      { detail: expect.stringContaining('the signature is not that of its signer') }
    ])
    const ofAnother = told(run, (fault) => ({ ...fault, process: (fault.process + 1) % 4 }))
    const { group, verifyBy } = run.publicKeys
    const found = checkProofs(ofAnother.history, group, (shown) =>
      judgeEvidence(claims, group, shown, verifyBy)
    )
    expect(found.map(({ at }) => at)).toEqual(proven(run).map((event) => run.history.events.indexOf(event)))
    for (const { detail } of found) expect(detail).toContain('the evidence is about another process')
  })

  it('whoever has the public keys alone agrees', () => {
    for (const { fault } of proven(run)) {
      const verdict = verifyEvidence(run.publicKeys.group, fault.evidence as Evidence)
      // Signatures of symbolic cryptography hold in their run alone.
      expect(verdict.proven).toBe(crypto === 'real')
    }
  })
})
