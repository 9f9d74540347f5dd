/**
 * Collusion: all Byzantine members act as one. A sender among them tells up to three stories; the others tell each
 * correct member exactly what it wants to hear, at once and without waiting for a quorum: whatever one of them
 * hears a correct member vote for in such an instance, all of them vote for, towards it. In some instances they
 * support one side alone and are silent towards the others, and in instances of correct senders they sometimes vote
 * for what nobody broadcast.
 *
 * Within resilience they may keep their own broadcasts from being delivered. With more than f of them, consistency
 * falls (each side gets its quorum) and totality (one side gets its quorum, the others nothing).
 */
import { assert } from '../core/assert.ts'
import { concatBytes, toHex } from '../core/bytes.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { Conspiracy } from './conspiracy.ts'
import { Faces } from './faces.ts'
import { type InstanceName, instanceOf, isVote, type Utterance, type Wire } from './wire.ts'

const STORIES_MAX = 3
/** Heads what one of them passes on: who was heard, and the message. */
const OVERHEARD = 254
/** Votes that were cast already, and are remembered. */
const CAST_MAX = 8192

class Colluder extends Faces {
  readonly #conspiracy: Conspiracy
  /** The digest of each kind of vote in each instance, towards each member: another one would only accuse. */
  readonly #cast = new Map<string, string>()

  constructor(context: BehaviourContext) {
    super(context, STORIES_MAX)
    this.#conspiracy = new Conspiracy(context)
  }

  /** All faces speak the same language. */
  get #wire(): Wire {
    const [face] = this.faces
    assert(face !== undefined, 'a colluder has faces')
    return face.wire
  }

  override deliver(from: ProcessId, message: Uint8Array): void {
    const { byzantine, carrier, env } = this.context
    const fellow = byzantine.includes(from)
    if (fellow && message[0] === OVERHEARD) {
      const voter = message[1] ?? env.self
      if (isMember(env.group, voter) && !byzantine.includes(voter)) this.#reflect(voter, message.subarray(2))
      return
    }
    if (!fellow && this.#reflect(from, message)) {
      const passedOn = concatBytes(Uint8Array.of(OVERHEARD, from), message)
      for (const other of byzantine) if (other !== env.self) carrier.send(other, passedOn)
    }
    super.deliver(from, message)
  }

  protected override speak(face: number, to: ProcessId, message: Uint8Array): void {
    const { env, carrier, byzantine } = this.context
    const spoken = this.#wire.read(message)
    const instance = spoken && instanceOf(spoken, env.self)
    if (spoken === undefined || instance === undefined) {
      if (face === 0) carrier.send(to, message)
    } else if (!byzantine.includes(instance.sender)) {
      if (face === 0 && this.#consistent(spoken, instance, to))
        carrier.send(to, this.#perhapsBogus(spoken, message))
    } else if (this.#sideOf(to, instance) === face) {
      if (!this.#supports(instance, to) || !this.#consistent(spoken, instance, to)) return
      if (face !== 0) this.context.report?.(`conflicting-${spoken.message.type}`)
      carrier.send(to, message)
    }
  }

  /** @returns whether the message was a vote in an instance of one of them */
  #reflect(voter: ProcessId, message: Uint8Array): boolean {
    const { carrier, byzantine, report } = this.context
    const wire = this.#wire
    const heard = wire.read(message)
    const format = heard && wire.formatOf(heard)
    const instance = heard && instanceOf(heard, voter)
    if (heard === undefined || format === undefined || instance === undefined || !isVote(format)) return false
    if (!byzantine.includes(instance.sender) || !this.#supports(instance, voter)) return false
    // The same digest in every kind of vote that the port knows.
    for (const { port, type, fields } of wire.formats.filter(isVote)) {
      if (
        port !== heard.port ||
        !fields.every(([name, { kind }]) => name in heard.message || kind === 'optional')
      )
        continue
      const named = fields.map(([name]) => [name, heard.message[name] ?? null] as const)
      const vote = { port, message: { ...Object.fromEntries(named), type } }
      if (!this.#consistent(vote, instance, voter)) continue
      report?.(`reflected-${type}`)
      carrier.send(voter, wire.write(vote))
    }
    return true
  }

  #sideOf(member: ProcessId, instance: InstanceName): number {
    const stories = 2 + this.#conspiracy.draw('stories', instance, STORIES_MAX - 1)
    return this.#conspiracy.sideOf(member, instance, stories)
  }

  /** In some instances one side alone hears of it at all. */
  #supports(instance: InstanceName, member: ProcessId): boolean {
    return this.#conspiracy.draw('one side only', instance, 3) !== 0 || this.#sideOf(member, instance) === 0
  }

  /** Whether the message is no vote, or agrees with what this member voted for before, towards the same member. */
  #consistent({ port, message }: Utterance, { sender, sequence }: InstanceName, to: ProcessId): boolean {
    const format = this.#wire.formatOf({ port, message })
    if (format === undefined || !isVote(format) || !(message.digest instanceof Uint8Array)) return true
    const key = `${port}/${message.type}/${sender}/${sequence}/${to}`
    const digest = toHex(message.digest)
    const before = this.#cast.get(key)
    if (before !== undefined) return before === digest
    for (const oldest of this.#cast.keys()) {
      if (this.#cast.size < CAST_MAX) break
      this.#cast.delete(oldest)
    }
    this.#cast.set(key, digest)
    return true
  }

  /** In some instances of correct senders all of them vote for what nobody broadcast. */
  #perhapsBogus(spoken: Utterance, message: Uint8Array): Uint8Array {
    const { env, report } = this.context
    const { digest } = spoken.message
    const instance = instanceOf(spoken, env.self)
    const format = this.#wire.formatOf(spoken)
    if (instance === undefined || format === undefined || !isVote(format)) return message
    if (!(digest instanceof Uint8Array)) return message
    if (this.#conspiracy.draw('bogus', instance, 4) !== 0) return message
    report?.('bogus-vote')
    return this.#wire.write({ ...spoken, message: { ...spoken.message, digest: env.crypto.hash(digest) } })
  }
}

export const collude: Behaviour = {
  name: 'collude',
  powers: 'all Byzantine members share what they know: one equivocates, the others confirm each its story',
  live: false,
  effect: {
    landmarks: ['equivocation-seen', 'conflicting-echo'],
    faults: ['equivocation'],
    broadcasts: 'missing'
  },
  create: (context) => new Colluder(context)
}
