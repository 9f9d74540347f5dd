/** One life of a member: its stack, or a behaviour in its place, in a {@link Host}. */
import type { Behaviour } from '../adversary/behaviour.ts'
import type { ProcessId } from '../core/group.ts'
import type { LineSink } from '../stacks/recording-format.ts'
import type { ApplicationIndications, BroadcastStack, ServedRegisters } from '../stacks/stack.ts'
import { Host, type HostCounts, type HostIndications, type HostInit } from './host.ts'
import { correctMember, liar, type Member } from './member.ts'

export interface MemberHostInit extends HostInit {
  readonly stack: BroadcastStack
  readonly behaviour: Behaviour | undefined
  /** Told the lines of a recording of this life; see recordStack. */
  readonly record: LineSink | undefined
}

export class MemberHost {
  readonly #host: Host<Member>
  /** The application has consumed everything up to this position; the stack is told soon. */
  #consumed = -1
  #consumedTold = -1

  constructor(init: MemberHostInit, indications: HostIndications & ApplicationIndications) {
    const { stack, options, behaviour, record } = init
    this.#host = new Host(init, indications, (hosted) =>
      behaviour === undefined
        ? correctMember({ ...hosted, stack, options }, indications, record)
        : liar({ ...hosted, stack, options, behaviour })
    )
  }

  get counts(): HostCounts {
    return this.#host.counts
  }

  get registers(): ServedRegisters | undefined {
    return this.#host.hosted.registers
  }

  start(): Promise<void> {
    return this.#host.start()
  }

  /** See {@link BroadcastInstance.broadcast}. */
  broadcast(payload: Uint8Array, accepted: () => void): number {
    const sequence = this.#host.hosted.broadcast(payload, accepted)
    this.#host.turnSoon()
    return sequence
  }

  /** Everything up to `position` was consumed. A consumer in a loop consumes many before the stack is told, once. */
  acknowledge(position: number): void {
    if (this.#consumed === this.#consumedTold) setImmediate(this.#tellConsumed)
    this.#consumed = Math.max(this.#consumed, position)
  }

  base(sender: ProcessId): number {
    return this.#host.hosted.base(sender)
  }

  /** See {@link Member.next}. */
  get next(): number | undefined {
    return this.#host.hosted.next
  }

  turnSoon(): void {
    this.#host.turnSoon()
  }

  input(handler: () => void): void {
    this.#host.input(handler)
  }

  /** Lets what was accepted become durable and what was sent leave, each for a bounded time. */
  stop(): Promise<void> {
    this.#tellConsumed()
    return this.#host.stop()
  }

  readonly #tellConsumed = (): void => {
    if (this.#consumed === this.#consumedTold) return
    this.#consumedTold = this.#consumed
    this.#host.input(() => this.#host.hosted.acknowledge(this.#consumedTold))
  }
}
