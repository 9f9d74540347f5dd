/** The exhaustive exploration of small cases: its counts, its reductions, and what it must find. */
import { describe, expect, it } from 'vitest'
import { authenticatedEcho } from '../../src/catalogue/authenticated-echo.ts'
import { doubleEcho } from '../../src/catalogue/double-echo.ts'
import type { PlainValue } from '../../src/core/trace.ts'
import { Exploration, type ExplorationInit } from '../../src/laboratory/exhaustive/exploration.ts'
import type { Input } from '../../src/laboratory/exhaustive/inputs.ts'
import type { PathStep } from '../../src/laboratory/exhaustive/path.ts'
import { StateSet } from '../../src/laboratory/exhaustive/states.ts'
import { ExploredSystem } from '../../src/laboratory/exhaustive/system.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import type { BroadcastStack } from '../../src/stacks/stack.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

const WALKS = extent(100, 400)

function explore(init: Partial<ExplorationInit> & { readonly stack: BroadcastStack }) {
  const exploration = new Exploration({ members: 4, faults: 1, ...init })
  while (!exploration.advance(10_000));
  return exploration.result()
}

const counts = ({
  states,
  statesWithExchanged,
  transitions,
  terminals,
  verdict
}: ReturnType<typeof explore>) => ({
  states,
  statesWithExchanged,
  transitions,
  terminals,
  verdict
})

type State = { readonly [path: string]: PlainValue }

function withState(stack: BroadcastStack, tell: (state: State) => State): BroadcastStack {
  return {
    ...stack,
    build: (...args) => {
      const instance = stack.build(...args)
      return Object.create(instance, { state: { value: () => tell(instance.state()) } })
    }
  }
}

describe('n = 4, one liar that is the sender: every state is as it should be, and there are as many as ever', () => {
  type Menu = NonNullable<ExplorationInit['menu']>
  type Case = [string, Menu, states: number, exchanged: number, transitions: number, terminals: number]

  it.each<Case>([
    ['double-echo', ['SEND', 'READY'], 27_452, 54_903, 101_694, 1293],
    ['authenticated-echo', ['SEND', 'ECHO'], 41_396, 82_791, 147_654, 1926],
    ...extent<Case[]>([], [['double-echo', ['SEND', 'ECHO'], 85_302, 170_603, 265_388, 2703]])
  ])('%s, %j', (protocol, menu, states, statesWithExchanged, transitions, terminals) => {
    const stack = protocol === 'double-echo' ? doubleEcho : authenticatedEcho
    const result = explore({ stack, menu, checkEvery: 4 })
    expect(counts(result)).toEqual({ states, statesWithExchanged, transitions, terminals, verdict: 'ok' })
    expectNone(result.violations)
  })
})

describe('the reductions leave out no answer', () => {
  const reductions = [
    { exchange: true, persistentSets: false },
    { exchange: false, persistentSets: true },
    { exchange: false, persistentSets: false }
  ]
  it.each([
    ...extent<[string, Partial<ExplorationInit> & { stack: BroadcastStack }][]>(
      [['authenticated-echo, n = 3', { stack: authenticatedEcho, members: 3 }]],
      [
        ['authenticated-echo', { stack: authenticatedEcho }],
        ['double-echo, SEND and READY', { stack: doubleEcho, menu: ['SEND', 'READY'] }]
      ]
    )
  ])('%s: the same quiescent states, fewer others', (_, init) => {
    const reduced = explore(init)
    const [noPersistent, noExchange, full] = reductions.map((reduction) => explore({ ...init, ...reduction }))
    expect([noPersistent, noExchange, full].map((result) => result?.verdict)).toEqual(['ok', 'ok', 'ok'])
    // Exchange: one state of two, but for those that are their own.
    expect(noExchange?.states).toBe(reduced.statesWithExchanged)
    expect(full?.states).toBe(noPersistent?.statesWithExchanged)
    expect(noPersistent?.terminals).toBe(reduced.terminals)
    // Persistent sets.
    expect(noExchange?.terminals).toBe(full?.terminals)
    expect(reduced.states).toBeLessThan((full?.states ?? 0) / 2)
  })

  it.each([
    ['n = 3, f = 1: totality', { stack: doubleEcho, members: 3 }],
    ['n = 4, f = 0: consistency', { stack: doubleEcho, faults: 0 }],
    ...extent<[string, Partial<ExplorationInit> & { stack: BroadcastStack }][]>(
      [],
      [
        [
          'no timers, and a payload asked of the liar: totality',
          { stack: doubleEcho, menu: ['SEND', 'ECHO'], timerFirings: 0 }
        ]
      ]
    )
  ])('%s is violated with each of them and without', (_, init) => {
    const found = [{}, ...reductions].map((reduction) => explore({ ...init, ...reduction }))
    expect(found.map(({ verdict }) => verdict)).toEqual(Array(4).fill('violated'))
    const properties = found.map(({ violations }) => violations.map(({ property }) => property))
    expect(new Set(properties.map(String)).size).toBe(1)
    const [{ path = [] } = {}] = found[0]?.violations ?? []
    expect(path.length).toBeGreaterThan(0)
  })
})

describe('a violation', () => {
  const short = ({ process, from, message, tells }: PathStep) =>
    `${from} to ${process}: ${message}${tells.length > 0 ? `, ${tells}` : ''}`

  it('is told by the steps that it needs and no others', () => {
    const { violations } = explore({ stack: doubleEcho, faults: 0 })
    expect(violations).toHaveLength(1)
    expect(violations[0]).toMatchObject({
      property: 'consistency',
      detail: 'members 1 and 2 delivered 01 and 02 as broadcast 0 of member 0'
    })
    expect(violations[0]?.path.map(short)).toEqual([
      '0 to 1: SEND m1',
      '0 to 1: READY d1, delivers 0/0: m1',
      '0 to 2: SEND m2',
      '0 to 2: READY d2, delivers 0/0: m2'
    ])
    expect(violations[0]?.path[0]?.sends).toEqual([0, 2, 3].map((to) => ({ to, message: 'ECHO d1' })))
  })

  it('of totality ends with nothing on its way; without timers the liar is asked for the payload, and is silent', () => {
    const { violations } = explore({ stack: doubleEcho, menu: ['SEND', 'ECHO'], timerFirings: 0 })
    expect(violations.map(({ property }) => property)).toEqual(['totality'])
    const path = violations[0]?.path ?? []
    const sent = path.flatMap(({ process, sends }) => sends.map((send) => ({ from: process, ...send })))
    expect(sent).toContainEqual(expect.objectContaining({ to: 0, message: expect.stringMatching(/^PULL /) }))
    const owed = sent.filter(({ to }) => to !== 0)
    const received = path
      .filter(({ from }) => from !== 0)
      .map(({ process, from, message }) => ({ from, to: process, message }))
    const text = (messages: readonly object[]) => messages.map((message) => JSON.stringify(message)).sort()
    expect(text(received.map(({ from, to, message }) => ({ from, to, message })))).toEqual(text(owed))
  })

  it('that is a crash is one too', () => {
    const stack: BroadcastStack = {
      ...doubleEcho,
      build: (env, ports, options, application) =>
        doubleEcho.build(env, ports, options, {
          ...application,
          deliver: () => {
            throw new Error('no room')
          }
        })
    }
    const { violations } = explore({ stack, menu: ['SEND', 'ECHO'] })
    expect(violations.map(({ property, detail }) => [property, detail])).toEqual([
      ['no crash', expect.stringMatching(/^member \d stopped: no room$/)]
    ])
  })
})

describe('what the exploration rests on', () => {
  it.each([doubleEcho, authenticatedEcho])(
    '$name: a live group on a random walk is where the explored one is',
    (stack) => {
      const system = new ExploredSystem({ stack, members: 4, faults: 1 })
      const { graph } = system
      const random = new SeededRandom(1, 'walks')
      let steps = 0
      for (let walk = 0; walk < WALKS; walk++) {
        const state = system.start()
        const inputs: Input[][] = Array.from(state, () => [])
        const live = Array.from(state, (_, index) => graph.replay(system.processes[index] ?? -1, []))
        for (;;) {
          const enabled = live.flatMap((process, index) =>
            system.inputs(state, index).map((input) => ({ process, index, input }))
          )
          if (enabled.length === 0) break
          const { process, index, input } = random.pick(enabled)
          graph.feed(process, input)
          inputs[index]?.push(input)
          system.take(state, index, input)
          expect(graph.recognise(process, inputs[index] ?? [])).toBe(state[index])
          steps++
        }
        expect(system.quiescent(state)).toBe(true)
        expectNone(system.judge(state, true))
      }
      expect(steps).toBeGreaterThan(WALKS * 10)
    }
  )

  it.each(extent<string[]>([], ['questions']))(
    'a component whose state() keeps its %s back is found out by the second ways',
    (kept) => {
      const stack = withState(doubleEcho, (state) => {
        const { [kept]: back, ...rest } = state['double-echo'] as { readonly [name: string]: PlainValue }
        expect(back).toBeDefined()
        return { ...state, 'double-echo': rest }
      })
      expect(() => explore({ stack, menu: ['SEND', 'ECHO'], checkEvery: 1 })).toThrow(
        'what looks alike goes on alike'
      )
    }
  )

  it('a component whose state() keeps all back is found out by what does not happen when it is repeated', () => {
    const stack = withState(authenticatedEcho, () => ({}))
    expect(() => explore({ stack })).toThrow('what looks alike goes on alike')
  })

  it('a process that is not deterministic is found out', () => {
    let asked = 0
    const stack = withState(authenticatedEcho, (state) => ({ ...state, asked: asked++ }))
    expect(() => explore({ stack })).toThrow('exchanging the values twice leads back')
  })

  it('more states than it may have, or an early end, are inconclusive', () => {
    expect(explore({ stack: doubleEcho, statesMax: 1000 })).toMatchObject({
      verdict: 'inconclusive',
      reason: 'it has more than 1000 states'
    })
    const exploration = new Exploration({ stack: doubleEcho, members: 4, faults: 1 })
    expect(exploration.advance(100)).toBe(false)
    expect(exploration.result()).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('interrupted')
    })
  })

  it('a set of states knows each of them, its number, and from where it was reached', () => {
    const set = new StateSet(2)
    const state = (index: number) => Int32Array.of(index % 211, Math.floor(index / 211) * 65_536)
    for (let index = 0; index < 20_000; index++) expect(set.add(state(index), index - 1)).toBe(true)
    for (let index = 0; index < 20_000; index += 7) {
      expect(set.add(state(index), -1)).toBe(false)
      expect(set.indexOf(state(index))).toBe(index)
      expect(set.parent(index)).toBe(index - 1)
      const into = new Int32Array(2)
      set.read(index, into)
      expect(into).toEqual(state(index))
    }
    expect(set.indexOf(Int32Array.of(1, 1))).toBe(-1)
    expect(set.size).toBe(20_000)
  })
})
