/** Over real links a liar is cut off, a correct process never: who, is read off the trace. */
import { describe, expect, it } from 'vitest'
import type { Behaviour } from '../../src/adversary/behaviour.ts'
import { behavioursAgainst } from '../../src/adversary/index.ts'
import { Troublemaker } from '../../src/adversary/troublemaker.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'
import { extent } from '../extent.ts'
import { campaign, honest, reached, realLinks } from './support.ts'

/** Acts for each broadcast of its application. */
const ACTS = 400

/** Sends a message for no port, which is a misdeed for certain, to whoever it likes. */
class Relentless extends Troublemaker {
  protected override act(): void {
    this.report('misdeed')
    this.tell(this.victim(), Uint8Array.of(255))
  }
}

const relentless: Behaviour = {
  name: 'relentless',
  powers: 'breaks the protocol again and again, for certain',
  live: false,
  effect: { landmarks: ['peer-cut-off'] },
  create: (context) => new Relentless(context, ACTS)
}

/** One run; and of whom a session ended since it was cut off. */
function run(behaviour: Behaviour, members: number, byzantine: number, seed: number) {
  const cutOff: number[] = []
  const changes = {
    ...realLinks,
    rates: { ...realLinks.rates, broadcasts: 12 },
    sink: (event: TraceEvent) => {
      if (event.kind === 'session' && event.change === 'ended' && event.reason === 'cut-off') {
        cutOff.push(event.peer)
      }
    }
  }
  const init = { stack: 'double-echo', behaviour, members, byzantine, runs: 1, firstSeed: seed, changes }
  const result = campaign(init)
  return { result, cutOff, liars: result.runs[0]?.byzantine ?? [] }
}

const SEEDS = extent([1], [1, 2, 3])

describe.each([
  [4, 1],
  [7, 2]
] as const)('of %i members, %i Byzantine', (members, byzantine) => {
  it('who misbehaves relentlessly is cut off, and the others keep all their properties', () => {
    for (const seed of SEEDS) {
      const { result, cutOff, liars } = run(relentless, members, byzantine, seed)
      expect(result.violations).toEqual([])
      expect(reached(result, 'peer-cut-off')).toBeGreaterThan(0)
      expect(cutOff.length).toBeGreaterThan(0)
      for (const peer of cutOff) expect(liars).toContain(peer)
    }
  })

  it('nobody is cut off where all are correct, crashes and a bad network included (control)', () => {
    for (const seed of SEEDS) {
      const { result, cutOff } = run(honest, members, byzantine, seed)
      expect(result.violations).toEqual([])
      expect(reached(result, 'peer-cut-off')).toBe(0)
      expect(cutOff).toEqual([])
    }
  })

  const of = extent(members === 4 ? 1 : 3, 1)
  const some = behavioursAgainst({}).filter((_, index) => index % of === 0)
  it.each(some.map((behaviour) => [behaviour.name, behaviour] as const))(
    'whatever %s does, no correct member is cut off',
    (_, behaviour) => {
      for (const seed of SEEDS) {
        const { result, cutOff, liars } = run(behaviour, members, byzantine, seed)
        expect(result.violations).toEqual([])
        for (const peer of cutOff) expect(liars).toContain(peer)
      }
    }
  )
})
