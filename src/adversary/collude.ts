/**
 * Collusion: all Byzantine members act as one. A sender among them tells up to three stories; the others tell each
 * correct member exactly what it wants to hear, at once and without waiting for a quorum: whatever one of them
 * hears a correct member vote for in such an instance, all of them vote for, towards it. In some instances they
 * support one side alone and are silent towards the others, and in instances of correct senders they sometimes vote
 * for what nobody proposed.
 *
 * Within resilience they may keep their own broadcasts from being delivered. With more than f of them, consistency
 * falls (each side gets its quorum) and totality (one side gets its quorum, the others nothing).
 */
import { assert } from '../core/assert.ts'
import { concatBytes } from '../core/bytes.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import type { Behaviour, BehaviourContext } from './behaviour.ts'
import { Conspiracy } from './conspiracy.ts'
import { Faces } from './faces.ts'
import { otherContent, voteAs } from './values.ts'
import { type Instance, isOfOne, textOf, type Utterance, type Wire } from './wire.ts'

const STORIES_MAX = 3
/** Heads what one of them passes on: who was heard, and the message. */
const OVERHEARD = 254
/** Votes that were cast already, and are remembered. */
const CAST_MAX = 8192

class Colluder extends Faces {
  readonly #conspiracy: Conspiracy
  /** What each kind of vote in each instance was for, towards each member: another one would only accuse. */
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
      if (isMember(env.group, voter) && !byzantine.includes(voter))
        this.#reflect(voter, from, message.subarray(2))
      return
    }
    if (!fellow && this.#reflect(from, env.self, message)) {
      const passedOn = concatBytes(Uint8Array.of(OVERHEARD, from), message)
      for (const other of byzantine) if (other !== env.self) carrier.send(other, passedOn)
    }
    super.deliver(from, message)
  }

  protected override speak(face: number, to: ProcessId, message: Uint8Array): void {
    const { env, carrier, byzantine } = this.context
    const utterance = this.#wire.read(message)
    const instance = utterance && this.#wire.instanceOf(utterance, env.self, to)
    if (utterance === undefined || instance === undefined) {
      if (face === 0) carrier.send(to, message)
    } else if (!isOfOne(instance, byzantine)) {
      if (face === 0) carrier.send(to, this.#perhapsBogus(utterance, instance, message))
    } else if (this.#sideOf(to, instance) === face) {
      if (!this.#supports(instance, to) || !this.#consistent(utterance, instance, to)) return
      if (face !== 0) this.context.report?.(`conflicting-${utterance.message.type}`)
      carrier.send(to, message)
    }
  }

  /**
   * Votes towards `voter` for what it has voted for, in a message to `heardBy`.
   *
   * @returns whether the message was a vote in an instance of one of them that others can cast too
   */
  #reflect(voter: ProcessId, heardBy: ProcessId, message: Uint8Array): boolean {
    const { env, carrier, byzantine, report } = this.context
    const wire = this.#wire
    const heard = wire.read(message)
    const instance = heard && wire.instanceOf(heard, voter, heardBy)
    const heardAs = heard && wire.formatOf(heard)
    if (heard === undefined || instance === undefined || heardAs?.role?.role !== 'vote') return false
    if (!isOfOne(instance, byzantine) || !this.#supports(instance, voter)) return false
    const votes = wire.formats
      .flatMap((format) => voteAs(format, heard, heardAs) ?? [])
      .filter((vote) => sameInstance(wire.instanceOf(vote, env.self, voter), instance))
    for (const vote of votes) {
      if (!this.#consistent(vote, instance, voter)) continue
      report?.(`reflected-${vote.message.type}`)
      carrier.send(voter, wire.write(vote))
    }
    return votes.length > 0
  }

  #sideOf(member: ProcessId, { name }: Instance): number {
    const stories = 2 + this.#conspiracy.draw('stories', name, STORIES_MAX - 1)
    return this.#conspiracy.sideOf(member, name, stories)
  }

  /** In some instances one side alone hears of it at all. */
  #supports(instance: Instance, member: ProcessId): boolean {
    const oneSideOnly = this.#conspiracy.draw('one side only', instance.name, 3) === 0
    return !oneSideOnly || this.#sideOf(member, instance) === 0
  }

  /** Whether the message is no vote, or agrees with what this member voted for before, towards the same member. */
  #consistent(utterance: Utterance, { name }: Instance, to: ProcessId): boolean {
    const { role, content } = this.#wire.roleOf(utterance) ?? {}
    if (role !== 'vote' || content === undefined) return true
    const key = `${utterance.port}/${utterance.message.type}/${name.join('/')}/${to}`
    const voted = textOf(utterance.message[content] ?? null)
    const before = this.#cast.get(key)
    if (before !== undefined) return before === voted
    for (const oldest of this.#cast.keys()) {
      if (this.#cast.size < CAST_MAX) break
      this.#cast.delete(oldest)
    }
    this.#cast.set(key, voted)
    return true
  }

  /** In some instances of correct proposers all of them vote for what nobody proposed. */
  #perhapsBogus(utterance: Utterance, { name }: Instance, message: Uint8Array): Uint8Array {
    const { env, report } = this.context
    const format = this.#wire.formatOf(utterance)
    if (format?.role?.role !== 'vote' || this.#conspiracy.draw('bogus', name, 4) !== 0) return message
    // Another content under the signature of this one would only accuse.
    if (format.fields.some(([, shape]) => shape.kind === 'bytes' && shape.means === 'signature'))
      return message
    report?.('bogus-vote')
    return this.#wire.write({ ...utterance, message: otherContent(utterance.message, format, env.crypto) })
  }
}

const sameInstance = (a: Instance | undefined, b: Instance): boolean =>
  a !== undefined && a.name.length === b.name.length && a.name.every((number, at) => number === b.name[at])

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
