/**
 * Agreement on a sequence of requests: practical Byzantine fault tolerance (Castro, Liskov 1999 and 2002), with views
 * that begin with a certified start (decision 0016).
 *
 * Requests:    order(envelope)
 * Indications: entered(view), checkpoint(sequence, digest), stable(sequence, digest)
 * and what is executed, in the machine that is handed over.
 *
 * Properties:
 * - *agreement*: no two correct members execute different batches at one number;
 * - *order*: each executes 1, 2, 3, ... without a hole;
 * - *validity*: what is executed may be ordered (the machine says so, by its bytes);
 * - *termination*: a request that came to all correct members from who signed it is executed by all of them, once the
 *   network is timely.
 *
 * Model: fail-arbitrary, authenticated links; n > 3f; safe in any asynchrony, live where delays are bounded eventually.
 * Cost of a batch: 4 communication steps with the client's; (n - 1) PRE-PREPAREs with the body, signed once and
 * verified n - 1 times, and 2n(n - 1) votes.
 * Space: as the parts say (ordering.ts, execution.ts, checkpoints.ts, view-changes.ts).
 */
import { Component } from '../../core/component.ts'
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import type { Needs } from '../../core/model.ts'
import type { PlainValue } from '../../core/trace.ts'
import { Serving } from '../../exchange/serving.ts'
import { Verdicts } from '../../exchange/verdicts.ts'
import { WORK_US } from '../../links/constants.ts'
import type { Port, Ports } from '../../links/ports.ts'
import { BatchCodec } from './batch.ts'
import { Batches } from './batches.ts'
import { CatchUp } from './catch-up.ts'
import { Checkpoints, type Differing } from './checkpoints.ts'
import { type AgreementOptions, agreementTerms } from './constants.ts'
import { Execution } from './execution.ts'
import { Log } from './log.ts'
import type { Machine } from './machine.ts'
import { type PbftMessage, type PbftMessageOf, pbftMessages } from './messages.ts'
import { Ordering } from './ordering.ts'
import { Pool } from './pool.ts'
import { Progress } from './progress.ts'
import { Pushes } from './pushes.ts'
import { restartLandmarks } from './reached.ts'
import type { StableCheckpoint } from './selection.ts'
import { type AgreementStatus, statusOf } from './status.ts'
import { ViewChanges } from './view-changes.ts'
import { Waiting } from './waiting.ts'

export interface PbftIndications {
  /** This member is in the view. */
  entered(view: number): void
  /** This member's state after `sequence`, by its digest. */
  checkpoint(sequence: number, digest: Uint8Array): void
  stable(sequence: number, digest: Uint8Array): void
}

type Handler<T extends PbftMessage['type']> = (from: ProcessId, message: PbftMessageOf<T>) => void

export class Pbft extends Component<PbftIndications> {
  static override readonly needs: Needs = { signatures: true }
  readonly #machine: Machine
  readonly #port: Port<PbftMessage>
  readonly #progress: Progress
  readonly #log: Log
  readonly #pool: Pool
  readonly #pushes: Pushes
  readonly #batches: Batches
  readonly #ordering: Ordering
  readonly #execution: Execution
  readonly #checkpoints: Checkpoints
  readonly #viewChanges: ViewChanges
  readonly #waiting: Waiting
  readonly #catchUp: CatchUp
  readonly #serving: Serving
  readonly #handlers: { readonly [T in PbftMessage['type']]: Handler<T> } = {
    RELAY: (from, message) => this.#onRelay(from, message),
    'PRE-PREPARE': (from, message) => this.#ordering.onPrePrepare(from, message),
    PREPARE: (from, message) => this.#ordering.onPrepare(from, message),
    COMMIT: (from, message) => this.#ordering.onCommit(from, message),
    COMMITTED: (from, message) => this.#execution.onCommitted(from, message),
    CHECKPOINT: (from, message) => this.#checkpoints.onCheckpoint(from, message),
    STABLE: (from, message) => {
      this.#checkpoints.onStable(from, message)
      this.#viewChanges.go()
    },
    'VIEW-CHANGE': (from, message) => this.#viewChanges.onViewChange(from, message),
    'NEW-VIEW': (from, message) => this.#viewChanges.onNewView(from, message),
    ACCEPT: (from, message) => this.#viewChanges.onAccept(from, message),
    START: (from, message) => this.#viewChanges.onStart(from, message),
    STATUS: (from, message) => this.#catchUp.onStatus(from, message)
  }

  constructor(
    env: Environment,
    path: string,
    ports: Ports,
    options: AgreementOptions,
    machine: Machine,
    indications: PbftIndications
  ) {
    super(env, path, indications)
    this.#machine = machine
    const progress = new Progress(env, options)
    const log = new Log(this.store)
    const codec = new BatchCodec(env.crypto, progress.bounds.batchCommandsMax)
    // In a run that is shrunk a liar may show a signature before it is made: it is valid later.
    const verdicts = new Verdicts(env.crypto, env.group, false)
    const pool = new Pool(env.crypto.hash, (envelope) => machine.commandsIn(envelope))
    const port = ports.open(
      path,
      pbftMessages,
      {
        deliver: (from, message) => this.#receive(from, message),
        resync: (peer) => this.#onSession(peer)
      },
      { terms: agreementTerms(options) }
    )
    const batches = new Batches(env, this.store, `${path}/batches`, ports, codec, machine, {
      verificationsPerTurn: progress.bounds.verificationsPerTurn,
      holders: (digest) => [...this.#ordering.holders(digest), ...this.#execution.holders(digest)],
      came: (digest) => this.#onBody(digest)
    })
    this.#pushes = new Pushes(env, port, progress.bounds.pushBytesMax)
    const ordering = new Ordering({
      env,
      path,
      port,
      progress,
      log,
      batches,
      pool,
      pushes: this.#pushes,
      committed: (sequence, digest) => this.#execution.commit(sequence, digest),
      missed: () => this.#catchUp.expect()
    })
    const checkpoints = new Checkpoints({
      env,
      path,
      port,
      progress,
      log,
      machine,
      verdicts,
      taken: (sequence, digest) => this.indicate.checkpoint(sequence, digest),
      whole: () => this.#look(),
      stable: ({ sequence, digest }) => this.#onStable(sequence, digest)
    })
    const viewChanges = new ViewChanges({
      env,
      path,
      port,
      progress,
      log,
      batches,
      ordering,
      checkpoints,
      verdicts,
      nothing: codec.nothing,
      changing: () => this.#waiting.restart(),
      entered: () => this.#onEntered()
    })
    this.#execution = new Execution({
      env,
      progress,
      log,
      batches,
      machine,
      executed: (sequence, envelopes) => this.#onExecuted(sequence, envelopes)
    })
    this.#waiting = new Waiting({
      env,
      progress,
      isAnythingWaiting: () => this.#isAnythingWaiting(),
      waits: () => this.#waits(),
      isRequest: (name) => this.#pool.own.has(name),
      isBehind: () => this.#execution.isBehind,
      isChangeUnderWay: () => viewChanges.isUnderWay,
      expired: () => viewChanges.changeTo(progress.target + 1)
    })
    this.#catchUp = new CatchUp({
      env,
      port,
      progress,
      ordering,
      execution: this.#execution,
      checkpoints,
      viewChanges,
      pool,
      isWaiting: () => this.#isAnythingWaiting() || this.#execution.isWaiting,
      stuck: (sources) => machine.obtain(progress.stable.stable, sources)
    })
    this.#serving = new Serving(env.group, () => {})
    this.#port = port
    this.#progress = progress
    this.#log = log
    this.#pool = pool
    this.#batches = batches
    this.#ordering = ordering
    this.#checkpoints = checkpoints
    this.#viewChanges = viewChanges
  }

  get view(): number {
    return this.#progress.base
  }

  /** The own state is not that of the others: nothing is answered from it. */
  get diverged(): boolean {
    return this.#progress.diverged
  }

  /** Goes on with what earlier lives have stored; to be called once, in the first turn. */
  restore(): void {
    const stored = this.#log.restored()
    const progress = this.#progress
    if (stored.base !== undefined) {
      progress.enter(stored.base)
      for (const digest of stored.base.start.selected) this.#batches.seek(digest)
    }
    if (stored.stable !== undefined) progress.stable = stored.stable
    const isPrimary = progress.primary === this.env.self
    for (const name of restartLandmarks(stored, isPrimary)) this.env.observer.landmark(name)
    const executed = this.#machine.resume(() => {
      this.#execution.read()
      this.#look()
    })
    this.#execution.restore(executed, stored.committed)
    this.#checkpoints.restore(stored.checkpoints, stored.unsigned)
    this.#ordering.restore(stored.votes)
    this.#viewChanges.restore(stored.change, stored.newView, stored.accepted)
    this.#execution.run()
    this.#serveIfAdmitted()
    this.#look()
  }

  /**
   * A request that came here from who signed it, and waits from now on until it is executed.
   *
   * @returns false if as many of them wait here as may
   */
  order(from: ProcessId, envelope: Uint8Array): boolean {
    if (this.#machine.isDone(envelope)) return true
    if (!this.#pool.add(from, envelope, true)) return this.#pool.has(envelope)
    this.#relay(envelope)
    this.#ordering.propose()
    this.#look()
    return true
  }

  /**
   * The state of a stable checkpoint is here, whole: this member goes on from there, unless it has caught up meanwhile.
   *
   * @param take - makes it the machine's, and writes it, in this turn; is told whether the own state was another one
   * @param differing - what of the own state is another there
   * @throws DivergedError if this member had another state before, in this life
   */
  install(stable: StableCheckpoint, take: (diverged: boolean) => void, differing: Differing): void {
    const { sequence, digest } = stable
    const { diverged, executed } = this.#progress
    if (!this.#execution.needsState || (sequence <= executed && !diverged)) return
    if (diverged) this.#checkpoints.requireFirst(sequence, differing)
    take(diverged)
    this.#execution.installed(sequence)
    this.#checkpoints.installed(sequence, digest)
    this.env.observer.landmark('state-installed')
    if (this.#progress.isChanging) this.env.observer.landmark('installed-in-a-change')
    for (const [name, envelope] of this.#pool.own) if (this.#machine.isDone(envelope)) this.#pool.remove(name)
    this.#sweep()
    this.#execution.run()
    this.#catchUp.announce()
    this.#ordering.go()
    this.#viewChanges.go()
    this.#look()
  }

  /** Where this member is, for people. */
  get status(): AgreementStatus {
    const progress = this.#progress
    const missing = progress.isChanging ? this.#catchUp.lacking(progress.target) : this.#ordering.silent
    return statusOf(progress, missing, this.#pool.own.size)
  }

  override state(): PlainValue {
    const { base, target, low: stable, executed, serving } = this.#progress
    return {
      ...{ base, target, stable, executed, serving },
      ordering: this.#ordering.state(),
      execution: this.#execution.state(),
      checkpoints: this.#checkpoints.state(),
      viewChanges: this.#viewChanges.state(),
      waiting: this.#waiting.state(),
      pool: this.#pool.state(),
      pushes: this.#pushes.state(),
      batches: this.#batches.state(),
      catchUp: this.#catchUp.state()
    }
  }

  #receive(from: ProcessId, message: PbftMessage): void {
    const handle = this.#handlers[message.type] as (from: ProcessId, message: PbftMessage) => void
    handle(from, message)
    this.#look()
  }

  /** Another member hands a request on: this one is its primary, or was. */
  #onRelay(from: ProcessId, { envelope }: PbftMessageOf<'RELAY'>): void {
    if (!this.#progress.leads) return
    this.#port.charge(from, WORK_US.verification)
    if (!this.#machine.isValid(envelope)) {
      const detail = 'hands on a request that may not be ordered'
      this.env.observer.fault({ process: from, kind: 'protocol-violation', certainty: 'certain', detail })
      return
    }
    this.#port.earn(from, WORK_US.verification)
    if (this.#machine.isDone(envelope) || !this.#pool.add(from, envelope, false)) return
    this.#ordering.propose()
  }

  #onSession(peer: ProcessId): void {
    this.#serving.sessionWith(peer)
    this.#pushes.sessionWith(peer)
    this.#serveIfAdmitted()
    this.#catchUp.resync(peer)
    this.#look()
  }

  /** From then on it signs and votes. */
  #serveIfAdmitted(): void {
    if (this.#progress.serving || !this.#serving.mayServe) return
    this.#progress.serving = true
    this.#checkpoints.go()
    this.#ordering.go()
    this.#viewChanges.go()
  }

  #onBody(digest: Uint8Array): void {
    this.#ordering.came(digest)
    this.#execution.came(digest)
    this.#viewChanges.go()
    this.#look()
  }

  #onExecuted(sequence: number, envelopes: readonly Uint8Array[]): void {
    for (const envelope of envelopes) this.#pool.ordered(envelope)
    this.#waiting.executed(envelopes.length)
    this.#checkpoints.executed(sequence)
    if (sequence === this.#progress.low && !this.#progress.diverged) this.#machine.drop()
    if (this.#progress.passes(sequence)) this.#sweep()
    this.#ordering.propose()
  }

  #onStable(sequence: number, digest: Uint8Array): void {
    this.#ordering.forget(sequence)
    this.#execution.trim()
    this.#sweep()
    this.indicate.stable(sequence, digest)
    this.#catchUp.announce()
    this.#ordering.go()
  }

  #onEntered(): void {
    this.#progress.counts.entered++
    this.#pool.leave()
    this.#sweep()
    this.#waiting.restart()
    this.indicate.entered(this.#progress.base)
    this.#ordering.go()
    if (this.#pool.own.size > 0) this.env.observer.landmark('request-carried-over')
    for (const envelope of this.#pool.own.values()) this.#relay(envelope)
    this.#catchUp.announce()
  }

  /** Bodies that nobody can need any more are forgotten. */
  #sweep(): void {
    const needed = [this.#ordering.needed, this.#execution.needed, this.#viewChanges.needed]
    this.#batches.sweep((name) => needed.some((names) => names.has(name)))
  }

  /** The primary is to know of it. */
  #relay(envelope: Uint8Array): void {
    const { primary, mayVote } = this.#progress
    if (mayVote && primary !== this.env.self) this.#port.send(primary, { type: 'RELAY', envelope })
  }

  #isAnythingWaiting(): boolean {
    return this.#pool.own.size > 0 || this.#ordering.isWaitedFor(this.#progress.executed)
  }

  #waits(): readonly string[] {
    // What was answered by another request of the same number, or of a later life, does not wait.
    for (const [name, envelope] of this.#pool.own) if (this.#machine.isDone(envelope)) this.#pool.remove(name)
    const numbers = this.#ordering.waitedFor(this.#progress.executed)
    return [...this.#pool.own.keys(), ...numbers.map((sequence) => `number ${sequence}`)]
  }

  #look(): void {
    this.#waiting.look()
    this.#catchUp.look()
  }
}
