/** What behaviours are made of, and that they are a function of the seed. */
import { describe, expect, it } from 'vitest'
import { reporting } from '../../src/adversary/behaviour.ts'
import { behaviours, behavioursAgainst, findBehaviour } from '../../src/adversary/index.ts'
import type { ProcessId } from '../../src/core/group.ts'
import { seededRun } from '../../src/laboratory/run-config.ts'
import { storageMessages } from '../../src/registers/authenticated-storage.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import { extent } from '../extent.ts'
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
  'perjure',
  'two-faced'
]

interface Answered {
  readonly reader: ProcessId
  readonly register: string
  /** Null, or the value with its signature, as text. */
  readonly value: string
}

/** What the liar says that it did in runs of the signed register, and what it answered to reads, run by run. */
function actsAgainstRegisters(name: string, runs: number) {
  const behaviour = findBehaviour(name)
  if (behaviour === undefined) throw new Error(name)
  const acts = new Map<string, number>()
  const count = (act: string) => acts.set(act, (acts.get(act) ?? 0) + 1)
  const told = Array.from({ length: runs }, (_, seed) => {
    const answers: Answered[] = []
    simulate({
      ...seededRun({ ...AGAINST_REGISTERS, adversary: name }, seed + 1),
      behaviour: reporting(behaviour, count),
      onAct: (_kind, _from, _at, to, bytes) => {
        const message = storageMessages.decode(bytes.subarray(1))
        if (message?.type === 'VALUE')
          answers.push({ reader: to, register: message.register.name, value: JSON.stringify(message.value) })
      }
    })
    return answers
  })
  return { acts, told }
}

const AGAINST_REGISTERS = {
  protocol: 'authenticated-data-register',
  members: 4,
  faults: 1,
  byzantine: 1,
  links: 'ideal',
  crypto: 'symbolic'
} as const

it('lists each behaviour once, with its powers', () => {
  const names = behaviours.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toHaveLength(24)
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

it.each(behavioursAgainst({}))('$name reports what it does', (behaviour) => {
  const { acts } = campaign({ stack: 'double-echo', behaviour, members: 4, byzantine: 1, runs: 4 })
  expect([...acts.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
})

it.each(['authenticated-echo', 'double-echo', 'signed-echo'])(
  'most runs of %s see an equivocating sender at n = 4, b = 1',
  (stack) => {
    const equivocate = findBehaviour('equivocate')
    if (equivocate === undefined) throw new Error('no behaviour equivocate')
    const { runs } = campaign({
      stack,
      behaviour: equivocate,
      members: 4,
      byzantine: 1,
      runs: extent(16, 40)
    })
    const seen = runs.filter(
      ({ landmarks }) => landmarks.has('equivocation-seen') || landmarks.has('conflicting-echo')
    )
    expect(seen.length).toBeGreaterThan(extent(12, 30))
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
  const others = behavioursAgainst({})
    .map(({ name }) => name)
    .filter((name) => name !== 'swarm')
  expect(drawn.sort()).toEqual(others.sort())
})

it('the swarm draws two faces against registers, in some runs and for the whole of them', () => {
  const { acts } = actsAgainstRegisters('swarm', 12)
  expect(acts.get('drew-two-faced')).toBeGreaterThan(0)
  expect(acts.get('predecessor-shown')).toBeGreaterThan(0)
})

it('two faces: one reader is shown the newest value, and the others what was there before', () => {
  const { acts, told } = actsAgainstRegisters('two-faced', 4)
  expect(acts.get('predecessor-shown')).toBeGreaterThan(0)
  for (const answers of told) {
    /** Of each register: the newest value, the one before it, and who is shown the newest. */
    const shown = new Map<string, { newest: string; before: string | undefined; chosen: ProcessId }>()
    const seen = new Set<string>()
    for (const { reader, register, value } of answers) {
      const { newest, before, chosen } = shown.get(register) ?? {}
      if (!seen.has(`${register}/${value}`))
        shown.set(register, { newest: value, before: newest, chosen: reader })
      else if (reader === chosen || before === undefined) expect(value).toBe(newest)
      else expect(value).toBe(before)
      seen.add(`${register}/${value}`)
    }
  }
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
