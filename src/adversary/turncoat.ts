/**
 * A member that follows the protocol until it falls, and attacks from then on. It may use what it was trusted with
 * until then: open instances, votes cast, a place in everybody's quorums; and, where members follow one, the lead.
 */
import type { Behaviour, BehaviourContext, ByzantineMember } from './behaviour.ts'
import { gated, together } from './gate.ts'
import { Puppeteer } from './puppeteer.ts'

export const loyalUntil = (
  context: BehaviourContext,
  attack: Behaviour,
  hasFallen: () => boolean
): ByzantineMember =>
  together([new Puppeteer(gated(context, () => !hasFallen())), attack.create(gated(context, hasFallen))])
