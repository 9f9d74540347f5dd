/**
 * How a view ends, and how the next one begins. A member that gives a view up says what it voted for there
 * (VIEW-CHANGE). The primary of the next one selects what that begins with (selection.ts) and shows by whose
 * VIEW-CHANGEs (NEW-VIEW). Every member selects again, and accepts what is right when it holds the bodies (ACCEPT); the
 * signatures of a Byzantine quorum make it the start of the view, which is all that anybody needs to enter it (START).
 * So a start is broadcast by signed echo (CGR11 Algorithm 3.17), with selection as its external validity.
 *
 * What a VIEW-CHANGE names, a start and a stable checkpoint, is shown before it, with certificates: by its sender, and
 * again by whoever shows it in a NEW-VIEW. One that names what was not shown waits; that is nobody's fault.
 *
 * Space: of each member its latest VIEW-CHANGE, NEW-VIEW and ACCEPT; certified starts, at most two for each member; the
 * own accepted starts since a view was entered, with their bodies.
 */
import { sameBytes, toHex } from '../../core/bytes.ts'
import type { Environment } from '../../core/environment.ts'
import type { FaultKind } from '../../core/fault.ts'
import { isMember, type ProcessId } from '../../core/group.ts'
import { signStatement } from '../../core/statement.ts'
import type { PlainValue } from '../../core/trace.ts'
import type { Verdicts } from '../../exchange/verdicts.ts'
import { WORK_US } from '../../links/constants.ts'
import type { Port } from '../../links/ports.ts'
import { type Acceptance, Acceptances } from './acceptances.ts'
import type { Batches } from './batches.ts'
import { CertifiedStarts } from './certified-starts.ts'
import { Changes } from './changes.ts'
import type { Checkpoints } from './checkpoints.ts'
import { proveTwo } from './claims.ts'
import type { Log, OwnChange, OwnNewView } from './log.ts'
import {
  digestOfStart,
  type NewView,
  newViewFieldsOf,
  newViewStatement,
  type PbftMessage,
  type PbftMessageOf,
  primaryOf,
  type SignedChange,
  viewChangeStatement
} from './messages.ts'
import type { Ordering } from './ordering.ts'
import { type CertifiedStart, FIRST_START, type Progress } from './progress.ts'
import { Proofs, showing } from './proofs.ts'
import { selectionLandmarks } from './reached.ts'
import { type Start, selectStart } from './selection.ts'

export interface ViewChangesInit {
  readonly env: Environment
  readonly path: string
  readonly port: Port<PbftMessage>
  readonly progress: Progress
  readonly log: Log
  readonly batches: Batches
  readonly ordering: Ordering
  readonly checkpoints: Checkpoints
  readonly verdicts: Verdicts
  /** Digest of the batch without requests. */
  readonly nothing: Uint8Array
  /** This member has left its view, and wants to enter another. */
  changing(): void
  /** This member is in a new view. */
  entered(): void
}

export class ViewChanges {
  readonly #init: ViewChangesInit
  readonly #changes: Changes
  readonly #newViews = new Map<ProcessId, NewView>()
  readonly #acceptances: Acceptances
  readonly #starts: CertifiedStarts
  readonly #proofs: Proofs
  #own: OwnChange | undefined
  #ownNewView: OwnNewView | undefined
  /** The NEW-VIEW whose VIEW-CHANGEs were found to be in order. */
  #checked: NewView | undefined
  readonly #named = new Set<ProcessId>()

  constructor(init: ViewChangesInit) {
    this.#init = init
    this.#changes = new Changes(init)
    this.#acceptances = new Acceptances(init)
    this.#starts = new CertifiedStarts(init.env, init.progress)
    this.#proofs = new Proofs(this.#starts, init.checkpoints)
  }

  restore(change: OwnChange | undefined, newView: OwnNewView | undefined, accepted: readonly Start[]): void {
    const { env, progress, batches } = this.#init
    this.#acceptances.restore(accepted)
    for (const start of accepted) for (const digest of start.selected) batches.restore(digest)
    if (change !== undefined && change.change.view > progress.base) {
      this.#own = change
      this.#changes.put(change.change)
      progress.target = change.change.view
      env.observer.landmark('restarted-in-a-change')
    }
    if (newView === undefined || newView.newView.view <= progress.base) return
    this.#ownNewView = newView
    this.#newViews.set(env.self, newView.newView)
    for (const start of newView.starts) this.#starts.show(start)
  }

  /** Goes on with whatever is possible: this member may sign from now on, or something came that was missing. */
  go(): void {
    if (!this.#init.progress.serving) return
    this.#join()
    this.#tryNewView()
    this.#tryAccept()
    this.#tryStart()
  }

  /** Whether a Byzantine quorum, this member included, wants to enter its view or a later one. */
  get isUnderWay(): boolean {
    return this.#changes.isWanted(this.#init.progress.target)
  }

  /** Gives the view up. */
  changeTo(view: number): void {
    const { env, path, progress, log, ordering } = this.#init
    if (view <= progress.target || !progress.serving) return
    progress.target = view
    const fields = {
      view,
      stable: progress.stable.stable,
      base: { view: progress.base, digest: progress.startDigest },
      reported: ordering.votes
    }
    const signature = signStatement(env, path, viewChangeStatement, fields)
    const change: SignedChange = { signer: env.self, ...fields, signature }
    this.#own = { change, start: progress.certifiedBase, stable: progress.stable }
    log.putChange(this.#own)
    this.#changes.put(change)
    for (const [member, newView] of this.#newViews) if (newView.view < view) this.#newViews.delete(member)
    for (const message of this.ownChange) this.#sendOthers(message)
    this.#init.changing()
    // What follows from it is an event of its own: one change may follow upon another.
    env.trigger(() => this.go())
  }

  /** The own VIEW-CHANGE, behind what it names. */
  get ownChange(): readonly PbftMessage[] {
    if (this.#own === undefined) return []
    const { change, start, stable } = this.#own
    const { signer: _, ...said } = change
    return [...showing({ starts: [start], stables: [stable] }), { type: 'VIEW-CHANGE', ...said }]
  }

  /** What this member has said for the view: its NEW-VIEW, behind what that names, and its ACCEPT. */
  saidFor(view: number): readonly PbftMessage[] {
    const own = this.#ownNewView
    return [
      ...(own?.newView.view === view ? [...showing(own), { type: 'NEW-VIEW', ...own.newView } as const] : []),
      ...this.#acceptances.of(view)
    ]
  }

  /** Digests of the starts that this member has accepted. */
  get needed(): ReadonlySet<string> {
    const selected = [...this.#acceptances.starts, ...this.#waitingForBodies()].flatMap(
      (start) => start.selected
    )
    return new Set(selected.map(toHex))
  }

  onViewChange(from: ProcessId, message: PbftMessageOf<'VIEW-CHANGE'>): void {
    const { type: _, ...said } = message
    const change: SignedChange = { signer: from, ...said }
    const problem = this.#changes.take(change, from)
    if (problem !== undefined) this.#accuse(from, ...problem)
    this.go()
  }

  onNewView(from: ProcessId, message: PbftMessageOf<'NEW-VIEW'>): void {
    const { env, path, port, progress, verdicts } = this.#init
    const { type: _, ...newView } = message
    const { view, signature } = newView
    if (view <= progress.base || view < progress.target || this.#named.has(from)) return
    if (from !== primaryOf(view, env.group)) {
      this.#accuse(from, 'protocol-violation', 'begins a view of which it is not the primary')
      return
    }
    const kept = this.#newViews.get(from)
    if (kept !== undefined && (kept.view > view || sameBytes(kept.signature, signature))) return
    const fields = newViewFieldsOf(env.crypto, newView)
    port.charge(from, WORK_US.verification)
    if (!verdicts.verify(from, newViewStatement.bytes(env.group, path, from, fields), signature)) {
      this.#accuse(from, 'invalid-signature', 'a NEW-VIEW without valid signature')
      return
    }
    port.earn(from, WORK_US.verification)
    if (kept !== undefined && kept.view === view) {
      this.#named.add(from)
      const before = { fields: newViewFieldsOf(env.crypto, kept), signature: kept.signature }
      proveTwo(env, path, from, 'two-new-views', newViewStatement, before, { fields, signature })
      return
    }
    this.#newViews.set(from, newView)
    // They count as if they had come from their signers.
    for (const change of newView.viewChanges)
      if (isMember(env.group, change.signer) && change.signer !== env.self) this.#changes.take(change, from)
    this.go()
  }

  onAccept(from: ProcessId, message: Acceptance): void {
    const problem = this.#acceptances.take(from, message)
    if (problem !== undefined) this.#accuse(from, ...problem)
    this.go()
  }

  onStart(from: ProcessId, { viewStart: start, certificate }: PbftMessageOf<'START'>): void {
    const { env, port, progress } = this.#init
    if (this.#named.has(from)) return
    if (this.#starts.of(start.view, digestOfStart(env.crypto, start)) === undefined) {
      port.charge(from, certificate.length * WORK_US.verification)
      if (!this.#acceptances.isCertified(start, certificate)) {
        this.#accuse(from, 'invalid-signature', 'a certificate of a start that proves nothing')
        return
      }
      port.earn(from, certificate.length * WORK_US.verification)
      this.#starts.show({ start, certificate })
    }
    // One below the view that this member wants to enter is a proof, and no more.
    if (start.view > progress.base && start.view >= progress.target) {
      if (!this.#acceptances.has(start.view)) env.observer.landmark('entered-by-start-alone')
      this.#enter({ start, certificate })
    }
    this.go()
  }

  state(): PlainValue {
    return {
      changes: this.#changes.state(),
      newViews: [...this.#newViews].map(([from, { view }]) => ({ from, view })),
      acceptances: this.#acceptances.state(),
      starts: this.#starts.views
    }
  }

  /** If f+1 others want views above the own one, one of them is correct: this member wants it too. */
  #join(): void {
    const { env, progress } = this.#init
    const joined = this.#changes.joined(progress.target)
    if (joined === undefined) return
    env.observer.landmark('view-joined')
    this.changeTo(joined)
  }

  /** The primary of the view selects as soon as what has come decides it. */
  #tryNewView(): void {
    const { env, path, progress, log, nothing } = this.#init
    const { target: view } = progress
    if (!progress.isChanging || primaryOf(view, env.group) !== env.self) return
    if (this.#ownNewView?.newView.view === view) return
    const changes = this.#changes.for(view).filter((change) => this.#proofs.isShown(change))
    const { byzantine } = env.group.quorum
    if (changes.length < byzantine) return
    const start = this.#select(view, changes)
    if (start === undefined) {
      env.observer.landmark('selection-undecided')
      return
    }
    for (const name of selectionLandmarks(changes, start, nothing, env.group.quorum))
      env.observer.landmark(name)
    const unsigned = { view, viewStart: start, viewChanges: changes }
    const signature = signStatement(env, path, newViewStatement, newViewFieldsOf(env.crypto, unsigned))
    this.#ownNewView = { newView: { ...unsigned, signature }, ...this.#proofs.of(changes) }
    log.putNewView(this.#ownNewView)
    const { newView } = this.#ownNewView
    this.#newViews.set(env.self, newView)
    for (const message of [...showing(this.#ownNewView), { type: 'NEW-VIEW', ...newView } as const])
      this.#sendOthers(message)
  }

  /** What a NEW-VIEW says is selected again; and accepted, with all bodies on the own disk. */
  #tryAccept(): void {
    const { env, progress, checkpoints, batches } = this.#init
    const { target: view } = progress
    const newView = this.#newViews.get(primaryOf(view, env.group))
    if (!progress.isChanging || newView?.view !== view || this.#acceptances.has(view)) return
    const problem = this.#checked === newView ? undefined : this.#problemOf(newView)
    if (problem !== undefined) {
      this.#refuse(view, problem)
      return
    }
    this.#checked = newView
    const { viewStart: start, viewChanges } = newView
    const isShown = viewChanges.every((change) => this.#proofs.isShown(change))
    const selected = isShown ? this.#select(view, viewChanges) : undefined
    const isSame = (one: Start) => sameBytes(digestOfStart(env.crypto, one), digestOfStart(env.crypto, start))
    if (isShown && (selected === undefined || !isSame(selected))) {
      this.#refuse(view, 'begins a view with what does not follow from the VIEW-CHANGEs')
      return
    }
    const proof = isShown ? checkpoints.proofOf(start.stable) : undefined
    if (proof === undefined) {
      env.observer.landmark('new-view-waits-for-proofs')
      return
    }
    checkpoints.adopt(proof)
    const missing = missingOf(start, progress.executed, batches)
    for (const digest of missing) batches.pull(digest)
    if (missing.length > 0) {
      env.observer.landmark('accept-waits-for-bodies')
      return
    }
    this.#acceptances.accept(start)
  }

  /** The view does not begin so: the next one is wanted. */
  #refuse(view: number, problem: string): void {
    const { env } = this.#init
    const primary = primaryOf(view, env.group)
    env.observer.landmark('new-view-refused')
    this.#accuse(primary, 'protocol-violation', problem)
    this.#newViews.delete(primary)
    this.changeTo(view + 1)
  }

  #tryStart(): void {
    const { group } = this.#init.env
    const said = (view: number) => this.#newViews.get(primaryOf(view, group))
    const certified = this.#acceptances.certified((view) => {
      const newView = said(view)
      return newView?.view === view ? newView.viewStart : undefined
    })
    if (certified !== undefined) this.#enter(certified)
  }

  #enter(base: CertifiedStart): void {
    const { env, progress, log, ordering } = this.#init
    const { view } = base.start
    if (view <= progress.base || view < progress.target) return
    const { base: left } = progress
    if (view > left + 1) env.observer.landmark('view-skipped')
    this.#starts.show(progress.certifiedBase)
    ordering.leave()
    progress.enter(base)
    log.putBase(base)
    log.deleteChange()
    this.#own = undefined
    this.#ownNewView = undefined
    this.#changes.forget(view)
    this.#acceptances.forget(view)
    for (const [member, said] of this.#newViews) if (said.view <= view) this.#newViews.delete(member)
    env.observer.landmark('view-entered')
    if (base.start.selected.length > 0) env.observer.landmark('number-carried-over')
    this.#init.entered()
  }

  #select(view: number, changes: readonly SignedChange[]): Start | undefined {
    const { env, nothing } = this.#init
    const { quorum } = env.group
    const said = changes.map(({ stable, base, reported }) => ({ stable, base: base.view, votes: reported }))
    const startOf = (base: number): Start => {
      const named = changes.find((change) => change.base.view === base)?.base
      return (named && this.#starts.of(base, named.digest))?.start ?? FIRST_START
    }
    return selectStart(view, said, startOf, { quorum, nothing })
  }

  /** What is wrong with a NEW-VIEW, whatever else is known; undefined if nothing is. */
  #problemOf({ view, viewChanges: changes }: NewView): string | undefined {
    const { env } = this.#init
    if (changes.length < env.group.quorum.byzantine) return 'begins a view with too few VIEW-CHANGEs'
    let previous = -1
    for (const change of changes) {
      if (!isMember(env.group, change.signer) || change.signer <= previous)
        return 'begins a view with VIEW-CHANGEs that are not of distinct members'
      previous = change.signer
      if (change.view !== view || !this.#changes.isWellFormed(change))
        return 'begins a view with a VIEW-CHANGE that is none for it'
      if (!this.#changes.isSigned(change)) return 'begins a view with a VIEW-CHANGE without valid signature'
    }
    return undefined
  }

  /** Starts of NEW-VIEWs whose bodies are asked for. */
  #waitingForBodies(): readonly Start[] {
    const { progress, env } = this.#init
    const newView = this.#newViews.get(primaryOf(progress.target, env.group))
    return progress.isChanging && newView?.view === progress.target ? [newView.viewStart] : []
  }

  #sendOthers(message: PbftMessage): void {
    const { env, port } = this.#init
    for (const member of env.group.ranks) if (member !== env.self) port.send(member, message)
  }

  #accuse(process: ProcessId, kind: FaultKind, detail: string): void {
    if (process === this.#init.env.self) return
    this.#named.add(process)
    this.#init.env.observer.fault({ process, kind, certainty: 'certain', detail })
  }
}

/** Bodies of what it selects, above what is executed, that are not on the own disk. */
const missingOf = (start: Start, executed: number, batches: Batches): readonly Uint8Array[] =>
  start.selected.filter(
    (digest, index) => start.stable.sequence + 1 + index > executed && !batches.has(digest)
  )
