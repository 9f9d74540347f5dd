/** The service of a member: what its stack offers, and a face of its own for broadcasts and deliveries. */
import { serviceCapabilities } from '@libp2p/interface'
import type { Behaviour } from '../adversary/behaviour.ts'
import { withDefaults } from '../broadcast/constants.ts'
import type { Delivery } from '../broadcast/delivery-log.ts'
import { broadcastService } from '../broadcast/service.ts'
import type { AgreementStatus } from '../consensus/pbft/status.ts'
import { toHex } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { PlainValue } from '../core/trace.ts'
import type { LineSink } from '../recording/recording-format.ts'
import { replicaService } from '../replication/service.ts'
import type { BroadcastRequests, Stack, StackOptions } from '../stacks/stack.ts'
import type { OpenStore } from '../store/open-store.ts'
import { type Applying, applyWatch } from './apply-watch.ts'
import { broadcastFor, toDelivery, toTold } from './broadcast-operations.ts'
import { CommitLog } from './commit-log.ts'
import { DeliveryQueue } from './delivery-queue.ts'
import { GroupProcess, type GroupProcessInit, type LifeInit, NO_COUNTS } from './group-process.ts'
import { guardedSink } from './guarded-sink.ts'
import { Host, type HostIndications } from './host.ts'
import { correctMember, liar, type Member } from './member.ts'
import { type Measured, memberMetrics } from './metrics.ts'
import { OfferedServices } from './offered-services.ts'
import { PublishedMetrics } from './published-metrics.ts'
import { replicaFor } from './replica-operations.ts'
import type { ReplicatedMachine } from './replica-service.ts'
import type {
  BroadcastName,
  ByzantineComponents,
  ByzantineEvents,
  ByzantineService,
  DeliveriesOptions,
  ServiceStatus
} from './service.ts'
import { StallWatch } from './stall.ts'
import { UnconsumedWatch } from './unconsumed.ts'
import type { WaitOptions } from './waits.ts'

export interface GroupMemberInit extends GroupProcessInit {
  readonly stack: Stack
  readonly options: StackOptions
  /** In place of the stack. */
  readonly behaviour: Behaviour | undefined
  /** Told the lines of a recording of each life; see recordStack. */
  readonly record: LineSink | undefined
  readonly applying: Applying | undefined
}

/** What a service of libp2p that needs a member beside it names in its `[serviceDependencies]`. */
const MEMBER_CAPABILITY = '@byzkit/member'

export class GroupMember extends GroupProcess<ByzantineEvents, Member> implements ByzantineService {
  override readonly [Symbol.toStringTag] = MEMBER_CAPABILITY
  override readonly [serviceCapabilities] = [MEMBER_CAPABILITY]
  protected override readonly offered: OfferedServices
  protected override readonly publicKey: Uint8Array
  readonly #init: GroupMemberInit
  readonly #commits = new CommitLog(() => this.#executed)
  readonly #deliveries = new DeliveryQueue((position) => this.#consumed(position))
  /** The application has consumed everything up to this position; undefined once the stack was told. */
  #consumedUpTo: number | undefined
  #delivered = 0
  /** Without gaps, by sender. */
  readonly #deliveredOf: number[]
  readonly #metrics: PublishedMetrics<Measured> | undefined
  readonly #unconsumed: UnconsumedWatch
  readonly #stalls = new StallWatch((line) => this.log(line))

  constructor(components: ByzantineComponents, init: GroupMemberInit) {
    super(components, init)
    this.#init = init
    const { group, self, stack } = init
    this.#deliveredOf = group.ranks.map(() => 0)
    const { windowInstances } = withDefaults(init.options)
    this.#unconsumed = new UnconsumedWatch(windowInstances, (message) => {
      this.log.error(message)
      globalThis.process?.emitWarning(`byzkit: member ${self}: ${message}`, { code: 'BYZKIT_UNCONSUMED' })
    })
    this.publicKey = group.publicKeys[self] as Uint8Array
    this.offered = new OfferedServices({
      ...this.lives,
      stack,
      sinks: {
        [broadcastService.name]: {
          tell: (told) => this.#deliver(toDelivery(told)),
          consume: (options) => toTold(this.#deliveries.consume(options))
        }
      },
      listeners: { [replicaService.name]: this.#commits }
    })
    const { metrics } = components
    this.#metrics = metrics && new PublishedMetrics<Measured>(metrics, this, memberMetrics)
  }

  broadcast(payload: Uint8Array, options: WaitOptions = {}): Promise<BroadcastName> {
    return broadcastFor(this.offered, this.#init.self, payload, options)
  }

  override replica(): ReplicatedMachine {
    return replicaFor(this.offered, this.#commits)
  }

  deliveries(options: DeliveriesOptions = {}): AsyncIterable<Delivery> {
    this.#requireBroadcasts()
    return this.#deliveries.consume(options)
  }

  acknowledge(position: number): void {
    this.#requireBroadcasts()
    this.#deliveries.acknowledge(position)
  }

  status(): ServiceStatus {
    const { group, self, stack, behaviour, data } = this.#init
    const broadcasts = this.offered.requests(broadcastService.name)
    return {
      self,
      group: toHex(group.id),
      epoch: group.epoch,
      members: group.n,
      faulty: group.f,
      stack: stack.name,
      incarnation: this.incarnation,
      durability: data === undefined ? 'memory' : 'disk',
      encryption: this.encryption,
      behaviour: behaviour?.name ?? null,
      state: this.state,
      ready: this.ready,
      connected: this.connectivity.connected,
      unreachable: this.unreachableMembers,
      lagging: this.connectivity.lagging,
      cutOff: this.connectivity.cutOff,
      clients: this.connectivity.clients,
      delivered: group.ranks.map((sender) => this.#broadcasting?.base(sender) ?? 0),
      deliveriesOf: [...this.#deliveredOf],
      waiting: broadcasts?.waiting ?? 0,
      unacknowledged: this.#deliveries.size,
      faults: this.faultsTotal,
      services: this.#saidByServices(),
      counts: {
        ...(this.life?.counts ?? NO_COUNTS),
        broadcasts: broadcasts?.returned ?? 0,
        deliveries: this.#delivered
      }
    }
  }

  protected override makeLife(life: LifeInit, indications: HostIndications): Host<Member> {
    const { data: _, record, behaviour, applying, ...init } = this.#init
    const sink =
      record && guardedSink(record, (error) => this.log.error('the recording ends here - %e', error))
    const slow = (command: string, ms: number) => {
      this.log.error('the machine took %d ms for %s', Math.round(ms), command)
      indications.landmark('slow-command')
    }
    const told = { ...indications, applying: applyWatch(slow, applying) }
    return new Host({ ...init, ...life }, told, (hosted) =>
      behaviour === undefined
        ? correctMember({ ...init, ...hosted }, this.offered.application, sink)
        : liar({ ...init, ...hosted, behaviour })
    )
  }

  protected override began({ durability }: OpenStore): void {
    this.#delivered = 0
    this.#deliveredOf.fill(0)
    this.#consumedUpTo = undefined
    this.offered.begin()
    this.#commits.begin()
    this.#deliveries.begin(durability, this.#broadcasting?.next)
    const { self, group, stack } = this.#init
    this.#metrics?.begin()
    this.log('member %d of group %s runs %s, life %d', self, toHex(group.id), stack.name, this.incarnation)
  }

  protected override watch(): void {
    this.#stalls.look(this.status())
  }

  protected override describe(): string {
    const { self, members, faulty, stack, behaviour } = this.status()
    return `member ${self} of ${members}, f = ${faulty}, ${behaviour === null ? stack : `Byzantine: ${behaviour}`}`
  }

  protected override ended(reason: Error, cause?: Error): void {
    this.offered.end(reason, cause)
    this.#commits.end(cause === undefined ? undefined : reason)
    this.#deliveries.end(cause === undefined ? undefined : reason)
    this.#metrics?.end()
  }

  #saidByServices(): ServiceStatus['services'] {
    const hosted = this.life?.hosted
    if (hosted === undefined || hosted.isLiar) return {}
    const components = Object.entries(hosted.services) as [string, { status?(): PlainValue }][]
    return Object.fromEntries(
      components.flatMap(([name, component]) =>
        typeof component.status === 'function' ? [[name, component.status()]] : []
      )
    )
  }

  /** Of a replicated machine. */
  get #executed(): number | undefined {
    const status = this.#saidByServices()[replicaService.name] as AgreementStatus | null | undefined
    return status?.executed
  }

  /** The component that broadcasts: no liar has one, and not every stack. */
  get #broadcasting(): BroadcastRequests | undefined {
    const hosted = this.life?.hosted
    if (hosted === undefined || hosted.isLiar) return undefined
    return hosted.services[broadcastService.name] as BroadcastRequests | undefined
  }

  /** @throws InvalidParametersError */
  #requireBroadcasts(): void {
    const { stack } = this.#init
    if (this.offered.requests(broadcastService.name) !== undefined) return
    throw new InvalidParametersError(`${stack.name} delivers no broadcasts: see indications()`)
  }

  #deliver(delivery: Delivery): void {
    this.#delivered++
    if (delivery.type === 'delivery') {
      this.#deliveredOf[delivery.sender] = (this.#deliveredOf[delivery.sender] ?? 0) + 1
    }
    const isNew = this.#deliveries.push(delivery)
    this.#unconsumed.look(this.#deliveries.size, this.#deliveries.hasConsumer)
    if (!isNew) return
    // Deliveries are many, and most applications do not listen to them as events.
    if (this.listenerCount('delivery') === 0) return
    this.#deliveries.told(delivery.position)
    this.safeDispatchEvent('delivery', { detail: delivery })
  }

  /** A consumer in a loop consumes many before the stack is told, once. */
  #consumed(position: number): void {
    const isAsked = this.#consumedUpTo !== undefined
    this.#consumedUpTo = Math.max(this.#consumedUpTo ?? position, position)
    if (isAsked) return
    this.life?.soon(() => {
      const consumed = this.#consumedUpTo
      this.#consumedUpTo = undefined
      if (consumed !== undefined) this.#broadcasting?.acknowledge(consumed)
    })
  }
}
