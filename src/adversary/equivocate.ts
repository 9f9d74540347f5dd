/**
 * Equivocates: in every instance of its own it tells two stories, one to each side of a split of the correct members
 * that changes from instance to instance, and votes for each story on its side, in its own instances and in those
 * of its fellows. In half of the instances each side later hears the other story too.
 *
 * Within resilience it may keep its own broadcasts from being delivered, never make two correct members deliver
 * different payloads; with more than f of its kind it may.
 */
import type { ProcessId } from '../core/group.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { Conspiracy } from './conspiracy.ts'
import { Faces } from './faces.ts'
import { isOfOne } from './wire.ts'

/** When a side hears the other side's story, milliseconds after its own. */
const OTHER_STORY_MS_MAX = 300

class Equivocator extends Faces {
  readonly #conspiracy: Conspiracy

  constructor(context: BehaviourContext) {
    super(context, 2)
    this.#conspiracy = new Conspiracy(context)
  }

  protected override speak(face: number, to: ProcessId, message: Uint8Array): void {
    const { env, carrier, byzantine, report } = this.context
    const wire = this.faces[face]?.wire
    const utterance = wire?.read(message)
    const instance = utterance && wire?.instanceOf(utterance, env.self, to)
    if (utterance === undefined || instance === undefined || !isOfOne(instance, byzantine)) {
      // Where there is nothing to lie about the faces would say the same.
      if (face === 0) carrier.send(to, message)
      return
    }
    if (face !== 0) report?.(`conflicting-${utterance.message.type}`)
    if (this.#conspiracy.sideOf(to, instance.name, 2) === face) carrier.send(to, message)
    else if (this.#conspiracy.draw('tells both stories', instance.name, 2) === 0) {
      env.clock.setTimer(env.random.below(OTHER_STORY_MS_MAX), () => carrier.send(to, message))
    }
  }
}

export const equivocate: Behaviour = {
  name: 'equivocate',
  powers: 'broadcasts one payload to one side of the group and another to the other, and votes for both',
  live: true,
  effect: { landmarks: ['equivocation-seen', 'conflicting-echo'], faults: ['equivocation'] },
  create: (context) => new Equivocator(context)
}
