/**
 * Forges: it claims to speak for others. Beside following the protocol it presents certificates of a full quorum
 * (its own signature, signatures of others from other places, made-up ones), votes for what others are said to have
 * broadcast, hands over payloads in their name; and, where it can speak below the links, sends frames that claim
 * another's rank, in the right form, under the keys that it has. Its victory would be to be believed once.
 */
import { concatBytes } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { Message, Messages } from '../core/messages.ts'
import { encodeHandshakeContext } from '../links/contexts.ts'
import { frames } from '../links/frames.ts'
import { fingerprint, portPaths, terms } from '../stacks/paths.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { oneIn, pick } from './draw.ts'
import { Memory } from './memory.ts'
import { Troublemaker } from './troublemaker.ts'
import { fabricateMessage, type Source } from './values.ts'
import { type Format, Wire } from './wire.ts'

/** Where both hosts put the links. */
const LINKS_PATH = 'links'
const linkFrames: Messages<Message> = frames
const frameFormats = new Wire([{ path: LINKS_PATH, messages: linkFrames }]).formats

class Forger extends Troublemaker {
  readonly #memory = new Memory()
  readonly #source: Source
  readonly #formats: readonly Format[]
  /** What the others are said to have broadcast. */
  readonly #payload: Uint8Array
  /** What it must say of its stack to be listened to by members. */
  readonly #fingerprint: Uint8Array

  constructor(context: BehaviourContext) {
    super(context)
    const { env, stack, options } = context
    const { random, crypto } = env
    this.#fingerprint = fingerprint(env, terms(portPaths(env, stack, options), options), env.self)
    this.#payload = random.bytes(1 + random.below(16))
    this.#source = this.#forgedSource(crypto.hash(this.#payload))
    const { formats } = this.puppet.wire
    const forOthers = formats.filter(({ fields }) => fields.some(speaksForOthers))
    this.#formats = forOthers.length > 0 ? forOthers : formats
  }

  protected override heard(_from: ProcessId, message: Uint8Array): void {
    const spoken = this.puppet.wire.read(message)
    if (spoken !== undefined) this.#memory.learn(spoken.message)
  }

  protected override act(): void {
    const to = this.victim()
    const { injectFrame } = this.context
    if (injectFrame !== undefined && oneIn(2, this.env.random)) {
      this.report('forged-frame')
      injectFrame(to, this.#forgedFrame(to))
      return
    }
    this.tell(to, this.#forgedMessage())
  }

  #forgedMessage(): Uint8Array {
    const forged = fabricateMessage(pick(this.#formats, this.env.random), this.#source)
    this.report(`forged-${forged.message.type}`)
    return this.puppet.wire.write(forged)
  }

  #forgedSource(forgedDigest: Uint8Array): Source {
    const { random, group, crypto, self } = this.env
    let signer = 0
    return {
      random,
      uint: (field, max) => {
        // Signers of a certificate: distinct and ascending, as they must be.
        if (field === 'signer') return signer++ % group.n
        if (field === 'sender') return pick([...this.correct, self], random)
        // In an instance that is under way, or in the next one, before its owner comes to it.
        const seen = this.#memory.number(field, max, random) ?? 0
        return Math.min(max, seen + random.below(2))
      },
      bytes: (field, min, max) => {
        if (field === 'digest') return forgedDigest
        if (field === 'payload' && this.#payload.length <= max) return this.#payload
        if (field === 'signature' && oneIn(4, random)) return crypto.sign(forgedDigest)
        return this.#memory.bytes(field, min, max, random) ?? random.bytes(Math.min(max, Math.max(min, 32)))
      },
      length: (_field, max) => {
        signer = random.below(group.n - group.quorum.byzantine + 1)
        return Math.min(max, group.quorum.byzantine)
      }
    }
  }

  /** A frame for `to` that says it is from another: under the key of this very pair, or a made-up tag. */
  #forgedFrame(to: ProcessId): Uint8Array {
    const { random, crypto, group } = this.env
    const { message } = fabricateMessage(pick(frameFormats, random), this.#frameSource())
    const body = linkFrames.encode(message)
    const claimed = pick(group.ranks, random)
    const key = crypto.macKey(to, encodeHandshakeContext(LINKS_PATH, claimed, to))
    return concatBytes(body, oneIn(2, random) ? random.bytes(32) : key.tag(body))
  }

  /** Frames that say the right group and stack, mostly, and carry forged messages. */
  #frameSource(): Source {
    const { env } = this
    const { random, group } = env
    const known: { readonly [field: string]: Uint8Array } = {
      group: group.id,
      fingerprint: this.#fingerprint
    }
    return {
      random,
      uint: (field, max) => (field === 'epoch' ? group.epoch : random.below(Math.min(max, 1000) + 1)),
      bytes: (field, min, max) => {
        if (field === 'messages') return this.#forgedMessage()
        const right = oneIn(4, random) ? undefined : known[field]
        return right ?? random.bytes(Math.min(max, Math.max(min, 32)))
      },
      length: () => 1
    }
  }
}

/** It names a sender, or carries signatures, however deep. */
function speaksForOthers([name, shape]: Format['fields'][number]): boolean {
  if (name === 'sender' || name === 'signature') return true
  if (shape.kind === 'record') return shape.fields.some(speaksForOthers)
  return (shape.kind === 'list' || shape.kind === 'optional') && speaksForOthers([name, shape.of])
}

export const forge: Behaviour = {
  name: 'forge',
  powers: 'claims to speak for others, with certificates, votes, payloads and frames that are not theirs',
  live: true,
  effect: {
    landmarks: ['conflicting-echo', 'contradicting-vote', 'invalid-certificate'],
    faults: ['invalid-signature', 'invalid-mac', 'contradicting-vote', 'protocol-violation']
  },
  create: (context) => new Forger(context)
}
