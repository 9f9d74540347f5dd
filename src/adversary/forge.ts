/**
 * Forges: it claims to speak for others. Beside following the protocol it presents certificates of a full quorum
 * (its own signature, signatures of others from other places, made-up ones, one of them twice), votes for what others
 * are said to have proposed, hands over payloads in their name; and, where it can speak below the links, sends frames
 * that claim another's rank, in the right form, under the keys that it has. Its victory would be to be believed once.
 */
import { concatBytes } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { Message, Messages } from '../core/messages.ts'
import type { Role } from '../core/role.ts'
import type { ShapeDescription } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { encodeHandshakeContext } from '../links/contexts.ts'
import { frames } from '../links/frames.ts'
import { fingerprint, openPorts, terms } from '../stacks/paths.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { oneIn, pick } from './draw.ts'
import { Memory } from './memory.ts'
import { Troublemaker } from './troublemaker.ts'
import { fabricateMessage, type Source } from './values.ts'
import { type Format, formatsOf } from './wire.ts'

/** Where both hosts put the links. */
const LINKS_PATH = 'links'
const linkFrames: Messages<Message> = frames
const frameFormats = formatsOf([{ path: LINKS_PATH, messages: linkFrames }])

class Forger extends Troublemaker {
  readonly #memory = new Memory()
  readonly #source: Source
  readonly #formats: readonly Format[]
  /** What the others are said to have proposed. */
  readonly #payload: Uint8Array
  /** What it must say of its stack to be listened to by members. */
  readonly #fingerprint: Uint8Array

  constructor(context: BehaviourContext) {
    super(context)
    const { env, stack, options } = context
    const { random, crypto } = env
    this.#fingerprint = fingerprint(env, terms(openPorts(env, stack, options)), env.self)
    this.#payload = random.bytes(1 + random.below(16))
    this.#source = this.#forgedSource(crypto.hash(this.#payload))
    const { formats } = this.puppet.wire
    const forOthers = formats.filter(speaksForOthers)
    this.#formats = forOthers.length > 0 ? forOthers : formats
  }

  protected override say(to: ProcessId, message: Uint8Array): void {
    super.say(to, oneIn(2, this.env.random) ? this.#padded(message) : message)
  }

  protected override heard(_from: ProcessId, message: Uint8Array): void {
    const utterance = this.puppet.wire.read(message)
    if (utterance !== undefined) this.#memory.learn(utterance.message)
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

  /** A certificate with one signature less, and another one twice; what is none stays as it is. */
  #padded(message: Uint8Array): Uint8Array {
    const { wire } = this.puppet
    const utterance = wire.read(message)
    const [name = ''] = (utterance && wire.formatOf(utterance))?.fields.find(isCertificate) ?? []
    const certificate = utterance?.message[name]
    if (utterance === undefined || !isList(certificate) || certificate.length < 2) return message
    this.report('padded-certificate')
    const padded = [certificate[0] ?? null, ...certificate.slice(0, -1)]
    return wire.write({ ...utterance, message: { ...utterance.message, [name]: padded } })
  }

  #forgedMessage(): Uint8Array {
    const forged = fabricateMessage(pick(this.#formats, this.env.random), this.#source)
    this.report(`forged-${forged.message.type}`)
    return this.puppet.wire.write(forged)
  }

  #forgedSource(forgedDigest: Uint8Array): Source {
    const { random, group, crypto, self } = this.env
    let nextSigner = 0
    return {
      random,
      uint: ({ field, means, listed }, max) => {
        // Signers of a certificate: distinct and ascending, as they must be.
        if (means === 'rank') return listed ? nextSigner++ % group.n : pick([...this.correct, self], random)
        // In an instance that is under way, or in the next one, before its owner comes to it.
        const seen = this.#memory.number(field, max, random) ?? 0
        return Math.min(max, seen + random.below(2))
      },
      bytes: ({ field, means, content }, min, max) => {
        if (content && means === 'digest') return forgedDigest
        if (content && this.#payload.length >= min && this.#payload.length <= max) return this.#payload
        if (means === 'signature' && oneIn(4, random)) return crypto.sign(forgedDigest)
        return this.#memory.bytes(field, min, max, random) ?? random.bytes(Math.min(max, Math.max(min, 32)))
      },
      length: (_field, max) => {
        nextSigner = random.below(group.n - group.quorum.byzantine + 1)
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
      uint: ({ field }, max) => (field === 'epoch' ? group.epoch : random.below(Math.min(max, 1000) + 1)),
      bytes: ({ field }, min, max) => {
        if (field === 'messages') return this.#forgedMessage()
        const right = oneIn(4, random) ? undefined : known[field]
        return right ?? random.bytes(Math.min(max, Math.max(min, 32)))
      },
      length: () => 1
    }
  }
}

type Field = Format['fields'][number]

/** Signatures of several, each with its signer. */
function isCertificate([, shape]: Field): boolean {
  if (shape.kind !== 'list' || shape.of.kind !== 'record') return false
  const means = shape.of.fields.map(([, field]) => meantBy(field))
  return means.includes('rank') && means.includes('signature')
}

const isList = (value: PlainValue | undefined): value is readonly PlainValue[] => Array.isArray(value)

/** It may be of an instance in which another proposes, names a member, or carries signatures, however deep. */
const speaksForOthers = ({ fields, role }: Format): boolean =>
  isOfOthers(role) || fields.some(([, shape]) => namesOrSigns(shape))

const isOfOthers = (role: Role | undefined): boolean =>
  role?.instance?.of !== undefined && role.instance.of !== 'speaker'

function namesOrSigns(shape: ShapeDescription): boolean {
  const means = meantBy(shape)
  if (means === 'rank' || means === 'signature') return true
  if (shape.kind === 'record') return shape.fields.some(([, field]) => namesOrSigns(field))
  return (shape.kind === 'list' || shape.kind === 'optional') && namesOrSigns(shape.of)
}

const meantBy = (shape: ShapeDescription) => ('means' in shape ? shape.means : undefined)

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
