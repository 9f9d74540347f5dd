/**
 * One simulated run: a group of members with their stacks, applications that broadcast and consume, Byzantine
 * members, a network, disks and clocks. What happens is decided by choices (choices.ts): drawn from a seed, or
 * written down in a schedule.
 *
 * A run has two phases. Until `healMs` faults happen; after it none begins any more, every member is up, and what is
 * promised must come about within `livenessMs` of virtual time.
 */
import type { Behaviour } from '../adversary/behaviour.ts'
import type { Crypto } from '../core/environment.ts'
import type { Fault } from '../core/fault.ts'
import { createGroup, type Group, type ProcessId } from '../core/group.ts'
import { EndlessTurnError } from '../core/process.ts'
import type { Observer, PlainValue } from '../core/trace.ts'
import { spokenPorts } from '../stacks/paths.ts'
import type { LineSink } from '../stacks/recording-format.ts'
import type { Stack, StackOptions } from '../stacks/stack.ts'
import type { Request } from './application.ts'
import type { Choices } from './choices.ts'
import { type Connections, idealConnections, realConnections } from './connections.ts'
import { CorrectMember } from './correct-member.ts'
import { TraceDigest } from './digest.ts'
import { type Endless, runEvents } from './endless.ts'
import { connectFollowed } from './followed-connection.ts'
import type { History, HistoryEvent } from './history.ts'
import { Lanes } from './lanes.ts'
import { type Act, Liar } from './liar.ts'
import { Lies } from './lies.ts'
import type { MemberInit } from './member-init.ts'
import { MessageLog } from './message-log.ts'
import { clientLandmarks, overlapping, type Span } from './overlap.ts'
import { Partitions } from './partitions.ts'
import type { Planned } from './schedule.ts'
import { MS, Scheduler } from './scheduler.ts'
import { SeededRandom } from './seeded-random.ts'
import type { Connect } from './simulated-process.ts'
import { StateWatch } from './state-watch.ts'
import type { TraceSink } from './trace-sink.ts'
import { SignaturesMade } from './unforgeable.ts'

export interface SimulationInit {
  readonly stack: Stack
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
  /** Told of what Byzantine members send to correct ones: on their links, or below them. */
  readonly onAct?: (
    kind: 'act' | 'frame',
    from: ProcessId,
    at: number,
    to: ProcessId,
    bytes: Uint8Array
  ) => void
}

export interface SimulationResult {
  readonly history: History
  /** Messages delivered by the network, to correct and Byzantine members. */
  readonly messages: number
  /** Of what arrived at correct members, and of the history. */
  readonly digest: string
  readonly landmarks: ReadonlyMap<string, number>
  readonly byzantine: readonly ProcessId[]
  /** Batches synced and messages sent by each correct member: where `crash-on` can strike. */
  readonly counts: ReadonlyMap<ProcessId, { readonly sync: number; readonly send: number }>
  /** Faults that fell within some operation: between a broadcast and its last delivery. None: the run proves nothing. */
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
  readonly #lanes: Lanes
  readonly #digest = new TraceDigest()
  readonly #events: HistoryEvent[] = []
  readonly #landmarks = new Map<string, number>()
  readonly #correct: readonly ProcessId[]
  readonly #isByzantine: readonly boolean[]
  readonly #members = new Map<ProcessId, CorrectMember>()
  readonly #liars = new Map<ProcessId, Liar>()
  readonly #connections: Connections
  readonly #skipped: Planned[] = []
  #log: MessageLog | undefined
  /** Undefined where nobody lies. */
  readonly #lies: Lies | undefined
  #messages = 0
  #endlessTurn = false
  /** When each fault of network and processes began and ended; microseconds. */
  readonly #faultTimes: Span[] = []

  constructor(init: SimulationInit) {
    const { members, clients, seed, faults, byzantine, choices, links } = init
    const n = members + clients
    this.#init = init
    this.#lanes = new Lanes(n)
    const publicKeys = init.publicKeys(n, seed)
    const group = createGroup({
      id: new SeededRandom(seed, 'group').bytes(32),
      f: faults,
      publicKeys: publicKeys.slice(0, members),
      clients: publicKeys.slice(members)
    })
    const processes = publicKeys.map((_, process) => process)
    this.#isByzantine = processes.map((process) => byzantine.includes(process))
    this.#correct = processes.filter((process) => !byzantine.includes(process))
    this.#connections = (links === 'ideal' ? idealConnections : realConnections)({
      scheduler: this.#scheduler,
      n,
      members,
      choices,
      partitions: new Partitions(choices.planned),
      lanes: this.#lanes,
      onArrival: (from, to, bytes) => this.#onArrival(from, to, bytes),
      onHarm: (from, to, change) => {
        const { now } = this.#scheduler
        this.#faultTimes.push([now, now])
        init.sink?.({ time: now, process: from, kind: 'frame', change, to })
      }
    })
    const makeCrypto = init.crypto(group, seed)
    const signatures = new SignaturesMade(group, (process) => this.#isByzantine[process] === false)
    this.#lies = byzantine.length === 0 ? undefined : this.#listen(group, makeCrypto(0))
    // A behaviour cannot know a signature that was not made; a schedule can.
    const cryptoOf = (self: ProcessId) =>
      init.behaviour === undefined && byzantine.length > 0
        ? signatures.watched(self, makeCrypto(self))
        : makeCrypto(self)
    for (const self of processes) this.#addMember(self, group, cryptoOf(self))
    this.#plan()
    for (const member of this.#members.values()) member.start()
    for (const liar of this.#liars.values()) liar.start()
  }

  result(): SimulationResult {
    const { healMs, livenessMs, untilUs, isOver, members, faults, byzantine, options } = this.#init
    const deadline = (healMs + livenessMs) * MS
    const { events, endless } = runEvents(
      this.#scheduler,
      members,
      untilUs ?? deadline,
      () => this.#endlessTurn || isOver?.() === true
    )
    for (const name of clientLandmarks(this.#events)) this.#landmark(name)
    const history: History = {
      n: members,
      f: faults,
      correct: this.#correct,
      events: this.#events,
      complete: endless === undefined && (untilUs === undefined || untilUs >= deadline),
      bounds: options,
      ...(this.#lies && { lies: this.#lies.all })
    }
    return {
      history,
      messages: this.#messages,
      digest: this.#digest.hex(),
      landmarks: this.#landmarks,
      byzantine,
      counts: new Map(
        [...this.#members].map(([id, { disk, sends }]) => [id, { sync: disk.syncs, send: sends }])
      ),
      overlapping: overlapping(this.#events, this.#allFaults(), this.#scheduler.now),
      skipped: this.#skipped,
      endless,
      events
    }
  }

  #addMember(self: ProcessId, group: Group, crypto: Crypto): void {
    const { stack, options, seed, behaviour, byzantine, choices, sink, states, recordLife } = this.#init
    const { planned } = choices
    const clock = planned.find((choice) => choice.kind === 'clock' && choice.process === self)
    const time = () => this.#scheduler.now
    const init: MemberInit = {
      self,
      group,
      crypto,
      connect: (...args) => this.#connect(self, args),
      stack,
      options,
      clock: clock?.kind === 'clock' ? clock : { offsetMs: 0, driftPpm: 0 },
      observer: this.#observer(self),
      scheduler: this.#scheduler,
      lane: this.#lanes.process(self),
      choices,
      seed,
      onStop: (cause) => {
        this.#endlessTurn ||= cause instanceof EndlessTurnError && this.#isByzantine[self] === false
        this.#record({ time: time(), process: self, kind: 'stop', cause: cause.message })
      },
      onTimer:
        sink &&
        ((change, timer, delayMs) =>
          sink({ time: time(), process: self, kind: 'timer', change, timer, delayMs }))
    }
    if (this.#isByzantine[self] === true) {
      this.#liars.set(self, new Liar({ ...init, behaviour, byzantine }))
      return
    }
    const watch = new StateWatch((path: string, state: PlainValue) =>
      sink?.({ time: time(), process: self, kind: 'state', path, state })
    )
    const member = new CorrectMember({
      ...init,
      record: (event) => this.#record(event),
      onRestart: () => this.#landmark('restarted'),
      onTornBatch: () => this.#landmark('torn-batch-dropped'),
      crashesOn: planned
        .filter((choice) => choice.kind === 'crash-on')
        .filter(({ process }) => process === self),
      recordLife: recordLife && ((incarnation) => recordLife(self, incarnation)),
      onState: states === true ? (now) => watch.see(now) : undefined
    })
    this.#members.set(self, member)
  }

  #listen(group: Group, crypto: Crypto): Lies {
    const { stack, options } = this.#init
    return new Lies({
      group,
      stack,
      options,
      crypto,
      isLiar: (process) => this.#isByzantine[process] === true,
      now: () => ({ at: this.#events.length, time: this.#scheduler.now })
    })
  }

  /** A connection whose messages are followed, and whose owner's acts are told, where somebody wants to know. */
  #connect(self: ProcessId, args: Parameters<Connect>): ReturnType<Connect> {
    const { sink, stack, options, onAct } = this.#init
    const connect: Connect = (...to) => this.#connections.connect(self, ...to)
    const byzantine = this.#isByzantine[self] === true
    const acts = byzantine ? onAct : undefined
    const lies = byzantine ? undefined : this.#lies
    if (sink === undefined && acts === undefined && lies === undefined) return connect(...args)
    const ports = spokenPorts(args[0], stack, options)
    if (sink !== undefined) this.#log ??= new MessageLog(ports, () => this.#scheduler.now, sink)
    const log = this.#log
    const tell = (kind: 'act' | 'frame', to: ProcessId, bytes: Uint8Array) => {
      if (this.#isByzantine[to] === false) acts?.(kind, self, this.#scheduler.now, to, bytes)
    }
    const session = { process: self, kind: 'session' } as const
    return connectFollowed(connect, args, {
      received: (from, message) => {
        log?.received(from, self, message)
        lies?.heard(self, from, message, ports)
      },
      sent: (to, message) => {
        tell('act', to, message)
        log?.sent(self, to, message)
      },
      injected: (to, frame) => tell('frame', to, frame),
      sessionStarted: (peer) => sink?.({ ...session, time: this.#scheduler.now, peer, change: 'started' }),
      sessionEnded: (peer, reason) => {
        sink?.({ ...session, time: this.#scheduler.now, peer, change: 'ended', reason })
        log?.sessionEnded(self, peer, reason)
        lies?.sessionEnded(self, peer)
      }
    })
  }

  #plan(): void {
    for (const choice of this.#init.choices.planned) {
      if (choice.kind === 'partition') this.#faultTimes.push([choice.at, choice.until])
      if (choice.kind === 'clock' || choice.kind === 'partition' || choice.kind === 'crash-on') continue
      this.#scheduler.at(choice.at, () => {
        if (!this.#carryOut(choice)) this.#skipped.push(choice)
      })
    }
  }

  /** @returns false if there is nothing to act on */
  #carryOut(choice: Exclude<Planned, { kind: 'clock' | 'partition' | 'crash-on' }>): boolean {
    const { now } = this.#scheduler
    if (choice.kind === 'end-session') {
      if (!this.#connections.endSession(choice.a, choice.b)) return false
      this.#landmark('session-ended')
      this.#faultTimes.push([now, now])
      return true
    }
    if (isAct(choice)) return this.#liars.get(choice.process)?.act(choice) === true
    if (choice.kind === 'broadcast' || choice.kind === 'operation') return this.#request(choice)
    const member = this.#members.get(choice.process)
    if (member === undefined) return false
    if (choice.kind === 'clock-jump') return member.jumpClock(choice.ms)
    const { until } = choice
    if (!member.crash()) return false
    this.#faultTimes.push([now, until])
    this.#scheduler.at(until, () => member.restart())
    return true
  }

  #request(request: Request): boolean {
    const { process, number, bytes } = request
    const payload = new SeededRandom(this.#init.seed, `payload/${process}/${number}`).bytes(
      Math.max(2, bytes)
    )
    // Payloads are told apart by their first bytes.
    payload[0] = process
    payload[1] = number
    const liar = this.#liars.get(process)
    if (liar !== undefined) return liar.broadcast(payload)
    this.#members.get(process)?.ask(request, payload)
    return this.#members.has(process)
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
    // A planned crash is known by its length too; one by a failed sync, or at a certain write, only here.
    if (event.kind === 'crash') this.#faultTimes.push([event.time, event.time])
    this.#digest.addNumber(event.time)
    this.#digest.addText(`${event.process}/${event.kind}`)
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

const isAct = (choice: Planned): choice is Act => choice.kind === 'act' || choice.kind === 'frame'
