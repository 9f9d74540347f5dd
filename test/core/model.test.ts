/** Models: the eight names, what is enough for what, and who is refused. */
import { describe, expect, it, test } from 'vitest'
import { SignedEcho } from '../../src/broadcast/signed-echo.ts'
import { stacks } from '../../src/catalogue/index.ts'
import { Component } from '../../src/core/component.ts'
import type { Environment } from '../../src/core/environment.ts'
import { ModelError } from '../../src/core/errors.ts'
import { createGroup } from '../../src/core/group.ts'
import {
  alteredModel,
  defineModel,
  failArbitrary,
  failArbitrarySilent,
  failNoisy,
  failRecovery,
  failSilent,
  failStop,
  findModel,
  lacking,
  type Model,
  type Needs,
  namedModels,
  TIME_BOUNDS
} from '../../src/core/model.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { DETECTOR_TIMEOUT_MS } from '../../src/detectors/constants.ts'
import { PerfectFailureDetector } from '../../src/detectors/perfect-failure-detector.ts'
import { LoggedMajorityVotingRegister } from '../../src/registers/logged-majority-voting-register.ts'
import { MajorityVotingRegister } from '../../src/registers/majority-voting-register.ts'
import { LATENCY_US } from '../../src/simulator/schedule.ts'
import { MS } from '../../src/simulator/scheduler.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import { portsOf } from '../../src/stacks/paths.ts'
import type { Stack } from '../../src/stacks/stack.ts'
import { testEnvironment } from './environment.ts'

const group = createGroup({
  id: new Uint8Array(32),
  f: 1,
  publicKeys: Array.from({ length: 4 }, () => new Uint8Array(32)),
  clients: [new Uint8Array(32)]
})

const environmentOf = (self = 0): Environment => ({
  ...testEnvironment({ tracing: false }).env,
  self,
  group,
  crypto: symbolicCrypto(group, 0, defaultBackend.sha256)(self)
})

const composed = (stack: Stack) => () => {
  for (const self of stack.clients === true ? [0, group.n] : [0]) portsOf(environmentOf(self), stack, {})
}

test('fail-arbitrary is another name of fail-arbitrary silent; names are found, and no others', () => {
  expect(findModel('fail-arbitrary')).toBe(failArbitrarySilent)
  expect(failArbitrary).toBe(failArbitrarySilent)
  for (const model of namedModels) expect(findModel(model.name)).toBe(model)
  expect(new Set(namedModels.map(({ name }) => name)).size).toBe(8)
  expect(findModel('fail-loud')).toBeUndefined()
})

test('by default nothing fails, and nothing is known of time; bounds come with a timing that has them', () => {
  const mild = defineModel('mild')
  expect(mild).toMatchObject({
    liars: false,
    crashes: 'none',
    omissions: 'none',
    links: 'perfect',
    bounds: null
  })
  expect(defineModel('timed', { timing: 'lockstep rounds' }).bounds).toEqual(TIME_BOUNDS)
  expect(alteredModel(failStop, { timing: 'asynchronous' })).toMatchObject({
    name: 'fail-stop, timing: asynchronous',
    crashes: 'stop',
    bounds: null
  })
})

describe('what is enough for what', () => {
  /** Each field: the values, of which each is enough for those behind it in its row, and for no others. */
  const chains: readonly (readonly Needs[])[] = [
    [{ liars: false }, { liars: true }],
    [{ signatures: true }, { signatures: false }],
    [{ crashes: 'none' }, { crashes: 'stop' }, { crashes: 'recover' }],
    [{ omissions: 'none' }, { omissions: 'send' }, { omissions: 'both' }],
    [{ omissions: 'none' }, { omissions: 'receive' }, { omissions: 'both' }],
    [{ observed: false }, { observed: true }],
    [{ links: 'perfect' }, { links: 'sessions' }, { links: 'fair-loss' }],
    [
      { timing: 'lockstep rounds' },
      { timing: 'bounded' },
      { timing: 'eventually bounded' },
      { timing: 'asynchronous' }
    ],
    [
      { detector: 'perfect' },
      { detector: 'eventually perfect' },
      { detector: 'eventual leader' },
      { detector: 'none' }
    ],
    [{ detector: 'byzantine leader' }, { detector: 'none' }],
    [{ coin: 'common' }, { coin: 'local' }, { coin: 'none' }]
  ]

  it.each(chains)('%j, and what is weaker', (...chain: readonly Needs[]) => {
    chain.forEach((has, i) => {
      chain.forEach((needs, j) => {
        const model = defineModel('m', has)
        expect([i, j, lacking(model, needs) === undefined]).toEqual([i, j, i <= j])
      })
    })
  })

  it('send and receive omissions say nothing of each other, nor do the leader detectors', () => {
    const omits = (omissions: Model['omissions']) => defineModel('m', { omissions })
    expect(lacking(omits('send'), { omissions: 'receive' })).toBeDefined()
    expect(lacking(omits('receive'), { omissions: 'send' })).toBeDefined()
    const knows = (detector: Model['detector']) => defineModel('m', { detector })
    expect(lacking(knows('perfect'), { detector: 'byzantine leader' })).toBeDefined()
    expect(lacking(knows('byzantine leader'), { detector: 'eventual leader' })).toBeDefined()
  })

  it('what is not named is not needed', () => {
    for (const model of namedModels) expect(lacking(model, {})).toBeUndefined()
  })
})

describe('a composition', () => {
  test.each(stacks.map((stack) => [stack.name, stack] as const))(
    '%s needs no more than its model has, at members and at clients',
    (_, stack) => {
      expect(composed(stack)).not.toThrow()
    }
  )

  const detector = stacks.find(({ name }) => name === 'exclude-on-timeout') as Stack
  const signedEcho = stacks.find(({ name }) => name === 'signed-echo') as Stack
  const transformed = stacks.find(
    ({ name }) => name === 'single-writer-to-multi-writer-atomic-register'
  ) as Stack

  it.each<[string, Stack, Model, string]>([
    [
      'a perfect detector without bounds',
      detector,
      failNoisy,
      'exclude-on-timeout (PerfectFailureDetector) needs timing: bounded; fail-noisy has timing: eventually bounded'
    ],
    [
      'a certificate where nobody signs',
      signedEcho,
      alteredModel(failArbitrary, { signatures: false }),
      'signed-echo (SignedEcho) needs signatures: true; fail-arbitrary silent, signatures: false has signatures: false'
    ],
    [
      'a transformation over a base that lacks something',
      transformed,
      failRecovery,
      'needs crashes: stop, links: perfect; fail-recovery has crashes: recover, links: sessions'
    ],
    ['crash registers among liars', transformed, failArbitrary, 'needs liars: false, crashes: stop']
  ])('%s is refused in a sentence that names both', (_, stack, model, sentence) => {
    const weaker = composed({ ...stack, model })
    expect(weaker).toThrow(ModelError)
    expect(weaker).toThrow(sentence)
  })

  it('components are refused wherever they stand in a stack, and none without a stack', () => {
    class Inner extends Component {
      static override readonly needs: Needs = { coin: 'common' }
      constructor(env: Environment) {
        super(env, 'outer/inner', {})
      }
      override state() {
        return null
      }
    }
    expect(() => new Inner(environmentOf())).not.toThrow()
    expect(() => new Inner({ ...environmentOf(), model: failSilent })).toThrow(
      'outer/inner (Inner) needs coin: common; fail-silent has coin: none'
    )
  })

  it('needs are those of the base class, unless the algorithm has its own', () => {
    expect(MajorityVotingRegister.needs).toMatchObject({ crashes: 'stop', links: 'perfect' })
    expect(LoggedMajorityVotingRegister.needs).toMatchObject({ crashes: 'recover', links: 'sessions' })
    expect(SignedEcho.needs).toEqual({ signatures: true })
    expect(PerfectFailureDetector.needs).toMatchObject({ timing: 'bounded' })
  })
})

test('the timeout of the perfect detector covers two messages, a step at either end, and a fast clock', () => {
  const { latencyMs, stepMs, driftPpm } = TIME_BOUNDS
  const millisecondsAtMost = 2 * latencyMs + 2 * stepMs + LATENCY_US / MS
  expect((DETECTOR_TIMEOUT_MS * 1_000_000) / (1_000_000 + driftPpm)).toBeGreaterThan(millisecondsAtMost)
})
