/** All behaviours, by name: what `--adversary` and `--behaviour` take. */
import { adaptiveOf } from './adaptive.ts'
import { amnesia } from './amnesia.ts'
import type { Behaviour } from './behaviour.ts'
import { collude } from './collude.ts'
import { crash } from './crash.ts'
import { delay } from './delay.ts'
import { equivocate } from './equivocate.ts'
import { fabricate } from './fabricate.ts'
import { flood } from './flood.ts'
import { forge } from './forge.ts'
import { garbage } from './garbage.ts'
import { mutate } from './mutate.ts'
import { replay } from './replay.ts'
import { selective } from './selective.ts'
import { silent } from './silent.ts'
import { swarmOf } from './swarm.ts'
import { twins } from './twins.ts'
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
const adaptive = adaptiveOf(simple)
const swarm = swarmOf([...simple, adaptive])

export const behaviours: readonly Behaviour[] = [...simple, adaptive, swarm]

export function findBehaviour(name: string): Behaviour | undefined {
  return behaviours.find((behaviour) => behaviour.name === name)
}
