/**
 * Windows: how far each member has come with each sender's broadcasts, and what follows from it.
 *
 * The textbook's protocols have one instance for each message and remember all of them for ever. Here the
 * instances of a sender are numbered, and each process admits only those in its window, [base, base + W): base is
 * the number below which everything has been delivered and acknowledged by the layer above. From this follow
 *
 * - bounded memory: at most W open instances for each sender, whatever anybody sends;
 * - backpressure: a layer above that acknowledges nothing stops the window, and with it, in the end, the sender;
 * - catch-up: each process reports its bases to the others (STATUS), at the start of every session and as they
 *   move. What a process says about an instance it sends to those whose window admits it, keeps for the others,
 *   and sends when they report that their window moved (catch-up.ts). A session that was lost costs nothing but time;
 * - retention: a delivered instance is kept until every member reports a base above it. It is beyond a member's
 *   retention once more than RETENTION_COUNT_MAX instances or RETENTION_BYTES_MAX bytes of the sender lie between it
 *   and the member's base; it is dropped once it is beyond the retention of a correct majority (2f+1, this process
 *   included, by their reports). So f+1 correct members vouch for the gap wherever one correct member has dropped
 *   something. Until then it is kept, and the base waits when a window more than the bounds is kept;
 * - gaps: a member that asks for what is beyond the retention of others is told so (GAP). When f+1 of them say so, one
 *   is correct, and it skips what is lost: `gap(sender, from, to)`. Totality is promised within retention.
 *
 * Space: O(n^2) numbers, and one number for each retained instance.
 */
import { assert } from '../core/assert.ts'
import type { Environment } from '../core/environment.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { NearNumbers } from '../core/near-numbers.ts'
import { decode, encode, list, rank, uint } from '../core/shapes.ts'
import { fromNumericKey, numericKey, type StableStore, scopedStore } from '../core/store.ts'
import type { PlainValue } from '../core/trace.ts'
import { WORK_US } from '../links/constants.ts'
import type { Port, Ports } from '../links/ports.ts'
import { CatchUp, type Reach } from './catch-up.ts'
import {
  type BroadcastOptions,
  MESSAGES_PER_INSTANCE,
  REPORTED_BASE_US,
  STATUS_DELAY_MS,
  STATUS_EVERY_INSTANCES,
  windowTerms,
  withDefaults
} from './constants.ts'
import { exceeds, mayDrop, oldest, type Retained, retainedFrom } from './retention.ts'

const MEMBERS_MAX = 1024

export const windowMessages = defineMessages({
  STATUS: [0, { bases: list(uint(), MEMBERS_MAX) }],
  GAP: [1, { sender: rank, retainedFrom: uint() }]
})
type WindowMessage = MessageOf<typeof windowMessages>

const acknowledgedKey = (sender: ProcessId, sequence: number) =>
  `acknowledged/${numericKey(sender)}/${numericKey(sequence)}`

export interface WindowsClient {
  /**
   * Send to `peer` what this process has to say about the instance, which its window has come to admit: so many bytes.
   */
  owe(peer: ProcessId, sender: ProcessId, sequence: number): number
  /** The first number at or above `from`, and at most `to`, whose instance was delivered; `to` if there is none. */
  firstDelivered(sender: ProcessId, from: number, to: number): number
  /** The instances [from, to) of `sender`, none of them delivered, are out of reach. */
  skip(sender: ProcessId, from: number, to: number): void
  /** The instance was acknowledged: shrink it to what others may still ask for. Returns the bytes that it keeps. */
  retain(sender: ProcessId, sequence: number): number
  /** The instance is below this process's base, and nobody will be told about it any more: drop it. */
  retire(sender: ProcessId, sequence: number): void
  /** The base of `sender` has moved: its window admits more. */
  moved(sender: ProcessId): void
}

/** What is known of one sender's broadcasts. */
interface Row extends Retained {
  base: number
  /** Acknowledged out of order, all at or above base. */
  readonly acknowledged: NearNumbers<true>
  totals: number[]
  /** For each member, from where on it says that it retains: the votes for a gap ... */
  readonly gapClaims: number[]
  /** ... and below which f+1 of them say that they do not. */
  vouched: number
  /** For each member, the last GAP that it was sent in this session. */
  readonly gapsTold: number[]
  /** The base last reported to the others. */
  reported: number
  readonly highest: number[]
}

export class Windows {
  readonly #env: Environment
  readonly #store: StableStore
  readonly #port: Port<WindowMessage>
  readonly #client: WindowsClient
  readonly #options: Required<BroadcastOptions>
  readonly #rows: Row[]
  /** For each peer, what it reported in this session; undefined before its first STATUS. */
  readonly #peerBases: (readonly number[] | undefined)[]
  readonly #catchUp: CatchUp
  #statusTimer = false

  constructor(
    env: Environment,
    ports: Ports,
    path: string,
    options: BroadcastOptions,
    client: WindowsClient
  ) {
    this.#env = env
    this.#client = client
    this.#options = withDefaults(options)
    this.#store = scopedStore(env.store, `${path}/`)
    this.#rows = env.group.ranks.map(() => ({
      base: 0,
      acknowledged: new NearNumbers(),
      totals: [0],
      gapClaims: env.group.ranks.map(() => 0),
      vouched: 0,
      gapsTold: env.group.ranks.map(() => 0),
      reported: 0,
      highest: env.group.ranks.map(() => 0)
    }))
    this.#peerBases = env.group.ranks.map(() => undefined)
    this.#catchUp = new CatchUp({
      env,
      reach: (peer, sender) => this.#reach(peer, sender),
      owe: (peer, sender, sequence) => client.owe(peer, sender, sequence)
    })
    for (const [key, value] of this.#store.restored('base/')) {
      const row = this.#rows[fromNumericKey(key)]
      const base = decode(uint(), value)
      assert(row !== undefined && base !== undefined, 'a stored base is a number of a member')
      row.base = base
      row.reported = base
    }
    for (const [key] of this.#store.restored('acknowledged/')) {
      const [sender = 0, sequence = 0] = key.split('/').map(fromNumericKey)
      this.#row(sender).acknowledged.set(sequence, true)
    }
    this.#port = ports.open(
      path,
      windowMessages,
      { deliver: (from, message) => this.#receive(from, message), resync: (peer) => this.#resync(peer) },
      { terms: windowTerms(options) }
    )
  }

  get size(): number {
    return this.#options.windowInstances
  }

  /** Whether the layer above has the instance, although the base has not come to it yet. */
  isAcknowledged(sender: ProcessId, sequence: number): boolean {
    return this.#row(sender).acknowledged.has(sequence)
  }

  base(sender: ProcessId): number {
    return this.#row(sender).base
  }

  /** Whether this process's own window admits the instance. */
  admits(sender: ProcessId, sequence: number): boolean {
    const { base } = this.#row(sender)
    return sequence >= base && sequence < base + this.size
  }

  /**
   * The members other than this process whose window admits the instance, and that were served up to it; the others
   * hear of it when their window does, or when they are served.
   */
  admitting(sender: ProcessId, sequence: number): readonly ProcessId[] {
    return this.#env.group.ranks.filter((peer) => {
      const base = this.#peerBases[peer]?.[sender]
      return base !== undefined && sequence >= base && sequence < this.#catchUp.unserved(peer, sender)
    })
  }

  /** After a restart: the instances just below the base that are still in the store, by their bytes, ascending. */
  restoreRetained(sender: ProcessId, bytes: readonly number[]): void {
    const row = this.#row(sender)
    assert(bytes.length <= row.base, 'retained instances lie below the base')
    row.totals = [0]
    for (const size of bytes) row.totals.push((row.totals.at(-1) ?? 0) + size)
  }

  /** The layer above has taken the instance over (or it was skipped): the window may move. */
  acknowledge(sender: ProcessId, sequence: number): void {
    const row = this.#row(sender)
    if (sequence < row.base) return
    assert(sequence < row.base + this.size, 'only admitted instances are acknowledged')
    row.acknowledged.set(sequence, true)
    this.#advance(sender, row, sequence)
    // Out of order, or the base waits: either way it must not be delivered again after a restart.
    if (sequence >= row.base) this.#store.put(acknowledgedKey(sender, sequence), new Uint8Array(0))
  }

  /** As far as what was acknowledged, retention and gaps let it. @param fresh - acknowledged now, and not stored */
  #advance(sender: ProcessId, row: Row, fresh?: number): void {
    const before = row.base
    this.#slide(sender, row, fresh)
    this.#passGap(sender)
    if (row.base > before) this.#moved(sender, before)
  }

  state(): PlainValue {
    return {
      rows: this.#rows.map((row) => ({
        base: row.base,
        highest: [...row.highest],
        acknowledged: row.acknowledged.keys(),
        retainedFrom: oldest(row),
        gapClaims: [...row.gapClaims]
      })),
      peers: this.#peerBases.map((bases) => (bases === undefined ? null : [...bases]))
    }
  }

  #reach(peer: ProcessId, sender: ProcessId): Reach {
    const row = this.#row(sender)
    const base = this.#peerBases[peer]?.[sender] ?? 0
    return {
      from: Math.max(base, oldest(row)),
      to: Math.min(base, row.base) + this.size,
      windowEnd: base + this.size
    }
  }

  #row(sender: ProcessId): Row {
    const row = this.#rows[sender]
    assert(row !== undefined, () => `a member's rank, not ${sender}`)
    return row
  }

  /** Moves the base over what was acknowledged; that is retained from now on. */
  #slide(sender: ProcessId, row: Row, fresh?: number): void {
    while (row.acknowledged.has(row.base)) {
      // Full: the base waits until enough members report that they have the oldest.
      if (exceeds(row, this.#options) && !this.#mayDrop(row, oldest(row))) return
      row.acknowledged.delete(row.base)
      const bytes = this.#client.retain(sender, row.base)
      row.totals.push((row.totals.at(-1) ?? 0) + bytes)
      if (row.base !== fresh) this.#store.delete(acknowledgedKey(sender, row.base))
      row.base++
      this.#prune(sender)
    }
  }

  #mayDrop(row: Row, sequence: number): boolean {
    return mayDrop(row, sequence, this.#env.self, this.#env.group, this.#options)
  }

  #moved(sender: ProcessId, before: number): void {
    const row = this.#row(sender)
    // What members sent for it was of use.
    const earned = (row.base - before) * MESSAGES_PER_INSTANCE * WORK_US.message
    for (const peer of this.#env.group.ranks) this.#port.earn(peer, earned)
    this.#store.put(`base/${numericKey(sender)}`, encode(uint(), row.base))
    this.#prune(sender)
    if (row.base - row.reported >= STATUS_EVERY_INSTANCES) this.#report()
    else this.#reportSoon()
    this.#client.moved(sender)
  }

  #reportSoon(): void {
    if (this.#statusTimer) return
    this.#statusTimer = true
    this.#env.clock.setTimer(STATUS_DELAY_MS, () => {
      this.#statusTimer = false
      if (this.#rows.some(({ base, reported }) => base > reported)) this.#report()
    })
  }

  #report(): void {
    for (const row of this.#rows) row.reported = row.base
    const status = this.#status()
    const retained = this.#retainedFrom()
    for (const peer of this.#env.group.ranks) {
      if (peer === this.#env.self) continue
      this.#port.send(peer, status)
      this.#tellGaps(peer, retained)
    }
  }

  #retainedFrom(): readonly number[] {
    return this.#rows.map((row) => retainedFrom(row, this.#options))
  }

  /** What is not retained any more is told to those who still need it: they wait for it, and would wait for ever. */
  #tellGaps(peer: ProcessId, retained: readonly number[]): void {
    const bases = this.#peerBases[peer]
    if (bases === undefined) return
    this.#rows.forEach((row, sender) => {
      const from = retained[sender] ?? 0
      if ((bases[sender] ?? 0) >= from || row.gapsTold[peer] === from) return
      row.gapsTold[peer] = from
      this.#port.send(peer, { type: 'GAP', sender, retainedFrom: from })
    })
  }

  #status(): WindowMessage {
    return { type: 'STATUS', bases: this.#rows.map(({ base }) => base) }
  }

  /** A new session: what the peer admits is not known, and what it was told before may be lost. */
  #resync(peer: ProcessId): void {
    this.#peerBases[peer] = undefined
    this.#catchUp.end(peer)
    for (const row of this.#rows) row.gapsTold[peer] = 0
    this.#port.send(peer, this.#status())
  }

  #receive(from: ProcessId, message: WindowMessage): void {
    if (message.type === 'STATUS') this.#onStatus(from, message.bases)
    else this.#onGap(from, message.sender, message.retainedFrom)
  }

  #onStatus(peer: ProcessId, bases: readonly number[]): void {
    const { group, observer } = this.#env
    if (bases.length !== group.n) {
      const detail = `STATUS with ${bases.length} bases in a group of ${group.n}`
      observer.fault({ process: peer, kind: 'malformed', certainty: 'certain', detail })
      return
    }
    this.#port.charge(peer, bases.length * REPORTED_BASE_US)
    const before = this.#peerBases[peer]
    // Within a session a base never falls; a liar that says so gets nothing twice.
    const after = bases.map((base, sender) => Math.max(base, before?.[sender] ?? 0))
    this.#peerBases[peer] = after
    for (const sender of group.ranks) {
      const base = after[sender] ?? 0
      // What is reported again changes nothing, and costs nothing.
      if (before !== undefined && base === before[sender]) continue
      const row = this.#row(sender)
      row.highest[peer] = Math.max(row.highest[peer] ?? 0, base)
      this.#prune(sender)
      // The base may have waited for this report.
      this.#advance(sender, row)
    }
    this.#tellGaps(peer, this.#retainedFrom())
    this.#catchUp.serve(peer)
  }

  /** Drops what every member has, and what exceeds the bounds. */
  #prune(sender: ProcessId): void {
    const row = this.#row(sender)
    const first = oldest(row)
    let everybodyHas = row.base
    for (const peer of this.#env.group.ranks) {
      // Below the first it is all the same.
      if (everybodyHas <= first) break
      if (peer !== this.#env.self) everybodyHas = Math.min(everybodyHas, this.#peerBases[peer]?.[sender] ?? 0)
    }
    let from = first
    while (from < row.base && (from < everybodyHas || this.#mayDrop(row, from))) {
      if (from >= everybodyHas) this.#env.observer.landmark('retention-exceeded')
      this.#client.retire(sender, from)
      from++
    }
    if (from > first) row.totals = row.totals.slice(from - first)
  }

  #onGap(from: ProcessId, sender: number, retainedFrom: number): void {
    const { group, observer } = this.#env
    if (!isMember(group, sender)) {
      const detail = `GAP names ${sender}, which is no member`
      observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })
      return
    }
    const row = this.#row(sender)
    // Seldom has a correct member anything to claim.
    this.#port.charge(from, WORK_US.refusal)
    if (retainedFrom <= (row.gapClaims[from] ?? 0)) return
    row.gapClaims[from] = retainedFrom
    row.vouched = [...row.gapClaims].sort((a, b) => b - a)[group.quorum.oneCorrect - 1] ?? 0
    const before = row.base
    if (this.#passGap(sender)) this.#moved(sender, before)
  }

  /**
   * Skips what f+1 members say that they do not retain: one of them is correct. Only undelivered instances are
   * skipped; at a delivered one the gap waits until the layer above has acknowledged it.
   */
  #passGap(sender: ProcessId): boolean {
    const row = this.#row(sender)
    const { vouched } = row
    const before = row.base
    while (row.base < vouched) {
      const to = this.#client.firstDelivered(sender, row.base, vouched)
      if (to === row.base) break
      this.#env.observer.landmark('gap')
      this.#client.skip(sender, row.base, to)
      // What lies below a gap is not retained: retained instances have no holes.
      for (let sequence = oldest(row); sequence < row.base; sequence++) this.#client.retire(sender, sequence)
      row.totals = [0]
      row.base = to
      this.#slide(sender, row)
    }
    return row.base > before
  }
}
