/**
 * Swarm testing (Groce et al. 2012): each run draws its own adversary. In half of the runs all Byzantine members
 * draw alike and conspire; in the others each draws for itself. What is drawn is one behaviour, or two to three that
 * take turns, or speak all at once. It has the powers of all behaviours, and of their mixtures.
 */
import type { Stack } from '../stacks/stack.ts'
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

/** @param kinds - the behaviours to draw from, against each kind of stack */
export function swarmOf(kinds: { readonly [K in Stack['abstraction']]: readonly Behaviour[] }): Behaviour {
  return {
    name: 'swarm',
    powers: 'draws one of the other behaviours, or a mixture that changes over time',
    live: false,
    effect: anyEffect,
    create(context) {
      const behaviours = kinds[context.stack.abstraction]
      const draw = drawTogetherOrAlone(context)
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

/** A hash that all Byzantine members share decides whether they draw from it, or each from its own randomness. */
function drawTogetherOrAlone(context: BehaviourContext): Draw {
  const conspiracy = new Conspiracy(context)
  const shared: Draw = (topic, bound) => conspiracy.draw(`swarm/${topic}`, { sender: 0, sequence: 0 }, bound)
  return shared('conspire', 2) === 0 ? shared : (_topic, bound) => context.env.random.below(bound)
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
