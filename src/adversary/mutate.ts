/**
 * Small-scope mutation (after ByzzFuzz, Winter et al. 2023): it follows the protocol, but every other message leaves
 * with one small change: a number one off, another digest, an optional field left out or added, one element less
 * or one twice, one bit flipped. Sometimes the unchanged message follows. It lies near the truth, where checks are
 * forgotten.
 */
import type { ProcessId } from '../core/group.ts'
import type { Message } from '../core/messages.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { flipBit, oneIn } from './draw.ts'
import { likelySource } from './fabricate.ts'
import { Memory } from './memory.ts'
import { Puppeteer } from './puppeteer.ts'
import { mutateMessage, type Source } from './values.ts'
import type { Format } from './wire.ts'

class Mutator extends Puppeteer {
  readonly #memory = new Memory()
  readonly #source: Source

  constructor(context: BehaviourContext) {
    super(context)
    this.#source = likelySource(context, this.#memory)
  }

  override deliver(from: ProcessId, message: Uint8Array): void {
    const utterance = this.puppet.wire.read(message)
    if (utterance !== undefined) this.#memory.learn(utterance.message)
    super.deliver(from, message)
  }

  protected override say(to: ProcessId, message: Uint8Array): void {
    const { random } = this.env
    if (oneIn(2, random)) {
      this.tell(to, message)
      return
    }
    this.tell(to, this.#mutated(message))
    if (oneIn(2, random)) this.tell(to, message)
  }

  #mutated(message: Uint8Array): Uint8Array {
    const { wire } = this.puppet
    const utterance = wire.read(message)
    const format = utterance && wire.formatOf(utterance)
    if (utterance === undefined || format === undefined || oneIn(8, this.env.random)) {
      this.report('bit-flipped')
      return flipBit(message, this.env.random)
    }
    this.report(`mutated-${utterance.message.type}`)
    const { port, message: said } = utterance
    const lie = {
      port,
      message: this.#withOtherBody(said, format) ?? mutateMessage(said, format, this.#source)
    }
    // What is signed is mostly signed again: else nobody would look at what it says.
    const isResigned = format.role?.signed !== undefined && !oneIn(4, this.env.random)
    return wire.write(isResigned ? wire.resigned(this.env, lie) : lie)
  }

  /** Now and then a bit of the body, where there is one, with the digest that it then has: for somebody to look at. */
  #withOtherBody(message: Message, { role }: Format): Message | undefined {
    const { random, crypto } = this.env
    const { body, content } = role ?? {}
    if (body === undefined || content === undefined || !oneIn(4, random)) return undefined
    const bytes = message[body]
    if (!(bytes instanceof Uint8Array) || bytes.length === 0) return undefined
    const other = flipBit(bytes, random)
    return { ...message, [body]: other, [content]: crypto.hash(other) }
  }
}

export const mutate: Behaviour = {
  name: 'mutate',
  powers: 'follows the protocol, but changes one small thing in every other message',
  live: false,
  effect: {
    landmarks: ['conflicting-echo', 'invalid-certificate'],
    faults: ['malformed', 'contradicting-vote', 'equivocation', 'protocol-violation', 'invalid-signature']
  },
  create: (context) => new Mutator(context)
}
