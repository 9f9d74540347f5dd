/**
 * Swarm testing (Groce et al. 2012): each run draws its own adversary. In half of the runs all Byzantine members
 * draw alike and conspire; in the others each draws for itself. What is drawn is one behaviour, or two to three that
 * take turns, or speak all at once. It has the powers of all behaviours, and of their mixtures. Now and then all of
 * them are of one kind that has to go on for a whole run, and would be seen through in a mixture.
 */
import { anyEffect } from './any-effect.ts'
import type { Behaviour, BehaviourContext, ByzantineMember } from './behaviour.ts'
import { Conspiracy } from './conspiracy.ts'
import { pick } from './draw.ts'
import { gated, together } from './gate.ts'

/** How long a behaviour's turn lasts at most, milliseconds ... */
const TURN_MS_MAX = 400
/** ... and how many turns there are before the last one stays. */
const TURNS_MAX = 8
const MIXED_MAX = 3

type Draw = (topic: string, bound: number) => number

/** The behaviours to draw from. */
export interface Kinds {
  readonly mixed: readonly Behaviour[]
  /** Never mixed with others. */
  readonly alone: readonly Behaviour[]
  /** Where there are some, one in so many runs is theirs. */
  readonly aloneOneIn: number
}

/** @param kinds - where members speak with each other alone; where clients ask them; where they agree on an order */
export function swarmOf(kinds: { readonly [K in 'members' | 'clients' | 'orders']: Kinds }): Behaviour {
  return {
    name: 'swarm',
    powers: 'draws one of the other behaviours, or a mixture that changes over time',
    live: false,
    effect: anyEffect,
    create(context) {
      const { clients, orders } = context.stack
      const kind = orders === true ? 'orders' : clients === true ? 'clients' : 'members'
      const { mixed: behaviours, alone, aloneOneIn } = kinds[kind]
      const shared = drawTogether(context)
      // From the hash alone, so that what is mixed is drawn as it is where nothing is drawn alone.
      const isAlone = alone.length > 0 && shared('alone', aloneOneIn) === 0
      const only = isAlone ? alone[shared('which alone', alone.length)] : undefined
      if (only !== undefined) {
        context.report?.(`drew-${only.name}`)
        return only.create(context)
      }
      // All of them draw alike, or each from its own randomness.
      const draw: Draw =
        shared('conspire', 2) === 0 ? shared : (_topic, bound) => context.env.random.below(bound)
      const count = draw('single', 2) === 0 ? 1 : 2 + draw('count', MIXED_MAX - 1)
      const drawn = Array.from({ length: count }, (_, index) => {
        const behaviour = behaviours[draw(`behaviour ${index}`, behaviours.length)]
        return behaviour ?? pick(behaviours, context.env.random)
      })
      for (const { name } of drawn) context.report?.(`drew-${name}`)
      return draw('all at once', 3) === 0
        ? together(drawn.map((behaviour) => behaviour.create(context)))
        : takingTurns(drawn, context)
    }
  }
}

/** From a hash that all Byzantine members share. */
function drawTogether(context: BehaviourContext): Draw {
  const conspiracy = new Conspiracy(context)
  return (topic, bound) => conspiracy.draw(`swarm/${topic}`, [0, 0], bound)
}

function takingTurns(behaviours: readonly Behaviour[], context: BehaviourContext): ByzantineMember {
  const { clock, random } = context.env
  let current = 0
  if (behaviours.length > 1) {
    for (let turn = 1; turn <= TURNS_MAX; turn++) {
      clock.setTimer(turn * (1 + random.below(TURN_MS_MAX)), () => {
        current = random.below(behaviours.length)
      })
    }
  }
  return together(
    behaviours.map((behaviour, index) => behaviour.create(gated(context, () => current === index)))
  )
}
