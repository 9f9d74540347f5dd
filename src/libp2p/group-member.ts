/**
 * The service itself: it owns what outlives a start and a stop (faults, waiting broadcasts, the consumer of
 * deliveries), and starts a {@link Host} for each life between them.
 */
import { type Logger, type Startable, serviceCapabilities } from '@libp2p/interface'
import type { Delivery } from '../broadcast/delivery-log.ts'
import { toHex } from '../core/bytes.ts'
import type { Fault } from '../core/fault.ts'
import type { Group, ProcessId } from '../core/group.ts'
import { openLevelStore } from '../store/level-store.ts'
import { beginLife, lastLife } from '../store/life.ts'
import { openMemoryStore } from '../store/memory-store.ts'
import type { OpenStore } from '../store/open-store.ts'
import { BroadcastQueue } from './broadcast-queue.ts'
import { Connectivity } from './connectivity.ts'
import { CountedFaults } from './counted-faults.ts'
import { DeliveryQueue } from './delivery-queue.ts'
import { NotStartedError, ProcessStoppedError } from './errors.ts'
import { GuardedEvents } from './guarded-events.ts'
import { Host, type HostIndications, type HostInit } from './host.ts'
import { registerMetrics } from './metrics.ts'
import type {
  BroadcastName,
  ByzantineComponents,
  ByzantineEvents,
  ByzantineService,
  CountedFault,
  DeliveriesOptions,
  ServiceStatus,
  WaitOptions
} from './service.ts'

export interface GroupMemberInit
  extends Omit<HostInit, 'store' | 'incarnation' | 'previousLife' | 'components'> {
  readonly data: string | undefined
}

const NO_COUNTS: Host['counts'] = {
  framesIn: 0,
  framesOut: 0,
  framesLost: 0,
  bytesIn: 0,
  bytesOut: 0,
  messagesIn: 0,
  messagesOut: 0,
  turns: 0,
  commits: 0,
  writes: 0
}

export class GroupMember extends GuardedEvents<ByzantineEvents> implements ByzantineService, Startable {
  readonly [Symbol.toStringTag] = 'byzkit'
  readonly [serviceCapabilities] = ['byzkit']
  readonly #components: ByzantineComponents
  readonly #init: GroupMemberInit
  readonly #log: Logger
  readonly #faults = new CountedFaults()
  readonly #landmarks = new Map<string, number>()
  readonly #connectivity: Connectivity
  readonly #deliveries: DeliveryQueue
  readonly #broadcasts: BroadcastQueue
  #state: ServiceStatus['state'] = 'stopped'
  #incarnation = 0
  #host: Host | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined
  #delivered = 0

  constructor(components: ByzantineComponents, init: GroupMemberInit) {
    const log = components.logger.forComponent('byzkit:service')
    super((event, error) => log.error('a listener to %s failed - %e', event, error))
    this.#components = components
    this.#init = init
    this.#log = log
    this.#connectivity = new Connectivity(init.group, {
      connected: (peer) => this.#emit('member:connect', peer),
      disconnected: (peer) => this.#emit('member:disconnect', peer),
      ready: () => this.#emit('ready', undefined)
    })
    this.#deliveries = new DeliveryQueue((position) => this.#host?.acknowledge(position))
    this.#broadcasts = new BroadcastQueue(init.self, (payload, accepted) =>
      this.#running().broadcast(payload, accepted)
    )
    registerMetrics(components.metrics, init.group, {
      status: () => this.status(),
      faults: () => this.faults
    })
  }

  get group(): Group {
    return this.#init.group
  }

  get self(): ProcessId {
    return this.#init.self
  }

  get incarnation(): number {
    return this.#incarnation
  }

  get connectedMembers(): readonly ProcessId[] {
    return this.#connectivity.connected
  }

  get ready(): boolean {
    return this.#state === 'running' && this.#connectivity.ready
  }

  get faults(): readonly CountedFault[] {
    return this.#faults.list
  }

  get landmarks(): ReadonlyMap<string, number> {
    return this.#landmarks
  }

  whenReady(options: WaitOptions = {}): Promise<void> {
    return this.#connectivity.whenReady(options)
  }

  broadcast(payload: Uint8Array, { signal }: WaitOptions = {}): Promise<BroadcastName> {
    return this.#broadcasts.broadcast(payload, signal)
  }

  deliveries(options: DeliveriesOptions = {}): AsyncIterable<Delivery> {
    return this.#deliveries.consume(options)
  }

  acknowledge(position: number): void {
    this.#deliveries.acknowledge(position)
  }

  status(): ServiceStatus {
    const { group, self, stack, behaviour, data } = this.#init
    const host = this.#host
    return {
      self,
      group: toHex(group.id),
      epoch: group.epoch,
      members: group.n,
      faulty: group.f,
      stack: stack.name,
      incarnation: this.#incarnation,
      durability: data === undefined ? 'memory' : 'disk',
      behaviour: behaviour?.name ?? null,
      state: this.#state,
      ready: this.ready,
      connected: this.#connectivity.connected,
      lagging: this.#connectivity.lagging,
      delivered: group.ranks.map((sender) => host?.base(sender) ?? 0),
      waiting: this.#broadcasts.waiting,
      unacknowledged: this.#deliveries.size,
      faults: this.#faults.total,
      counts: {
        ...(host?.counts ?? NO_COUNTS),
        broadcasts: this.#broadcasts.accepted,
        deliveries: this.#delivered
      }
    }
  }

  // libp2p's part.

  async start(): Promise<void> {
    if (this.#state === 'running') return
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** While libp2p's own parts still run: what was sent is to leave. */
  beforeStop(): Promise<void> {
    return this.stop()
  }

  async stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined
    })
    return this.#stopping
  }

  async #start(): Promise<void> {
    await this.#stopping
    this.#state = 'starting'
    try {
      // After a crash, this lets go of the data folder.
      await this.#host?.stop()
      await this.#live(await this.#openStore())
    } catch (error) {
      this.#state = 'stopped'
      this.#end(new NotStartedError('the service did not start', { cause: error }))
      throw error
    }
  }

  async #openStore(): Promise<OpenStore> {
    const { data } = this.#init
    return data === undefined ? openMemoryStore() : await openLevelStore(data)
  }

  async #live(store: OpenStore): Promise<void> {
    const host = await this.#makeHost(store)
    this.#host = host
    this.#delivered = 0
    this.#broadcasts.begin()
    this.#deliveries.begin(store.durability)
    this.#state = 'running'
    try {
      await host.start()
    } catch (error) {
      await host.stop()
      throw error
    }
    const { self, group, stack } = this.#init
    this.#log('member %d of group %s runs %s, life %d', self, toHex(group.id), stack.name, this.#incarnation)
  }

  async #makeHost(store: OpenStore): Promise<Host> {
    try {
      const previousLife = lastLife(store)
      // The wall clock's number is a new one, whatever the store has lost: in memory everything.
      this.#incarnation = await beginLife(store, Date.now())
      const { data: _, ...init } = this.#init
      const life = { components: this.#components, store, incarnation: this.#incarnation, previousLife }
      return new Host({ ...init, ...life }, this.#indications())
    } catch (error) {
      await store.close()
      throw error
    }
  }

  async #stop(): Promise<void> {
    await this.#starting?.catch(() => {})
    if (this.#state === 'stopped') return
    this.#state = 'stopping'
    // First what was accepted becomes durable, so that no broadcast is said to have failed which has not.
    await this.#host?.stop()
    this.#end(new NotStartedError('the service was stopped'))
    this.#deliveries.end()
    this.#state = 'stopped'
  }

  #crashed(cause: Error): void {
    this.#state = 'crashed'
    this.#log.error('member %d stopped as in a crash - %e', this.self, cause)
    const error = new ProcessStoppedError(`the process stopped: ${cause.message}`, { cause })
    this.#end(error)
    this.#deliveries.end(error)
    this.#emit('stop', cause)
    // Peers see it gone, and its data folder can be opened again.
    this.#host?.stop().catch((failure) => this.#log.error('stopping failed - %e', failure))
  }

  #end(reason: Error): void {
    this.#broadcasts.end(reason)
    this.#connectivity.end(reason)
  }

  #indications(): HostIndications {
    return {
      deliver: (delivery) => this.#deliver(delivery),
      ready: () => this.#broadcasts.ready(),
      fault: (fault) => this.#fault(fault),
      landmark: (name) => this.#landmarks.set(name, (this.#landmarks.get(name) ?? 0) + 1),
      opened: (peer) => this.#connectivity.opened(peer),
      closed: (peer) => this.#connectivity.closed(peer),
      sessionStarted: (peer) => this.#connectivity.sessionStarted(peer),
      sessionEnded: (peer, reason) => this.#connectivity.sessionEnded(peer, reason),
      lagging: (peer) => {
        this.#connectivity.setLagging(peer, true)
        this.#emit('member:lagging', peer)
      },
      recovered: (peer) => {
        this.#connectivity.setLagging(peer, false)
        this.#emit('member:recovered', peer)
      },
      stopped: (cause) => this.#crashed(cause)
    }
  }

  #deliver(delivery: Delivery): void {
    this.#delivered++
    if (this.#deliveries.push(delivery)) this.#emit('delivery', delivery)
  }

  #fault(fault: Fault): void {
    const news = this.#faults.add(fault)
    if (news === undefined) return
    const { process, kind, certainty, detail } = fault
    const log = news === 'new' ? this.#log.error : this.#log
    log('member %d: %s (%s): %s', process, kind, certainty, detail)
    // A component may be in the middle of handling an event: the application is told after the turn.
    queueMicrotask(() => this.#emit('fault', fault))
  }

  /** Nobody listens to most events, and deliveries are many. */
  #emit<K extends keyof ByzantineEvents & string>(type: K, detail: ByzantineEvents[K]['detail']): void {
    if (this.listenerCount(type) > 0) this.safeDispatchEvent(type, { detail })
  }

  #running(): Host {
    if (this.#state === 'running' && this.#host !== undefined) return this.#host
    throw new NotStartedError(`the service is ${this.#state}`)
  }
}
