/**
 * Adaptive corruption, as seen from outside: a member follows the protocol until a moment drawn from the seed, and
 * one of the other behaviours from then on. Who falls is fixed before the run; when, and to what, is not.
 */
import { anyEffect } from './any-effect.ts'
import type { Behaviour } from './behaviour.ts'
import { pick } from './draw.ts'
import { loyalUntil } from './turncoat.ts'

/** The moment comes within this long; milliseconds. */
const FALLS_WITHIN_MS = 600

export function adaptiveOf(attacks: readonly Behaviour[]): Behaviour {
  return {
    name: 'adaptive',
    powers: 'follows the protocol until a moment of its choice, then attacks',
    live: false,
    effect: anyEffect,
    create(context) {
      const { clock, random } = context.env
      let fallen = false
      const attack = pick(attacks, random)
      clock.setTimer(random.below(FALLS_WITHIN_MS), () => {
        fallen = true
        context.report?.(`fell-to-${attack.name}`)
      })
      return loyalUntil(context, attack, () => fallen)
    }
  }
}
