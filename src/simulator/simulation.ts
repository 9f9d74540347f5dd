/**
 * One simulated run: a group of members with their stacks, applications that broadcast and consume, Byzantine
 * members, a network, disks and clocks. What happens is decided by choices (choices.ts): drawn from a seed, or
 * written down in a schedule.
 *
 * Until `healMs` unstable periods, in which faults happen, alternate with stable ones; after it no fault begins any
 * more, whoever crashed is up again or stays down for good, and what is promised must come about within `livenessMs`
 * of virtual time.
 */
import type { Behaviour } from '../adversary/behaviour.ts'
import type { Crypto } from '../core/environment.ts'
import type { Fault } from '../core/fault.ts'
import { createGroup, type Group, type ProcessId } from '../core/group.ts'
import { EndlessTurnError } from '../core/process.ts'
import type { Observer, PlainValue } from '../core/trace.ts'
import type { LineSink } from '../recording/recording-format.ts'
import type { Stack, StackOptions } from '../stacks/stack.ts'
import type { SimulatedUse } from './application.ts'
import type { Choices } from './choices.ts'
import { type Connections, connectionsOf } from './connections.ts'
import { CorrectProcess } from './correct-process.ts'
import { TraceDigest } from './digest.ts'
import { type Endless, runEvents } from './endless.ts'
import { EventOrder } from './event-order.ts'
import type { History, HistoryEvent } from './history.ts'
import { Liar } from './liar.ts'
import type { Listener } from './listener.ts'
import { overlapping, type Span } from './overlap.ts'
import { Partitions } from './partitions.ts'
import { Pauses } from './pauses.ts'
import { Plan } from './plan.ts'
import type { SimulatedProcessInit } from './process-init.ts'
import { type PublicKeys, runCrypto } from './run-crypto.ts'
import type { Planned } from './schedule.ts'
import { MS, Scheduler } from './scheduler.ts'
import { SeededRandom } from './seeded-random.ts'
import { StateWatch } from './state-watch.ts'
import type { TraceSink } from './trace-sink.ts'
import { type OnAct, WatchedConnections } from './watched-connections.ts'
import type { Witness } from './witness.ts'

export interface SimulationInit {
  readonly stack: Stack
  /** What applications do with what the stack offers, and what is known of its protocol. */
  readonly use: SimulatedUse
  readonly options: StackOptions
  readonly members: number
  /** Processes that are no members, numbered from there on: they use what members keep. */
  readonly clients: number
  /** What the group is configured to tolerate. */
  readonly faults: number
  /** The members that the adversary controls. */
  readonly byzantine: readonly ProcessId[]
  /** What they do; undefined: what the schedule says. */
  readonly behaviour: Behaviour | undefined
  /** Keys, payloads and the randomness of processes and adversary follow from it. */
  readonly seed: number
  readonly links: 'ideal' | 'real'
  readonly crypto: (group: Group, seed: number) => (self: ProcessId) => Crypto
  /** Of members and clients. */
  readonly publicKeys: (processes: number, seed: number) => readonly Uint8Array[]
  readonly choices: Choices
  /** The end of the last unstable period, milliseconds. */
  readonly healMs: number
  /** How long progress may take after the network has healed, milliseconds of virtual time. */
  readonly livenessMs: number
  /** Ends the run earlier, microseconds; what should come about is then not judged. */
  readonly untilUs?: number
  /** Ends the run where it is true, between two events: who repeats a run has seen that it is another one. */
  readonly isOver?: () => boolean
  readonly sink?: TraceSink
  /** Whether the sink is told the state of each component after each turn. */
  readonly states?: boolean
  /** Gives who is told the lines of a recording of a correct member's life, or nobody. */
  readonly recordLife?: (process: ProcessId, incarnation: number) => LineSink | undefined
  readonly onAct?: OnAct
  /** Is told the error itself by which a process stopped, of which the history has the message. */
  readonly onStop?: (process: ProcessId, cause: Error) => void
}

export interface SimulationResult {
  readonly history: History
  /** By which its evidence is checked. */
  readonly publicKeys: PublicKeys
  /** Messages delivered by the network, to correct and Byzantine members. */
  readonly messages: number
  /** Of what arrived at correct members, and of the history. */
  readonly digest: string
  readonly landmarks: ReadonlyMap<string, number>
  readonly byzantine: readonly ProcessId[]
  /** Batches synced and messages sent by each correct member: where `crash-on` can strike. */
  readonly counts: ReadonlyMap<ProcessId, { readonly sync: number; readonly send: number }>
  /**
   * Faults that fell within some operation: between a broadcast and its last delivery. None: the run proves nothing.
   */
  readonly overlapping: number
  /** Planned choices that found nothing to act on: a crash of a member that was down. */
  readonly skipped: readonly Planned[]
  /** Why the run was given up, if it was: something grows without bound. */
  readonly endless: Endless | undefined
  readonly events: number
}

export function simulate(init: SimulationInit): SimulationResult {
  return new Run(init).result()
}

class Run {
  readonly #init: SimulationInit
  readonly #scheduler = new Scheduler()
  readonly #eventOrder: EventOrder
  readonly #digest = new TraceDigest()
  readonly #events: HistoryEvent[] = []
  readonly #landmarks = new Map<string, number>()
  readonly #correct: readonly ProcessId[]
  readonly #isByzantine: readonly boolean[]
  readonly #processes = new Map<ProcessId, CorrectProcess>()
  readonly #liars = new Map<ProcessId, Liar>()
  readonly #connections: Connections
  readonly #watched: WatchedConnections
  readonly #publicKeys: PublicKeys
  readonly #plan: Plan
  /** Undefined where nobody lies. */
  readonly #lies: Listener | undefined
  /** Undefined where the history shows all that is judged. */
  readonly #witness: Witness | undefined
  #messages = 0
  #endlessTurn = false
  /** Who has omitted a message, and is no correct process. */
  readonly #omitting = new Set<ProcessId>()
  /** When each fault of network and processes began and ended; microseconds. */
  readonly #faultTimes: Span[] = []

  constructor(init: SimulationInit) {
    const { members, clients, seed, faults, byzantine, choices, links, stack } = init
    const n = members + clients
    this.#init = init
    this.#eventOrder = new EventOrder(n)
    const publicKeys = init.publicKeys(n, seed)
    const group = createGroup({
      id: new SeededRandom(seed, 'group').bytes(32),
      f: faults,
      publicKeys: publicKeys.slice(0, members),
      clients: publicKeys.slice(members)
    })
    const processes = [...publicKeys.keys()]
    this.#isByzantine = processes.map((process) => byzantine.includes(process))
    this.#correct = processes.filter((process) => !byzantine.includes(process))
    this.#connections = connectionsOf(
      stack,
      links
    )({
      scheduler: this.#scheduler,
      n,
      members,
      choices,
      partitions: new Partitions(choices.planned),
      eventOrder: this.#eventOrder,
      onArrival: (from, to, bytes) => this.#onArrival(from, to, bytes),
      onHarm: (process, to, change) => {
        const { now: time } = this.#scheduler
        this.#faultTimes.push([time, time])
        init.sink?.({ time, process, kind: 'frame', change, to })
      }
    })
    const crypto = runCrypto(init, group)
    this.#publicKeys = { group, verifyBy: crypto.watching.verifyBy }
    this.#lies = byzantine.length === 0 ? undefined : this.#listen(group, crypto.watching)
    this.#witness = this.#testify(group)
    this.#watched = new WatchedConnections({
      ...init,
      connections: this.#connections,
      isByzantine: (process) => this.#isByzantine[process] === true,
      now: () => this.#scheduler.now,
      sink: init.sink,
      onAct: init.onAct,
      lies: this.#lies,
      witness: this.#witness,
      onOmission: (process) => {
        const { now } = this.#scheduler
        this.#omitting.add(process)
        this.#faultTimes.push([now, now])
      }
    })
    for (const self of processes) this.#addProcess(self, group, crypto.of(self))
    this.#plan = new Plan({
      planned: choices.planned,
      scheduler: this.#scheduler,
      seed,
      processes: this.#processes,
      liars: this.#liars,
      connections: this.#connections,
      onFault: (span) => this.#faultTimes.push(span),
      landmark: (name) => this.#landmark(name)
    })
    for (const process of this.#processes.values()) process.start()
    for (const liar of this.#liars.values()) liar.start()
  }

  result(): SimulationResult {
    const { healMs, livenessMs, untilUs, isOver, members, faults, byzantine, options, use } = this.#init
    const deadline = (healMs + livenessMs) * MS
    const { events, endless } = runEvents(
      this.#scheduler,
      members,
      untilUs ?? deadline,
      () => this.#endlessTurn || isOver?.() === true
    )
    const told = { n: members, f: faults, liars: byzantine }
    for (const name of use.landmarks(this.#events, told)) this.#landmark(name)
    const history: History = {
      n: members,
      f: faults,
      correct: this.#correct.filter((process) => !this.#omitting.has(process)),
      events: this.#events,
      complete: endless === undefined && (untilUs === undefined || untilUs >= deadline),
      bounds: options,
      atRest: new Set([...this.#processes.values()].flatMap(({ atRest }) => atRest)),
      ...(this.#lies && { lies: this.#lies.all }),
      ...(this.#witness && { breaches: this.#witness.breaches })
    }
    return {
      history,
      publicKeys: this.#publicKeys,
      messages: this.#messages,
      digest: this.#digest.hex(),
      landmarks: this.#landmarks,
      byzantine,
      counts: new Map(
        [...this.#processes].map(([id, { disk, sends }]) => [id, { sync: disk.syncs, send: sends }])
      ),
      overlapping: overlapping(this.#events, this.#allFaults(), this.#scheduler.now, use),
      skipped: this.#plan.skipped,
      endless,
      events
    }
  }

  #addProcess(self: ProcessId, group: Group, crypto: Crypto): void {
    const { stack, use, options, seed, behaviour, byzantine, choices, sink, states, recordLife } = this.#init
    const witness = this.#isByzantine[self] === true ? undefined : this.#witness
    const { planned } = choices
    const clock = planned.find((choice) => choice.kind === 'clock' && choice.process === self)
    const time = () => this.#scheduler.now
    const init: SimulatedProcessInit = {
      self,
      group,
      crypto,
      connect: this.#watched.of(self),
      stack,
      options,
      clock: clock?.kind === 'clock' ? clock : { offsetMs: 0, driftPpm: 0 },
      observer: this.#observer(self),
      scheduler: this.#scheduler,
      precedence: this.#eventOrder.process(self),
      choices,
      seed,
      onStop: (cause) => {
        this.#init.onStop?.(self, cause)
        this.#endlessTurn ||= cause instanceof EndlessTurnError && this.#isByzantine[self] === false
        this.#record({ time: time(), process: self, kind: 'stop', cause: cause.message })
      },
      onTimer:
        (sink ?? witness) &&
        ((change, timer, delayMs) => {
          sink?.({ time: time(), process: self, kind: 'timer', change, timer, delayMs })
          if (change === 'fired') witness?.timerFired(self)
        })
    }
    if (this.#isByzantine[self] === true) {
      this.#liars.set(self, new Liar({ ...init, behaviour, byzantine }))
      return
    }
    const watch = new StateWatch((path: string, state: PlainValue) =>
      sink?.({ time: time(), process: self, kind: 'state', path, state })
    )
    const process = new CorrectProcess({
      ...init,
      use,
      record: (event) => this.#record(event),
      pauses: new Pauses(planned, self),
      onRestart: () => this.#landmark('restarted'),
      onTornBatch: () => this.#landmark('torn-batch-dropped'),
      crashesOn: planned
        .filter((choice) => choice.kind === 'crash-on')
        .filter(({ process }) => process === self),
      recordLife: recordLife && ((incarnation) => recordLife(self, incarnation)),
      onState: states === true ? (now) => watch.see(now) : undefined
    })
    this.#processes.set(self, process)
  }

  #listen(group: Group, crypto: Crypto): Listener {
    const { stack, options, use } = this.#init
    return use.listen({
      group,
      stack,
      options,
      crypto,
      isLiar: (process) => this.#isByzantine[process] === true,
      now: () => ({ at: this.#events.length, time: this.#scheduler.now })
    })
  }

  #testify(group: Group): Witness | undefined {
    const { stack, options, healMs, use } = this.#init
    return use.witness?.({
      group,
      stack,
      options,
      correct: this.#correct,
      healMs,
      now: () => ({ at: this.#events.length, time: this.#scheduler.now }),
      restored: (process, prefix) => this.#processes.get(process)?.disk.restored(prefix) ?? [],
      slowestSyncUs: () => Math.max(0, ...[...this.#processes.values()].map(({ disk }) => disk.slowestUs)),
      state: (process) => this.#processes.get(process)?.state()
    })
  }

  /** A liar is a fault all the time. */
  #allFaults(): readonly Span[] {
    const liars = this.#init.byzantine.length > 0
    return liars ? [...this.#faultTimes, [0, this.#scheduler.now]] : this.#faultTimes
  }

  #onArrival(from: ProcessId, to: ProcessId, bytes: Uint8Array): void {
    this.#messages++
    if (this.#isByzantine[to] === true) return
    this.#digest.addNumber(this.#scheduler.now)
    this.#digest.addNumber(from * 1024 + to)
    this.#digest.addBytes(bytes)
  }

  #record(event: HistoryEvent): void {
    this.#events.push(event)
    this.#lies?.happened(event)
    if (this.#isByzantine[event.process] === false) this.#witness?.happened(event)
    // A planned crash is known by its length too; one by a failed sync, or at a certain write, only here.
    if (event.kind === 'crash') this.#faultTimes.push([event.time, event.time])
    this.#digest.addNumber(event.time)
    this.#digest.addText(`${event.process}/${'name' in event ? event.name : event.kind}`)
    this.#init.sink?.(event)
  }

  #landmark(name: string): void {
    this.#landmarks.set(name, (this.#landmarks.get(name) ?? 0) + 1)
  }

  /** Only what correct members see counts: a liar's observer is not to be believed. */
  #observer(self: ProcessId): Observer {
    const { sink } = this.#init
    const correct = this.#isByzantine[self] === false
    const time = () => this.#scheduler.now
    return {
      tracing: sink !== undefined || (correct && this.#lies !== undefined),
      // Messages are told by the message log, which knows what becomes of them.
      event: (event) => {
        if (event.kind !== 'send' && event.kind !== 'receive')
          sink?.({ time: time(), process: self, ...event })
        else if (correct) this.#lies?.told(self, event)
      },
      fault: (fault: Fault) => {
        if (!correct) return
        this.#record({ time: time(), process: self, kind: 'fault', fault })
        this.#connections.blame(self, fault)
      },
      landmark: (name) => {
        if (!correct) return
        this.#landmark(name)
        sink?.({ time: time(), process: self, kind: 'landmark', name })
      }
    }
  }
}
