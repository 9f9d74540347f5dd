/** What behaviours are made of, and that they are a function of the seed. */
import { describe, expect, it } from 'vitest'
import { behaviours, behavioursAgainst, findBehaviour } from '../../src/adversary/index.ts'
import { expectNone } from '../violations.ts'
import { campaign, reached } from './support.ts'

const LIVE = [
  'silent',
  'equivocate',
  'withhold',
  'forge',
  'garbage',
  'replay',
  'delay',
  'flood',
  'stale',
  'invent',
  'perjure'
]

it('lists each behaviour once, with its powers', () => {
  const names = behaviours.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toHaveLength(20)
  for (const behaviour of behaviours) {
    expect(behaviour.powers.length).toBeGreaterThan(10)
    expect(findBehaviour(behaviour.name)).toBe(behaviour)
    expect(behaviour.live).toBe(LIVE.includes(behaviour.name))
  }
  expect(findBehaviour('kind')).toBeUndefined()
})

it.each(behaviours)('$name does the same again with the same seed', (behaviour) => {
  const digests = () =>
    campaign({ stack: 'double-echo', behaviour, members: 7, byzantine: 2, runs: 2 }).runs.map(
      ({ digest }) => digest
    )
  expect(digests()).toEqual(digests())
})

it.each(behavioursAgainst('broadcast'))('$name reports what it does', (behaviour) => {
  const { acts } = campaign({ stack: 'double-echo', behaviour, members: 4, byzantine: 1, runs: 4 })
  expect([...acts.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
})

it.each(['authenticated-echo', 'double-echo', 'signed-echo'])(
  'most runs of %s see an equivocating sender at n = 4, b = 1',
  (stack) => {
    const equivocate = findBehaviour('equivocate')
    if (equivocate === undefined) throw new Error('no behaviour equivocate')
    const { runs } = campaign({ stack, behaviour: equivocate, members: 4, byzantine: 1, runs: 40 })
    const seen = runs.filter(
      ({ landmarks }) => landmarks.has('equivocation-seen') || landmarks.has('conflicting-echo')
    )
    expect(seen.length).toBeGreaterThan(30)
  }
)

it('the swarm draws all behaviours, alone and together', () => {
  const swarm = findBehaviour('swarm')
  if (swarm === undefined) throw new Error('no behaviour swarm')
  const { acts } = campaign({
    stack: 'authenticated-echo',
    behaviour: swarm,
    members: 4,
    byzantine: 1,
    runs: 100
  })
  const drawn = [...acts.keys()]
    .filter((act) => act.startsWith('drew-'))
    .map((act) => act.slice('drew-'.length))
  const others = behavioursAgainst('broadcast')
    .map(({ name }) => name)
    .filter((name) => name !== 'swarm')
  expect(drawn.sort()).toEqual(others.sort())
})

describe('several behaviours at once', () => {
  it('have the powers of all of them, and their effects', () => {
    const both = findBehaviour('equivocate+delay')
    expect(both?.powers).toContain('; and ')
    expect(both?.live).toBe(true)
    if (both === undefined) throw new Error('composed')
    const result = campaign({ stack: 'double-echo', members: 4, byzantine: 1, runs: 4, behaviour: both })
    expectNone(result.violations)
    expect(reached(result, 'equivocation-seen')).toBeGreaterThan(0)
    expect(result.acts.get('message-delayed')).toBeGreaterThan(0)
  })

  it('must all exist', () => {
    expect(findBehaviour('equivocate+')).toBeUndefined()
    expect(findBehaviour('equivocate+nobody')).toBeUndefined()
  })
})
