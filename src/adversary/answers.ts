/** What the liars among those who keep registers have in common: they tell the truth, but for their answers to reads. */
import type { ProcessId } from '../core/group.ts'
import type { Message } from '../core/messages.ts'
import { Puppeteer } from './puppeteer.ts'

/** An answer to a read says which call it answers, and what it found there. */
const isAnswer = ({ call, type }: Message) => typeof call === 'number' && type === 'VALUE'

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
