/**
 * What a member may have missed, told again. A session may end with messages under way, and what comes to a member in
 * another view, or outside its window, is dropped. So each says how far it is (STATUS): when a session begins, when it
 * enters a view, when its window moves, and now and then while something waits; and whoever hears that sends what the
 * other may lack, each thing once in a session for what the other has said of itself. Who gets nothing of what it lacks
 * before a stable checkpoint fetches the state there.
 *
 * Space: for each member what it has said last, and up to where it was told what is executed.
 */
import type { Timer } from '../../core/clock.ts'
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { Port } from '../../links/ports.ts'
import type { Checkpoints } from './checkpoints.ts'
import { STATUS_EVERY_MS } from './constants.ts'
import type { Execution } from './execution.ts'
import { type PbftMessage, type PbftMessageOf, primaryOf } from './messages.ts'
import type { Ordering } from './ordering.ts'
import type { Pool } from './pool.ts'
import type { Progress } from './progress.ts'
import type { ViewChanges } from './view-changes.ts'

type Status = Omit<PbftMessageOf<'STATUS'>, 'type'>

export interface CatchUpInit {
  readonly env: Environment
  readonly port: Port<PbftMessage>
  readonly progress: Progress
  readonly ordering: Ordering
  readonly execution: Execution
  readonly checkpoints: Checkpoints
  readonly viewChanges: ViewChanges
  readonly pool: Pool
  /** Whether something waits here. */
  isWaiting(): boolean
  /**
   * This member has executed nothing for a whole interval, although the group has a checkpoint beyond: as far as it can
   * tell nobody retains what lies between.
   *
   * @param sources - members who may have the state there
   */
  stuck(sources: readonly ProcessId[]): void
}

/** Rounds of the timer: when the last one ends, a whole one lies behind. */
const EXPECTED_ROUNDS = 2

/** What is known of another member in this session. */
interface Peer {
  status: Status
  /** What it was told for this status. */
  readonly told: Set<string>
  /** Up to which number it was told what is executed. */
  toldExecuted: number
}

export class CatchUp {
  readonly #init: CatchUpInit
  readonly #peers = new Map<ProcessId, Peer>()
  #timer: Timer | undefined
  /** For so many rounds of the timer this member says how far it is, whether or not anything waits. */
  #expected = 0
  /** What was executed when the timer fired last, if the group had a checkpoint beyond it. */
  #stuckAt: number | undefined

  constructor(init: CatchUpInit) {
    this.#init = init
  }

  /** A new session: what was told in the old one may not have come. */
  resync(peer: ProcessId): void {
    this.#peers.delete(peer)
    this.#init.port.send(peer, this.#status())
  }

  /** This member has come to where others may have something for it. */
  announce(): void {
    const { env, port } = this.#init
    const status = this.#status()
    for (const member of env.group.ranks) if (member !== env.self) port.send(member, status)
  }

  /** Something has changed: while anything waits it is said now and then how far this member is. */
  look(): void {
    const { env, isWaiting } = this.#init
    if (!isWaiting() && this.#expected === 0) {
      this.#timer?.cancel()
      this.#timer = undefined
    } else
      this.#timer ??= env.clock.setTimer(STATUS_EVERY_MS, () => {
        this.#timer = undefined
        this.#expected = Math.max(0, this.#expected - 1)
        this.announce()
        this.#lookWhetherStuck()
        this.look()
      })
  }

  /** The others go on where this member is not: soon they will have something for it, although nothing waits here. */
  expect(): void {
    this.#expected = EXPECTED_ROUNDS
    this.look()
  }

  onStatus(from: ProcessId, { type: _, ...status }: PbftMessageOf<'STATUS'>): void {
    const known = this.#peers.get(from)
    const peer = known ?? { status, told: new Set(), toldExecuted: 0 }
    this.#peers.set(from, peer)
    const isNews = known === undefined || FIELDS.some((field) => status[field] !== known.status[field])
    const { status: before } = peer
    // Nothing of it falls within a session; who says otherwise is not heard.
    if (FIELDS.some((field) => status[field] < before[field])) return
    if (STATE.some((field) => status[field] !== before[field])) peer.told.clear()
    peer.status = status
    for (const [name, message] of this.#owed(from, status)) {
      if (peer.told.has(name)) continue
      peer.told.add(name)
      this.#init.port.answer(from, message)
    }
    this.#tellExecuted(from, peer)
    // Whoever is further has something for this member; asked once for what it says of itself, lest two that are each
    // further than the other, in another thing, ask each other for ever.
    const own = this.#status()
    if (isNews && AHEAD.some((field) => status[field] > own[field])) this.#init.port.answer(from, own)
  }

  /** Members that do not say that they want to enter that view. */
  lacking(view: number): readonly ProcessId[] {
    const { group, self } = this.#init.env
    return group.ranks.filter((rank) => rank !== self && (this.#peers.get(rank)?.status.target ?? -1) < view)
  }

  state(): PlainValue {
    return [...this.#peers].map(([member, { status, toldExecuted }]) => ({ member, ...status, toldExecuted }))
  }

  *#owed(from: ProcessId, status: Status): Iterable<readonly [name: string, message: PbftMessage]> {
    const { env, progress, ordering, checkpoints, viewChanges, pool } = this.#init
    const { base, target, stable } = status
    if (stable < progress.low) {
      const { stable: own, certificate } = progress.stable
      yield [`stable ${own.sequence}`, { type: 'STABLE', ...own, certificate }]
    }
    if (base < progress.base) {
      const { start, certificate } = progress.certifiedBase
      yield [`start ${start.view}`, { type: 'START', viewStart: start, certificate }]
    }
    if (!progress.serving) return
    for (const message of checkpoints.ownAbove(stable)) yield [`checkpoint ${message.sequence}`, message]
    if (progress.isChanging && progress.target >= target)
      for (const message of viewChanges.ownChange) yield [`${message.type} for ${progress.target}`, message]
    for (const [index, message] of viewChanges.saidFor(target).entries())
      yield [`${message.type} ${index} for ${target}`, message]
    if (base !== progress.base) return
    const last = Math.min(stable + progress.window, progress.high)
    for (let sequence = Math.max(stable, progress.low) + 1; sequence <= last; sequence++)
      for (const message of ordering.ownVotes(sequence)) yield [`${message.type} ${sequence}`, message]
    if (progress.isChanging || target !== base || primaryOf(base, env.group) !== from) return
    for (const [name, envelope] of pool.own) yield [`relay ${name}`, { type: 'RELAY', envelope }]
  }

  #lookWhetherStuck(): void {
    const { progress, execution, stuck } = this.#init
    const at = execution.needsState ? progress.executed : undefined
    if (at !== undefined && at === this.#stuckAt) stuck(this.#sources())
    this.#stuckAt = at
  }

  /** Who says that it has executed what is stable; all others too, if these are so few that all of them may lie. */
  #sources(): readonly ProcessId[] {
    const { env, progress } = this.#init
    const others = env.group.ranks.filter((rank) => rank !== env.self)
    const known = others.filter((rank) => (this.#peers.get(rank)?.status.executed ?? 0) >= progress.low)
    return known.length >= env.group.quorum.oneCorrect ? known : others
  }

  /** As far as it takes them in: a window beyond what it has executed. */
  #tellExecuted(to: ProcessId, peer: Peer): void {
    const { port, progress, execution } = this.#init
    const { executed } = peer.status
    const last = Math.min(progress.executed, executed + progress.window)
    for (let sequence = Math.max(executed, peer.toldExecuted) + 1; sequence <= last; sequence++) {
      const digest = execution.at(sequence)
      if (digest !== undefined) port.answer(to, { type: 'COMMITTED', sequence, digest })
      peer.toldExecuted = sequence
    }
  }

  #status(): PbftMessageOf<'STATUS'> {
    const { base, target, low, executed } = this.#init.progress
    return { type: 'STATUS', base, target, stable: low, executed }
  }
}

const FIELDS = ['base', 'target', 'stable', 'executed'] as const
const AHEAD = ['base', 'stable', 'executed'] as const
/** What is told again depends on these. */
const STATE = ['base', 'target', 'stable'] as const
