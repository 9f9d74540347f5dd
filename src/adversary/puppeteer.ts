/**
 * What most behaviours have in common: one correct stack, between whose lips and ears and the links the behaviour
 * stands. Unless overridden it changes nothing, and the member is correct.
 */
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import type { Asked, BehaviourContext, ByzantineMember } from './behaviour.ts'
import { Puppet } from './puppet.ts'

export class Puppeteer implements ByzantineMember {
  protected readonly context: BehaviourContext
  protected readonly env: Environment
  protected readonly puppet: Puppet
  /** The members that the adversary does not control. */
  protected readonly correct: readonly ProcessId[]

  constructor(context: BehaviourContext) {
    this.context = context
    this.env = context.env
    this.correct = correctMembers(context)
    this.puppet = new Puppet(context, (to, message) => this.say(to, message))
  }

  start(): void {
    this.puppet.start()
  }

  ask(asked: Asked): void {
    this.puppet.ask(asked)
  }

  deliver(from: ProcessId, message: Uint8Array): void {
    this.puppet.deliver(from, message)
  }

  sessionStarted(peer: ProcessId): void {
    this.puppet.sessionStarted(peer)
  }

  sessionEnded(peer: ProcessId, reason: string): void {
    this.puppet.sessionEnded(peer, reason)
  }

  /** What the correct stack would send. */
  protected say(to: ProcessId, message: Uint8Array): void {
    this.tell(to, message)
  }

  /** Really sends. */
  protected tell(to: ProcessId, message: Uint8Array): void {
    this.context.carrier.send(to, message)
  }

  protected report(act: string): void {
    this.context.report?.(act)
  }
}

export function correctMembers({
  env,
  byzantine
}: Pick<BehaviourContext, 'env' | 'byzantine'>): readonly ProcessId[] {
  return env.group.ranks.filter((rank) => !byzantine.includes(rank))
}
