/**
 * Ordering within one view (Castro, Liskov 1999, section 4.2): the primary proposes a batch at a number, a quorum says
 * that it was shown this batch and no other (PREPARE), and a quorum says that such a quorum exists (COMMIT).
 *
 * Two quorums share a correct member, which votes once at a number of a view: so no two batches are prepared at it, and
 * what is committed was prepared by correct members of every later quorum (selection.ts). At numbers for which the view
 * began with a digest nobody proposes: all vote for that one.
 *
 * Votes of another view are dropped: who enters a view says so, and is told again what was voted in it (catch-up.ts).
 * Space: for each open number a proposal, a vote, and two tallies.
 */
import { sameBytes, toHex } from '../../core/bytes.ts'
import type { Environment } from '../../core/environment.ts'
import type { FaultKind } from '../../core/fault.ts'
import type { ProcessId } from '../../core/group.ts'
import { signStatement, verifyStatement } from '../../core/statement.ts'
import type { PlainValue } from '../../core/trace.ts'
import { Tally } from '../../exchange/tally.ts'
import { WORK_US } from '../../links/constants.ts'
import type { Port } from '../../links/ports.ts'
import type { Batches } from './batches.ts'
import { proveTwo } from './claims.ts'
import { BATCHES_IN_FLIGHT_MAX } from './constants.ts'
import type { Log, OwnVote } from './log.ts'
import { type PbftMessage, type PbftMessageOf, prePrepareStatement } from './messages.ts'
import type { Pool } from './pool.ts'
import type { Progress } from './progress.ts'
import type { PushedBefore, Pushes } from './pushes.ts'
import type { ReportedVote } from './selection.ts'

export interface OrderingInit {
  readonly env: Environment
  readonly path: string
  readonly port: Port<PbftMessage>
  readonly progress: Progress
  readonly log: Log
  readonly batches: Batches
  readonly pool: Pool
  readonly pushes: Pushes
  /** A quorum has said that the batch is prepared: it is the one at that number, in every later view too. */
  committed(sequence: number, digest: Uint8Array): void
  /** Others vote where this member does not: in another view, or outside its window. */
  missed(): void
}

/** One number of the view. */
interface Slot {
  /** The first one of the primary. */
  proposal: { readonly digest: Uint8Array; readonly signature: Uint8Array } | undefined
  vote: OwnVote | undefined
  /** Of what this member has proposed here. */
  pushed: PushedBefore
  readonly prepares: Tally
  readonly commits: Tally
  /** Who was named here: once is enough. */
  readonly named: Set<ProcessId>
}

export class Ordering {
  readonly #init: OrderingInit
  readonly #slots = new Map<number, Slot>()
  #proposing = false
  #isFull = false

  constructor(init: OrderingInit) {
    this.#init = init
  }

  /** What an earlier life voted for in this view. */
  restore(votes: ReadonlyMap<number, OwnVote>): void {
    const { env, batches } = this.#init
    for (const [sequence, vote] of votes) {
      const slot = this.#slot(sequence)
      slot.vote = vote
      slot.prepares.vote(env.self, vote.digest)
      if (vote.prepared) slot.commits.vote(env.self, vote.digest)
      batches.restore(vote.digest)
    }
  }

  /** Goes on wherever it may: the view is new, or this member may vote from now on. */
  go(): void {
    const { progress } = this.#init
    // The view may have begun above what this member knows to be stable.
    const first = Math.max(progress.low, progress.start.stable.sequence) + 1
    for (let sequence = first; sequence <= progress.startEnd; sequence++) this.#slot(sequence)
    for (const sequence of this.#numbers()) this.#advance(sequence)
    this.propose()
  }

  /** Another view: what was voted in the last one is over. */
  leave(): void {
    for (const [sequence, { vote }] of this.#slots)
      if (vote !== undefined) this.#init.log.deleteVote(sequence)
    this.#slots.clear()
    this.#isFull = false
  }

  /** What is stable needs no votes. */
  forget(stable: number): void {
    if (this.#isFull) this.#init.env.observer.landmark('window-opened')
    this.#isFull = false
    for (const [sequence, { vote }] of this.#slots) {
      if (sequence > stable) continue
      if (vote !== undefined) this.#init.log.deleteVote(sequence)
      this.#slots.delete(sequence)
    }
  }

  /** The body of that digest is here. */
  came(digest: Uint8Array): void {
    for (const sequence of this.#numbers()) {
      const wanted = this.#wanted(sequence)
      if (wanted !== undefined && sameBytes(wanted, digest)) this.#advance(sequence)
    }
  }

  /** For the VIEW-CHANGE: the own votes, ascending. */
  get votes(): readonly ReportedVote[] {
    return this.#numbers().flatMap((sequence) => {
      const vote = this.#slots.get(sequence)?.vote
      return vote === undefined || !this.#init.progress.isOpen(sequence) ? [] : [{ sequence, ...vote }]
    })
  }

  /** Numbers above `executed` that somebody may wait for: the view began with them, or a correct member voted there. */
  waitedFor(executed: number): readonly number[] {
    return this.#numbers().filter((sequence) => this.#isWaited(sequence, executed))
  }

  /** Whether there is one. */
  isWaitedFor(executed: number): boolean {
    for (const sequence of this.#slots.keys()) if (this.#isWaited(sequence, executed)) return true
    return false
  }

  /** Members of whom no vote came for any open number that this member has voted for; none if it has for none. */
  get silent(): readonly ProcessId[] {
    const voted = [...this.#slots.values()].filter(({ vote }) => vote !== undefined)
    const heard = new Set(
      voted.flatMap(({ prepares, commits }) =>
        [...prepares.state(), ...commits.state()].flatMap(({ voters }) => voters)
      )
    )
    return voted.length === 0 ? [] : this.#init.env.group.ranks.filter((rank) => !heard.has(rank))
  }

  /** Digests that this view may still need: of its start, of proposals, of own votes. */
  get needed(): ReadonlySet<string> {
    const { progress } = this.#init
    const digests = [...this.#slots.values()].flatMap(({ proposal, vote }) => [
      proposal?.digest,
      vote?.digest
    ])
    return new Set([...digests, ...progress.start.selected].flatMap((one) => (one ? [toHex(one)] : [])))
  }

  /** Who voted for it. */
  holders(digest: Uint8Array): readonly ProcessId[] {
    return [...this.#slots.values()].flatMap(({ prepares }) => prepares.votersFor(digest))
  }

  /**
   * The primary proposes what waits: at once if nothing is on its way, so that a lone request never waits; else when
   * there is enough for a batch, or when something was executed.
   */
  propose(): void {
    if (this.#proposing) return
    this.#proposing = true
    // Whatever came in the same turn goes into the same batch.
    this.#init.env.trigger(() => {
      this.#proposing = false
      while (this.#proposeOne()) {}
    })
  }

  #proposeOne(): boolean {
    const { env, path, pushes, progress, log, batches, pool } = this.#init
    const { batchCommandsMax } = progress.bounds
    if (!progress.leads || pool.size === 0) return false
    const voted = this.#numbers().filter((sequence) => this.#slots.get(sequence)?.vote !== undefined)
    const inFlight = voted.filter((sequence) => sequence > progress.executed).length
    if (inFlight >= BATCHES_IN_FLIGHT_MAX || (inFlight > 0 && pool.size < batchCommandsMax)) return false
    const sequence = Math.max(progress.low, progress.startEnd, ...voted) + 1
    if (!progress.isOpen(sequence)) {
      env.observer.landmark('window-full')
      this.#isFull = true
      return false
    }
    const envelopes = pool.take(batchCommandsMax)
    if (envelopes.length === 0) return false
    const { base: view } = progress
    const digest = batches.keep(envelopes)
    const slot = this.#slot(sequence)
    slot.vote = { digest, prepared: false }
    log.putVote(sequence, slot.vote)
    if (envelopes.length > 1) env.observer.landmark('several-in-a-batch')
    if (inFlight > 0) env.observer.landmark('batches-in-flight')
    const signature = signStatement(env, path, prePrepareStatement, { view, sequence, digest })
    const batch = batches.encoded(digest) ?? null
    slot.pushed = pushes.propose({ type: 'PRE-PREPARE', view, sequence, digest, batch, signature })
    return true
  }

  onPrePrepare(from: ProcessId, message: PbftMessageOf<'PRE-PREPARE'>): void {
    const { env, path, port, progress, batches } = this.#init
    const { view, sequence, digest, batch, signature } = message
    if (view !== progress.base || !progress.isOpen(sequence) || sequence <= progress.startEnd) {
      if (view === progress.base) env.observer.landmark('beyond-window')
      return
    }
    const slot = this.#slot(sequence)
    if (from !== progress.primary) {
      this.#accuse(slot, from, 'protocol-violation', 'proposes in a view of which it is not the primary')
      return
    }
    if (batch !== null && !batches.matches(digest, batch)) {
      this.#accuse(slot, from, 'protocol-violation', 'proposes a batch under another digest than its own')
      return
    }
    const { proposal } = slot
    if (proposal === undefined || !sameBytes(proposal.digest, digest)) {
      if (slot.named.has(from)) return
      port.charge(from, WORK_US.verification)
      const fields = { view, sequence, digest }
      if (!verifyStatement(env, path, from, prePrepareStatement, fields, signature)) {
        this.#accuse(slot, from, 'invalid-signature', 'a PRE-PREPARE without valid signature')
        return
      }
      port.earn(from, WORK_US.verification)
      if (proposal !== undefined) {
        env.observer.landmark('equivocation-seen')
        slot.named.add(from)
        const first = { fields: { view, sequence, digest: proposal.digest }, signature: proposal.signature }
        const second = { fields, signature }
        proveTwo(env, path, from, 'two-proposals', prePrepareStatement, first, second)
        return
      }
      if (slot.prepares.votersFor(digest).length > 0) env.observer.landmark('vote-before-proposal')
      slot.proposal = { digest, signature }
      this.#count(slot, from, slot.prepares, digest)
    }
    if (batch !== null) batches.takeIn(digest, batch)
    this.#advance(sequence)
  }

  onPrepare(from: ProcessId, { view, sequence, digest }: PbftMessageOf<'PREPARE'>): void {
    const slot = this.#slotOf(view, sequence)
    const { progress, pushes } = this.#init
    // Above the selected numbers the proposal of the primary is its vote.
    if (slot === undefined || (from === progress.primary && sequence > progress.startEnd)) return
    pushes.got(from, slot.pushed)
    this.#count(slot, from, slot.prepares, digest)
    this.#advance(sequence)
  }

  onCommit(from: ProcessId, { view, sequence, digest }: PbftMessageOf<'COMMIT'>): void {
    const slot = this.#slotOf(view, sequence)
    if (slot === undefined) return
    this.#count(slot, from, slot.commits, digest)
    this.#advance(sequence)
  }

  /** Own votes of this view at `sequence`, as messages. */
  ownVotes(sequence: number): readonly PbftMessage[] {
    const { env, path, progress } = this.#init
    const slot = this.#slots.get(sequence)
    if (slot?.vote === undefined) return []
    const { digest, prepared } = slot.vote
    const said = { view: progress.base, sequence, digest }
    const isProposal = progress.primary === env.self && sequence > progress.startEnd
    // Signed once in a life, however often somebody asks.
    if (isProposal)
      slot.proposal ??= { digest, signature: signStatement(env, path, prePrepareStatement, said) }
    return [
      isProposal && slot.proposal !== undefined
        ? { type: 'PRE-PREPARE', ...said, batch: null, signature: slot.proposal.signature }
        : { type: 'PREPARE', ...said },
      ...(prepared ? [{ type: 'COMMIT', ...said } as const] : [])
    ]
  }

  state(): PlainValue {
    return this.#numbers().map((sequence) => {
      const { proposal, vote, prepares, commits } = this.#slot(sequence)
      return {
        sequence,
        proposal: proposal?.digest ?? null,
        vote: vote ?? null,
        prepares: prepares.state(),
        commits: commits.state()
      }
    })
  }

  #isWaited(sequence: number, executed: number): boolean {
    if (sequence <= executed) return false
    const { env, progress } = this.#init
    const { oneCorrect } = env.group.quorum
    const slot = this.#slots.get(sequence)
    return (
      progress.selectedAt(sequence) !== undefined ||
      slot?.prepares.reached(oneCorrect) !== undefined ||
      slot?.commits.reached(oneCorrect) !== undefined
    )
  }

  #advance(sequence: number): void {
    const { env, port, progress, log } = this.#init
    const slot = this.#slots.get(sequence)
    if (slot === undefined || !progress.isOpen(sequence)) return
    const { byzantine } = env.group.quorum
    const said = (digest: Uint8Array) => ({ view: progress.base, sequence, digest })
    if (progress.mayVote && slot.vote === undefined) {
      const wanted = this.#wanted(sequence)
      if (wanted === undefined) return
      if (!this.#mayVoteFor(slot, sequence, wanted)) return
      slot.vote = { digest: wanted, prepared: false }
      log.putVote(sequence, slot.vote)
      if (sequence <= progress.executed) env.observer.landmark('voted-for-what-was-executed')
      port.sendAll({ type: 'PREPARE', ...said(wanted) })
    }
    const { vote } = slot
    if (vote === undefined) return
    if (progress.mayVote && !vote.prepared && hasQuorum(slot.prepares, vote.digest, byzantine)) {
      slot.vote = { digest: vote.digest, prepared: true }
      log.putVote(sequence, slot.vote)
      port.sendAll({ type: 'COMMIT', ...said(vote.digest) })
    }
    // The own COMMIT is one of them, and was heard here at once: it counts when it is durable, as at the others.
    if (slot.vote?.prepared !== true || !hasQuorum(slot.commits, vote.digest, byzantine)) return
    if (sequence <= progress.executed) return
    env.whenDurable(() => env.trigger(() => this.#init.committed(sequence, vote.digest)))
  }

  /** Whether the body is here, and is known to be one that may be voted for. */
  #mayVoteFor(slot: Slot, sequence: number, digest: Uint8Array): boolean {
    const { progress, batches } = this.#init
    // A correct member has voted for what was selected: nothing is wrong with it.
    if (progress.selectedAt(sequence) !== undefined) {
      if (!batches.has(digest)) batches.pull(digest)
      return batches.has(digest)
    }
    if (!batches.isHere(digest)) {
      batches.pull(digest)
      return false
    }
    const isValid = batches.isValid(digest, progress.primary)
    if (isValid !== false) return isValid === true
    // The primary is at fault; but who would leave its view alone would hand its vote to the liars.
    this.#init.env.observer.landmark('batch-refused')
    const detail = 'proposes a batch with a request that may not be ordered'
    this.#accuse(slot, progress.primary, 'protocol-violation', detail)
    return false
  }

  #count(slot: Slot, from: ProcessId, tally: Tally, digest: Uint8Array): void {
    if (tally.vote(from, digest) !== 'contradicted') return
    this.#init.env.observer.landmark('contradicting-vote')
    this.#accuse(slot, from, 'contradicting-vote', 'voted for two batches at one number of a view')
  }

  #accuse(slot: Slot, process: ProcessId, kind: FaultKind, detail: string): void {
    if (slot.named.has(process)) return
    slot.named.add(process)
    this.#init.env.observer.fault({ process, kind, certainty: 'certain', detail })
  }

  /** What is to be voted for at a number, as far as is known. */
  #wanted(sequence: number): Uint8Array | undefined {
    return this.#init.progress.selectedAt(sequence) ?? this.#slots.get(sequence)?.proposal?.digest
  }

  #slotOf(view: number, sequence: number): Slot | undefined {
    const { progress } = this.#init
    if (view === progress.base && progress.isOpen(sequence)) return this.#slot(sequence)
    if (sequence > progress.executed) this.#init.missed()
    return undefined
  }

  #slot(sequence: number): Slot {
    const slot = this.#slots.get(sequence) ?? {
      proposal: undefined,
      vote: undefined,
      pushed: [],
      prepares: new Tally(),
      commits: new Tally(),
      named: new Set<ProcessId>()
    }
    this.#slots.set(sequence, slot)
    return slot
  }

  #numbers(): readonly number[] {
    return [...this.#slots.keys()].sort((a, b) => a - b)
  }
}

const hasQuorum = (tally: Tally, digest: Uint8Array, quorum: number): boolean =>
  tally.votersFor(digest).length >= quorum
