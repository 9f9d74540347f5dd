/**
 * One simulated run: a group of members with their stacks, applications that broadcast and consume, an adversary,
 * a network, disks and clocks, all of it deciding by named sub-streams of one seed.
 *
 * A run has two phases. Until `healMs` faults happen; after it none begins any more, every member is up, and what is
 * promised must come about within `livenessMs` of virtual time.
 */
import type { Behaviour } from '../adversary/behaviour.ts'
import { assert } from '../core/assert.ts'
import type { Crypto } from '../core/environment.ts'
import type { Fault } from '../core/fault.ts'
import { createGroup, type Group, type ProcessId } from '../core/group.ts'
import type { Observer } from '../core/trace.ts'
import type { Stack, StackOptions } from '../stacks/stack.ts'
import { idealConnections, realConnections } from './connections.ts'
import { CorrectMember } from './correct-member.ts'
import { TraceDigest } from './digest.ts'
import { NetworkFaults, type NetworkInit } from './faults.ts'
import type { History, HistoryEvent } from './history.ts'
import { Liar } from './liar.ts'
import { MS, Scheduler } from './scheduler.ts'
import { SeededRandom } from './seeded-random.ts'
import type { Connect } from './simulated-process.ts'
import type { TraceSink } from './trace-sink.ts'

export interface SimulationInit {
  readonly stack: Stack
  readonly options: StackOptions
  readonly members: number
  /** What the group is configured to tolerate. */
  readonly faults: number
  /** How many members the adversary controls. */
  readonly byzantine: number
  readonly behaviour: Behaviour | undefined
  readonly seed: number
  readonly links: 'ideal' | 'real'
  readonly crypto: (group: Group, seed: number) => (self: ProcessId) => Crypto
  readonly publicKeys: (members: number, seed: number) => readonly Uint8Array[]
  /** Broadcasts of each member's application. */
  readonly broadcasts: number
  readonly payloadBytesMax: number
  readonly network: NetworkInit
  /** How many times a correct member crashes and restarts with its store. */
  readonly crashes: number
  /** How long progress may take after the network has healed, milliseconds of virtual time. */
  readonly livenessMs: number
  readonly sink?: TraceSink
  /** Crash this member at its n-th sync or send, and restart it soon: for exhaustive crash tests. */
  readonly crashAt?: { readonly process: ProcessId; readonly event: 'sync' | 'send'; readonly number: number }
}

export interface SimulationResult {
  readonly history: History
  /** Messages delivered by the network, to correct and Byzantine members. */
  readonly messages: number
  readonly digest: string
  readonly landmarks: ReadonlyMap<string, number>
  readonly byzantine: readonly ProcessId[]
  /** Batches synced and messages sent by each correct member: where `crashAt` can strike. */
  readonly counts: ReadonlyMap<ProcessId, { readonly sync: number; readonly send: number }>
  /** Faults that fell within some operation: between a broadcast and its last delivery. None: the run proves nothing. */
  readonly overlapping: number
}

/** Each correct member's clock jumps once, by up to this; milliseconds. */
const CLOCK_JUMP_MS_MAX = 3_600_000

/** More events than this in one run: a protocol that grows without bound. */
const RUN_EVENTS_MAX = 5_000_000

export function simulate(init: SimulationInit): SimulationResult {
  return new Run(init).result()
}

class Run {
  readonly #init: SimulationInit
  readonly #scheduler = new Scheduler()
  readonly #digest = new TraceDigest()
  readonly #events: HistoryEvent[] = []
  readonly #landmarks = new Map<string, number>()
  readonly #correct: readonly ProcessId[]
  readonly #byzantine: readonly ProcessId[]
  readonly #members = new Map<ProcessId, CorrectMember>()
  readonly #liars = new Map<ProcessId, Liar>()
  #messages = 0
  /** When each fault of network and processes began and ended; microseconds. */
  readonly #faultTimes: (readonly [from: number, until: number])[] = []

  constructor(init: SimulationInit) {
    this.#init = init
    const random = new SeededRandom(init.seed, 'run')
    const publicKeys = init.publicKeys(init.members, init.seed)
    const group = createGroup({
      id: new SeededRandom(init.seed, 'group').bytes(32),
      f: init.faults,
      publicKeys
    })
    const shuffled = shuffle(group.ranks, random)
    this.#byzantine = shuffled.slice(0, init.byzantine).sort((a, b) => a - b)
    this.#correct = shuffled.slice(init.byzantine).sort((a, b) => a - b)
    const faults = new NetworkFaults(init.network, init.members, new SeededRandom(init.seed, 'network'))
    this.#faultTimes.push(...faults.partitionTimes)
    const makeConnections = init.links === 'ideal' ? idealConnections : realConnections
    const connections = makeConnections({
      scheduler: this.#scheduler,
      n: init.members,
      seed: init.seed,
      faults,
      onArrival: (from, to, bytes) => this.#onArrival(from, to, bytes)
    })
    const cryptoOf = init.crypto(group, init.seed)
    for (const self of group.ranks)
      this.#addMember(self, group, cryptoOf(self), (...args) => connections.connect(self, ...args))
    for (const member of this.#members.values()) member.start()
    for (const liar of this.#liars.values()) liar.start()
    this.#planFaults(random, connections.endSession)
  }

  result(): SimulationResult {
    const { network, livenessMs } = this.#init
    const deadline = (network.healMs + livenessMs) * MS
    let events = 0
    while (this.#scheduler.step(deadline)) {
      if (++events > RUN_EVENTS_MAX) throw new Error(`a run does not end within ${RUN_EVENTS_MAX} events`)
    }
    const history: History = {
      n: this.#init.members,
      f: this.#init.faults,
      correct: this.#correct,
      events: this.#events,
      complete: true
    }
    return {
      history,
      messages: this.#messages,
      digest: this.#digest.hex(),
      landmarks: this.#landmarks,
      byzantine: this.#byzantine,
      counts: new Map(
        [...this.#members].map(([id, { disk, sends }]) => [id, { sync: disk.syncs, send: sends }])
      ),
      overlapping: this.#overlapping()
    }
  }

  #addMember(self: ProcessId, group: Group, crypto: Crypto, connect: Connect): void {
    const { stack, options, seed, behaviour, broadcasts, payloadBytesMax, network, crashAt } = this.#init
    const random = new SeededRandom(seed, `process/${self}`)
    const clock = { offsetMs: random.below(10_000_000), driftPpm: random.between(-50_000, 50_000) }
    const observer = this.#observer(self)
    const common = {
      self,
      group,
      crypto,
      connect,
      stack,
      options,
      clock,
      observer,
      scheduler: this.#scheduler,
      seed
    }
    const workload = { broadcasts, payloadBytesMax, withinMs: network.healMs }
    const onStop = (cause: Error) =>
      this.#record({ time: this.#scheduler.now, process: self, kind: 'stop', cause: cause.message })
    if (this.#byzantine.includes(self)) {
      assert(behaviour !== undefined, 'Byzantine members have a behaviour')
      const liar = new Liar({ ...common, random, behaviour, byzantine: this.#byzantine, workload, onStop })
      this.#liars.set(self, liar)
      return
    }
    const member = new CorrectMember({
      ...common,
      random,
      workload,
      onStop,
      record: (event) => this.#record(event),
      ...(crashAt?.process === self ? { crashAt } : {})
    })
    this.#members.set(self, member)
  }

  #planFaults(random: SeededRandom, endSession: (a: ProcessId, b: ProcessId) => void): void {
    const { network, crashes, members } = this.#init
    for (let i = 0; i < network.sessionEnds && members > 1; i++) {
      const a = random.below(members)
      const b = (a + 1 + random.below(members - 1)) % members
      this.#scheduler.at(random.below(network.healMs * MS), () => {
        this.#landmark('session-ended')
        this.#faultTimes.push([this.#scheduler.now, this.#scheduler.now])
        endSession(a, b)
      })
    }
    for (const member of this.#members.values()) {
      const ms = random.between(-CLOCK_JUMP_MS_MAX, CLOCK_JUMP_MS_MAX)
      this.#scheduler.at(random.below(network.healMs * MS), () => member.jumpClock(ms))
    }
    for (let i = 0; i < crashes && this.#correct.length > 0; i++) {
      const member = this.#members.get(random.pick(this.#correct))
      const from = random.below(network.healMs * MS)
      const until = from + random.below(network.healMs * MS - from)
      this.#scheduler.at(from, () => {
        if (member?.crash() !== true) return
        this.#faultTimes.push([from, until])
        this.#scheduler.at(until, () => {
          this.#landmark('restarted')
          member.start()
        })
      })
    }
  }

  /** A liar is a fault all the time. */
  #overlapping(): number {
    const end = this.#scheduler.now
    const operations = new Map<string, [from: number, until: number]>()
    for (const event of this.#events) {
      if (event.kind === 'broadcast') operations.set(`${event.process}/${event.sequence}`, [event.time, end])
      const operation =
        event.kind === 'deliver' ? operations.get(`${event.sender}/${event.sequence}`) : undefined
      if (operation !== undefined) operation[1] = event.time
    }
    const faults = this.#byzantine.length > 0 ? [...this.#faultTimes, [0, end] as const] : this.#faultTimes
    const during = ([from, until]: readonly [number, number]) =>
      [...operations.values()].some(([start, last]) => from <= last && start <= until)
    return faults.filter(during).length
  }

  #onArrival(from: ProcessId, to: ProcessId, bytes: Uint8Array): void {
    this.#messages++
    this.#digest.addNumber(this.#scheduler.now)
    this.#digest.addNumber(from * 1024 + to)
    this.#digest.addBytes(bytes)
  }

  #record(event: HistoryEvent): void {
    this.#events.push(event)
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
    const correct = !this.#byzantine.includes(self)
    const time = () => this.#scheduler.now
    return {
      tracing: sink !== undefined,
      // Messages are told by the network, which knows what becomes of them.
      event: (event) => {
        if (event.kind !== 'send' && event.kind !== 'receive')
          sink?.({ time: time(), process: self, ...event })
      },
      fault: (fault: Fault) => {
        if (correct) this.#record({ time: time(), process: self, kind: 'fault', fault })
      },
      landmark: (name) => {
        if (!correct) return
        this.#landmark(name)
        sink?.({ time: time(), process: self, kind: 'landmark', name })
      }
    }
  }
}

function shuffle<T>(values: readonly T[], random: SeededRandom): T[] {
  const shuffled = [...values]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const swapped = shuffled[i] as T
    shuffled[i] = shuffled[j] as T
    shuffled[j] = swapped
  }
  return shuffled
}
