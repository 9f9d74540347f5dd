/** The rungs of the ladder as stacks, over a network that loses, repeats and reorders: what each promises, and no more. */
import { describe, expect, test } from 'vitest'
import {
  authenticatedPerfectLinks,
  linkStacks,
  perfectLinks,
  stubbornLinks
} from '../../src/catalogue/links.ts'
import { configure } from '../../src/cli/simulate/configure.ts'
import { InvalidParametersError } from '../../src/core/errors.ts'
import { recordRun, repeatRun } from '../../src/laboratory/recording.ts'
import { run } from '../../src/laboratory/run.ts'
import { addStack, type RunConfig } from '../../src/laboratory/run-config.ts'
import { Solo } from '../../src/laboratory/solo.ts'
import { LINK_UNACKED_BYTES_MAX } from '../../src/links/constants.ts'
import { fairLossLinks, fairLossMessages } from '../../src/links/fair-loss-links.ts'
import { linkService } from '../../src/links/service.ts'
import { authenticated } from '../../src/stacks/compose-links.ts'
import type { LinkStack } from '../../src/stacks/stack.ts'
import { crashConfig, hunted, unreached } from '../campaigns.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

const RUNS = extent(12, 60)
const HUNT_RUNS = 100

const configOf = (stack: LinkStack, members: number): RunConfig => {
  const config = crashConfig(stack, members)
  return stack.model.liars ? { ...config, byzantine: config.faults, adversary: 'swarm' } : config
}

describe.each(linkStacks.map((stack) => [stack.name, stack] as const))('%s', (_, stack) => {
  test.each([4, 5, 6, 7])(`${stack.properties.join(', ')} at n = %i`, (members) => {
    for (let seed = 1; seed <= RUNS; seed++)
      expectNone(run(configOf(stack, members), seed).violations, `seed ${seed}`)
  })

  test('reaches its landmarks', () => {
    expect(unreached(configOf(stack, 4), HUNT_RUNS, stack.landmarks)).toEqual([])
  })

  test('stands on a lossy network already: --links real is refused', () => {
    const options = { members: 4, links: 'real', crypto: 'symbolic', search: 'random' }
    expect(() => configure(stack.name, options)).toThrow(
      `--links real: ${stack.name} stands on fair-loss links`
    )
  })
})

/** As another stack, which promises more than it keeps. */
function claiming(stack: LinkStack, name: string, property: string): LinkStack {
  const claims = { ...stack, name, properties: [...stack.properties, property] }
  addStack(claims)
  return claims
}

test('stubborn links deliver twice, and perfect links in any order', () => {
  for (const [stack, property] of [
    [stubbornLinks, 'no duplication'],
    [perfectLinks, 'FIFO delivery']
  ] as const) {
    const claims = claiming(stack, `${stack.name}-that-promise-more`, property)
    const found = hunted(configOf(claims, 4), HUNT_RUNS, ({ violations }) => violations.length > 0)
    expect(found?.violations).toMatchObject([{ property }])
  }
})

test('whoever speaks for another one is believed by perfect links, which know of no liars', () => {
  const claims: LinkStack = {
    ...perfectLinks,
    name: 'perfect-links-among-liars',
    model: authenticatedPerfectLinks.model,
    properties: ['authenticity']
  }
  addStack(claims)
  const config = { ...configOf(claims, 4), adversary: 'fabricate' }
  const found = hunted(config, HUNT_RUNS, ({ violations }) => violations.length > 0)
  expect(found?.violations).toMatchObject([{ property: 'authenticity' }])
})

test('a trace tells of each message once that it was sent, and of each of its copies that it came', () => {
  const { acted } = recordRun(configOf(stubbornLinks, 4), 1)
  const sent = new Set<number>()
  let received = 0
  repeatRun(acted, {
    sink(event) {
      if (event.kind === 'send') sent.add(event.id)
      if (event.kind === 'lost') expect.fail('nobody knows on such links what is lost')
      if (event.kind !== 'receive') return
      received++
      expect(sent.has(event.id)).toBe(true)
    }
  })
  expect(received).toBeGreaterThan(10)
})

test("a frame is taken for whose it says it is; one of nobody is its sender's fault", () => {
  const frames: (readonly [number, Uint8Array])[] = []
  const p = new Solo({
    members: 4,
    make: (env, ports) => fairLossLinks(env, 'links', ports, (...frame) => frames.push(frame))
  })
  const frame = Uint8Array.of(7)
  p.receive(2, 'links', { type: 'FRAME', sender: 1, payload: frame })
  expect(frames).toEqual([[1, frame]])
  p.receive(2, 'links', { type: 'FRAME', sender: 4, payload: frame })
  expect(frames).toHaveLength(1)
  expect(p.faults).toMatchObject([{ process: 2, kind: 'malformed', certainty: 'certain' }])
  expect(fairLossMessages.declared.map(({ type }) => type)).toEqual(['FRAME'])
})

describe('what is sent before a session has begun', () => {
  const sends = () => {
    const p = new Solo({
      members: 4,
      make: (env, ports) => authenticated(env, 'links', ports, { deliver: () => {} })
    })
    const transmit = (to: number, bytes = 1) =>
      p.do(({ services }) =>
        (services[linkService.name] as { transmit(to: number, message: Uint8Array): void }).transmit(
          to,
          new Uint8Array(bytes)
        )
      )
    return { p, transmit }
  }

  test('waits, for a peer that says nothing no more than a window of it', () => {
    const { p, transmit } = sends()
    const bytes = 64 * 1024
    for (let sent = 0; sent < LINK_UNACKED_BYTES_MAX; sent += bytes) transmit(1, bytes)
    expect(p.faults).toMatchObject([{ process: 1, kind: 'lagging', certainty: 'suspected' }])
    transmit(1, bytes)
    transmit(2)
    expect(p.faults).toHaveLength(1)
  })

  test.each([
    ['itself', 0],
    ['nobody', 4]
  ])('to %s is refused, and stops nothing', (_, to) => {
    const { p } = sends()
    const { transmit } = p.component.services[linkService.name] as {
      transmit(to: number, message: Uint8Array): void
    }
    expect(() => transmit(to, new Uint8Array(1))).toThrow(InvalidParametersError)
    expect(p.stopped).toBeUndefined()
  })
})
