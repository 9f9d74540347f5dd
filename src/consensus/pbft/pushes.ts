/**
 * Bodies that the primary sends with its proposals, unasked. A session ends when too much of it waits for the other
 * (LINK_UNACKED_BYTES_MAX), and nothing of it would come again but in the same way: so a member is sent pushBytesMax
 * of what it has not voted for, and then proposals without their bodies, for which it asks when it comes to them.
 *
 * Messages of a session come in their order: who votes for a proposal has got all that was sent to it before.
 *
 * Space: two numbers for each member.
 */
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { Port } from '../../links/ports.ts'
import type { PbftMessage, PbftMessageOf } from './messages.ts'

/** Up to where each member has got all that was pushed to it, if it has got this proposal. */
export type PushedBefore = readonly number[]

export class Pushes {
  readonly #env: Environment
  readonly #port: Pick<Port<PbftMessage>, 'send' | 'sendAll'>
  readonly #bytesMax: number
  /** To each member, in this life, bytes. */
  readonly #pushed: number[]
  /** Up to where it has got them, or they were lost with its session. */
  readonly #settled: number[]

  /** @param bytesMax - to a member that has not voted for them */
  constructor(env: Environment, port: Pick<Port<PbftMessage>, 'send' | 'sendAll'>, bytesMax: number) {
    this.#env = env
    this.#port = port
    this.#bytesMax = bytesMax
    this.#pushed = env.group.ranks.map(() => 0)
    this.#settled = env.group.ranks.map(() => 0)
  }

  /** Sends a proposal to all, and its body to those who have room for it. */
  propose(proposal: PbftMessageOf<'PRE-PREPARE'>): PushedBefore {
    const { self, group } = this.#env
    const bytes = proposal.batch?.length ?? 0
    const hasRoom = (member: ProcessId) => this.#unsettled(member) + bytes <= this.#bytesMax
    const others = group.ranks.filter((member) => member !== self)
    const pushedTo = others.filter(hasRoom)
    for (const member of pushedTo) this.#pushed[member] = this.#of(this.#pushed, member) + bytes
    if (pushedTo.length === others.length) this.#port.sendAll(proposal)
    else {
      for (const member of [self, ...pushedTo]) this.#port.send(member, proposal)
      const bare = { ...proposal, batch: null }
      for (const member of others) if (!pushedTo.includes(member)) this.#port.send(member, bare)
    }
    return [...this.#pushed]
  }

  /** `member` has got a proposal, and so what was pushed to it before. */
  got(member: ProcessId, pushed: PushedBefore): void {
    this.#settled[member] = Math.max(this.#of(this.#settled, member), this.#of(pushed, member))
  }

  /** A new session: what is on its way in the old one does not come. */
  sessionWith(member: ProcessId): void {
    this.#settled[member] = this.#of(this.#pushed, member)
  }

  /** What each member has not voted for, bytes. */
  state(): PlainValue {
    return this.#env.group.ranks.map((member) => this.#unsettled(member))
  }

  #unsettled(member: ProcessId): number {
    return this.#of(this.#pushed, member) - this.#of(this.#settled, member)
  }

  #of(numbers: readonly number[], member: ProcessId): number {
    return numbers[member] ?? 0
  }
}
