/** What the liars among those who keep registers have in common: they tell the truth, but for their answers to reads. */
import type { ProcessId } from '../core/group.ts'
import type { Message } from '../core/messages.ts'
import { spokenPorts } from '../stacks/paths.ts'
import type { BehaviourContext } from './behaviour.ts'
import { Puppeteer } from './puppeteer.ts'
import { Wire } from './wire.ts'

/** An answer to a read says which call it answers, and what it found there. */
const isAnswer = ({ call, type }: Message) => call !== undefined && type === 'VALUE'

/** A context in which the behaviour only answers reads, or answers none. */
export function answering(context: BehaviourContext, answers: boolean): BehaviourContext {
  const wire = new Wire(spokenPorts(context.env, context.stack, context.options))
  const { carrier } = context
  return {
    ...context,
    carrier: {
      send: (to, bytes) => {
        const spoken = wire.read(bytes)
        if ((spoken !== undefined && isAnswer(spoken.message)) === answers) carrier.send(to, bytes)
      }
    }
  }
}

export abstract class FalseWitness extends Puppeteer {
  /** What it says instead. */
  protected abstract falsify(answer: Message): Message

  protected override say(to: ProcessId, message: Uint8Array): void {
    const { wire } = this.puppet
    const spoken = wire.read(message)
    if (spoken === undefined || !isAnswer(spoken.message)) this.tell(to, message)
    else this.tell(to, wire.write({ port: spoken.port, message: this.falsify(spoken.message) }))
  }
}
