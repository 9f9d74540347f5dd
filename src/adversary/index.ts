/** All behaviours, by name: what `--adversary` and `--behaviour` take. */
import { adaptiveOf } from './adaptive.ts'
import { amnesia } from './amnesia.ts'
import { answering } from './answers.ts'
import type { Behaviour } from './behaviour.ts'
import { censor } from './censor.ts'
import { collude } from './collude.ts'
import { crash } from './crash.ts'
import { delay } from './delay.ts'
import { drip } from './drip.ts'
import { equivocate } from './equivocate.ts'
import { fabricate } from './fabricate.ts'
import { flood } from './flood.ts'
import { forge } from './forge.ts'
import { garbage } from './garbage.ts'
import { together } from './gate.ts'
import { invent } from './invent.ts'
import { mutate } from './mutate.ts'
import { perjure } from './perjure.ts'
import { perjureViews } from './perjure-views.ts'
import { replay } from './replay.ts'
import { selective } from './selective.ts'
import { silent } from './silent.ts'
import { stale } from './stale.ts'
import { swarmOf } from './swarm.ts'
import { twins } from './twins.ts'
import { twoFaced } from './two-faced.ts'
import { withhold } from './withhold.ts'

const simple: readonly Behaviour[] = [
  silent,
  selective,
  equivocate,
  twins,
  withhold,
  mutate,
  fabricate,
  forge,
  garbage,
  replay,
  delay,
  flood,
  collude,
  crash,
  amnesia
]
/** They lie about what they keep, in answers to clients: where nobody asks for that, they are correct. */
const falseWitnesses: readonly Behaviour[] = [stale, invent, perjure, twoFaced]
/** They attack an order, and who proposes it: where nobody does, they are correct. */
const againstOrder: readonly Behaviour[] = [censor, drip, perjureViews]

const adaptive = adaptiveOf(simple)
const mixed: readonly Behaviour[] = [stale, invent, perjure]
const swarm = swarmOf({
  members: { mixed: [...simple, adaptive], alone: [], aloneOneIn: 1 },
  clients: { mixed: [...simple, ...mixed, ...mixed, adaptive], alone: [twoFaced], aloneOneIn: 6 },
  orders: { mixed: [...simple, adaptive], alone: againstOrder, aloneOneIn: 4 }
})

export const behaviours: readonly Behaviour[] = [
  ...simple,
  ...falseWitnesses,
  ...againstOrder,
  adaptive,
  swarm
]

/** Those that lie where members speak with each other alone; where clients ask them too, or they agree on an order. */
export const behavioursAgainst = ({
  clients,
  orders
}: {
  readonly clients?: true | undefined
  readonly orders?: true | undefined
}): readonly Behaviour[] =>
  behaviours
    .filter(
      // What is replied to a command is no value that is kept.
      (behaviour) => (clients === true && orders !== true) || !falseWitnesses.includes(behaviour)
    )
    .filter((behaviour) => orders === true || !againstOrder.includes(behaviour))

/** @param name - of one, or of several joined by a plus: `equivocate+delay` does both at once */
export function findBehaviour(name: string): Behaviour | undefined {
  const parts = name.split('+').map((part) => behaviours.find((behaviour) => behaviour.name === part))
  const known = parts.filter((part) => part !== undefined)
  const [only] = known
  if (only === undefined || known.length < parts.length) return undefined
  return known.length === 1 ? only : composed(name, known)
}

/**
 * Each hears everything, and each speaks: the powers of all of them. Reads are answered by the false witnesses alone,
 * if there are any: the first answer counts, and the others would tell the truth.
 */
function composed(name: string, parts: readonly Behaviour[]): Behaviour {
  return {
    name,
    powers: parts.map(({ powers }) => powers).join('; and '),
    live: parts.every(({ live }) => live),
    effect: {
      landmarks: parts.flatMap(({ effect }) => effect.landmarks ?? []),
      faults: parts.flatMap(({ effect }) => effect.faults ?? [])
    },
    create(context) {
      const hasWitness = parts.some((part) => falseWitnesses.includes(part))
      const speakers = parts.map((part) =>
        part.create(hasWitness ? answering(context, falseWitnesses.includes(part)) : context)
      )
      return together(speakers)
    }
  }
}
