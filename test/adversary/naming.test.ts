/**
 * Who is named for what: of each behaviour, what it does that a correct member can know, and that whoever was told so
 * names it. The others, who are silent, late, or say different things to different members, are named by nobody who
 * cannot know.
 */
import { describe, expect, it } from 'vitest'
import { behavioursAgainst } from '../../src/adversary/index.ts'
import { checkNaming } from '../../src/checkers/naming.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { seededRun } from '../../src/laboratory/run-config.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'
import { type Campaign, campaign, realLinks } from './support.ts'

const RUNS = 12
/** They are longer. */
const RUNS_OF_SEVEN = extent(1, 4)

/** In the order in which they are named here. */
const LIES: readonly (readonly [name: string, lie: RegExp])[] = [
  ['no message', /^sent \d+ bytes that are no message/],
  ['no member', /^sent [A-Z]+ (that names \d+, which is no member|of \d+ members)$/],
  ['two payloads', /^sent two payloads in instance/],
  ['another payload to others', /^sent another payload in instance .*, as \d+ say$/],
  ['two votes', /^sent two (ECHO|READY)s in instance/],
  ['a vote for nothing', /^sent an ECHO in instance .* for what it was not sent there$/],
  ['a false certificate', /^sent a certificate in instance .* that proves nothing$/],
  ['another certificate', /^sent a certificate in instance .* for another payload than before$/],
  ['a false answer', /^handed over another payload of/]
]

/** What behaviours tell correct members at n = 4 that these can know, under each broadcast. */
const CERTAIN: { readonly [stack: string]: { readonly [behaviour: string]: readonly string[] } } = {
  'authenticated-echo': {
    equivocate: ['two payloads', 'two votes'],
    twins: ['two payloads'],
    mutate: ['no member', 'two votes'],
    fabricate: ['no member', 'two payloads', 'two votes'],
    forge: ['two votes'],
    garbage: ['no message', 'two votes'],
    replay: ['two payloads'],
    flood: ['two payloads', 'two votes'],
    collude: ['another payload to others'],
    adaptive: ['two votes']
  },
  'signed-echo': {
    equivocate: ['two payloads'],
    twins: ['two payloads'],
    mutate: ['no member', 'a vote for nothing', 'a false certificate'],
    fabricate: ['no member', 'two payloads', 'a vote for nothing', 'a false certificate'],
    forge: ['a vote for nothing', 'a false certificate'],
    garbage: ['no message'],
    replay: ['two payloads', 'a false certificate'],
    flood: ['two payloads', 'a vote for nothing', 'a false certificate'],
    adaptive: ['a false certificate']
  },
  'double-echo': {
    equivocate: ['two payloads', 'two votes'],
    twins: ['two payloads', 'two votes'],
    mutate: ['no member', 'two votes'],
    fabricate: ['no member', 'two payloads', 'two votes'],
    forge: ['two payloads', 'two votes'],
    garbage: ['no message', 'two votes'],
    replay: ['two payloads'],
    flood: ['two payloads', 'two votes'],
    collude: ['another payload to others'],
    adaptive: ['two votes']
  }
}
/** They say nothing that is false to whoever hears it. */
const NOTHING_FALSE = ['silent', 'selective', 'withhold', 'delay', 'crash']

const liesIn = ({ runs }: Campaign): string[] => {
  const details = runs.flatMap(({ history }) => (history.lies ?? []).map(({ detail }) => detail))
  expect(details.filter((detail) => !LIES.some(([, lie]) => lie.test(detail)))).toEqual([])
  return LIES.filter(([, lie]) => details.some((detail) => lie.test(detail))).map(([name]) => name)
}
const unnamedIn = ({ runs }: Campaign) => runs.flatMap(({ history }) => checkNaming(history))

describe.each(Object.keys(CERTAIN))('naming: %s', (stack) => {
  const behaviours = behavioursAgainst({}).map((behaviour, index) => ({ behaviour, index }))
  it.each(behaviours)('$behaviour.name is named for what members can know', ({ behaviour, index }) => {
    for (const members of index % 3 === 0 ? [4, 7] : extent([4], [4, 7])) {
      const byzantine = byzantineResilience(members)
      const runs = members === 4 ? RUNS : RUNS_OF_SEVEN
      const result = campaign({ stack, members, byzantine, runs, behaviour })
      expectNone(unnamedIn(result), `n = ${members}`)
      const lies = liesIn(result)
      if (NOTHING_FALSE.includes(behaviour.name)) expect(lies).toEqual([])
      else if (members === 4)
        expect(lies).toEqual(expect.arrayContaining([...(CERTAIN[stack]?.[behaviour.name] ?? [])]))
    }
  })
})

it('naming: a pair that no member has, under double write', () => {
  const config = {
    protocol: 'double-write-register',
    members: 4,
    faults: 1,
    byzantine: 1,
    adversary: 'mutate',
    links: 'ideal',
    crypto: 'symbolic'
  } as const
  const histories = Array.from({ length: 4 }, (_, seed) => simulate(seededRun(config, seed + 1)).history)
  const lies = histories.flatMap((history) => history.lies ?? []).map(({ detail }) => detail)
  expect(lies).toContain('answered a READ with a pair that no member has')
  expectNone(histories.flatMap(checkNaming))
})

it.each(['byzantine-reliable-channel', 'byzantine-consistent-channel'])(
  'naming: %s over real links, where frames are lost and come twice',
  (stack) => {
    for (const name of ['fabricate', 'garbage', 'forge']) {
      const behaviour = behavioursAgainst({}).find((one) => one.name === name)
      if (behaviour === undefined) throw new Error(name)
      const result = campaign({
        stack,
        members: 4,
        byzantine: 1,
        runs: RUNS_OF_SEVEN,
        behaviour,
        changes: realLinks
      })
      expect(liesIn(result).length).toBeGreaterThan(0)
      expectNone(unnamedIn(result), name)
    }
  }
)
