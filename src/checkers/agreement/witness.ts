/**
 * Agreement as whoever sees the whole run judges it: what members say, what they have on their disks and in memory, and
 * when their views change. Each property is in a file of its own beside this one.
 */
import {
  agreementBounds,
  BATCH_BYTES_MAX,
  batchesRetained,
  WINDOW_CHECKPOINTS
} from '../../consensus/pbft/constants.ts'
import { type PbftMessage, pbftMessages } from '../../consensus/pbft/messages.ts'
import { nameOf, type ProcessId } from '../../core/group.ts'
import type { OpenPort } from '../../links/ports.ts'
import type { Breach, HistoryEvent } from '../../simulator/history.ts'
import type { Witness, WitnessInit } from '../../simulator/witness.ts'
import type { Properties } from '../property.ts'
import { CARRIED_OVER, type FirstExecution, lostBy } from './carried-over.ts'
import { COMMIT_QUORUM, type Durable, isBoundTo, logOf } from './commit-quorum.ts'
import { MESSAGE_COMPLEXITY, MessageComplexity } from './complexity.ts'
import { beyondBounds, SPACE, type SpaceTerms } from './space.ts'
import { VIEW_STABILITY, ViewStability } from './view-stability.ts'
import { VOTE_ONCE, VoteOnce } from './vote-once.ts'

export const WITNESSED_PROPERTIES = {
  'vote once': VOTE_ONCE,
  'quorum behind a commit': COMMIT_QUORUM,
  'carried over': CARRIED_OVER,
  space: SPACE,
  'message complexity': MESSAGE_COMPLEXITY,
  'view stability': VIEW_STABILITY
} as const satisfies Properties

/** Beside each of its events the state of a member is looked at once in so many messages that it sends. */
const SENDS_PER_LOOK = 32

/** What a member tells of itself. */
export interface Milestones {
  /** The batch that is executed there, if one is. */
  executed(event: HistoryEvent): { readonly sequence: number; readonly batch: Uint8Array } | undefined
  /** The view that is entered there, if one is. */
  entered(event: HistoryEvent): number | undefined
}

export class AgreementWitness implements Witness {
  readonly breaches: Breach[] = []
  readonly #init: WitnessInit
  readonly #milestones: Milestones
  readonly #path: string
  readonly #terms: SpaceTerms
  readonly #voteOnce: VoteOnce
  readonly #complexity: MessageComplexity
  readonly #stability: ViewStability
  /** By number. */
  readonly #executed = new Map<number, FirstExecution>()
  /** Who has entered a view, and has not said anything since. */
  readonly #entered = new Set<ProcessId>()
  #sends = 0

  /** @param path - of agreement in the stack */
  constructor(init: WitnessInit, path: string, milestones: Milestones) {
    this.#init = init
    this.#path = path
    this.#milestones = milestones
    const { group, correct, healMs, slowestSyncUs } = init
    const bounds = agreementBounds(init.options)
    const { checkpointEvery, viewTimeoutMinMs, viewTimeoutMaxMs } = bounds
    const bodiesCome = bounds.pushBytesMax >= BATCH_BYTES_MAX
    const window = WINDOW_CHECKPOINTS * checkpointEvery
    const retained = batchesRetained(bounds)
    this.#terms = { members: group.n, window, checkpointEvery, batchesRetained: retained }
    const nameOf = (process: ProcessId) => this.#nameOf(process)
    const isLiar = (process: ProcessId) => !correct.includes(process)
    const telling = (property: string) => (detail: string) => this.#tell(property, detail)
    this.#voteOnce = new VoteOnce(nameOf, telling('vote once'))
    this.#complexity = new MessageComplexity({ isLiar, nameOf, tell: telling('message complexity') })
    this.#stability = new ViewStability({
      ...{ group, isLiar, nameOf, healMs, slowestSyncUs, viewTimeoutMinMs, viewTimeoutMaxMs, bodiesCome },
      tell: telling('view stability')
    })
  }

  happened(event: HistoryEvent): void {
    const { process, time } = event
    this.#complexity.happened(event)
    const executed = this.#milestones.executed(event)
    if (executed !== undefined) this.#onExecuted(process, executed.sequence, executed.batch)
    const view = this.#milestones.entered(event)
    if (view !== undefined) {
      this.#stability.entered(process, view, time)
      this.#entered.add(process)
    }
    this.#look(process)
  }

  sent(process: ProcessId, to: ProcessId, bytes: Uint8Array, ports: readonly OpenPort[]): void {
    this.#complexity.sent(process, to, bytes)
    this.#stability.sent(process, to, this.#init.now().time)
    const message = agreementMessage(bytes, ports)
    if (message !== undefined) this.#voteOnce.sent(process, message)
    // What it says shows that the start is durable.
    if (this.#entered.delete(process)) this.#onEntered(process)
    if (++this.#sends % SENDS_PER_LOOK === 0) this.#look(process)
  }

  received(process: ProcessId, from: ProcessId, bytes: Uint8Array): void {
    this.#complexity.received(process, from, bytes)
    this.#stability.received(process, from, this.#init.now().time)
  }

  sessionStarted(process: ProcessId, peer: ProcessId): void {
    this.#complexity.sessionStarted(process, peer)
    this.#stability.sessionStarted(process, peer)
  }

  timerFired(process: ProcessId): void {
    this.#complexity.timerFired(process)
  }

  #onExecuted(process: ProcessId, sequence: number, batch: Uint8Array): void {
    if (this.#executed.has(sequence)) return
    const { group, correct } = this.#init
    this.#executed.set(sequence, { view: this.#durable(process).base?.start.view ?? 0, batch })
    const members = correct.filter((member) => member < group.n)
    const bound = members.filter((member) => isBoundTo(this.#durable(member), sequence, batch))
    const least = group.quorum.byzantine - (group.n - members.length)
    if (bound.length >= least) return
    const who = this.#nameOf(process)
    const detail = `${who} executed ${sequence}, which ${bound.length} correct members hold on to, fewer than ${least}`
    this.#tell('quorum behind a commit', detail)
  }

  #onEntered(process: ProcessId): void {
    const { base } = this.#durable(process)
    if (base === undefined) return
    for (const sequence of lostBy(base, this.#executed)) {
      const who = this.#nameOf(process)
      this.#tell('carried over', `${who} entered view ${base.start.view}, which has lost number ${sequence}`)
    }
  }

  #durable(process: ProcessId): Durable {
    return logOf((prefix) => this.#init.restored(process, prefix), this.#path)
  }

  #look(process: ProcessId): void {
    const state = this.#init.state(process)?.[this.#path]
    if (state === undefined) return
    for (const detail of beyondBounds(state, this.#terms))
      this.#tell('space', `${this.#nameOf(process)} keeps ${detail}`)
  }

  #nameOf(process: ProcessId): string {
    return nameOf({ n: this.#init.group.n }, process)
  }

  #tell(property: string, detail: string): void {
    this.breaches.push({ property, detail, at: Math.max(0, this.#init.now().at - 1) })
  }
}

/** A message of agreement; undefined of any other. */
function agreementMessage(bytes: Uint8Array, ports: readonly OpenPort[]): PbftMessage | undefined {
  const { messages } = ports[bytes[0] ?? ports.length] ?? {}
  // A port has the very declaration that its component was written with.
  const isOurs = (messages as unknown) === pbftMessages
  return isOurs ? pbftMessages.decode(bytes.subarray(1)) : undefined
}
