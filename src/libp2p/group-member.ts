/** The service of a member: its broadcasts and deliveries, and the registers that members keep. */
import type { Delivery } from '../broadcast/delivery-log.ts'
import { toHex } from '../core/bytes.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { OpenStore } from '../store/open-store.ts'
import { BroadcastQueue } from './broadcast-queue.ts'
import { DeliveryQueue } from './delivery-queue.ts'
import { GroupProcess, type GroupProcessInit, type LifeInit, NO_COUNTS } from './group-process.ts'
import { guardedSink } from './guarded-sink.ts'
import type { HostIndications } from './host.ts'
import { MemberHost, type MemberHostInit } from './member-host.ts'
import { registerMetrics } from './metrics.ts'
import { Operations } from './operations.ts'
import { registerFor } from './register-operations.ts'
import type { Register, RegisterOwners } from './register-service.ts'
import type {
  BroadcastName,
  ByzantineComponents,
  ByzantineEvents,
  ByzantineService,
  DeliveriesOptions,
  ServiceStatus,
  WaitOptions
} from './service.ts'
import { storeFor } from './store-operations.ts'
import type { Store } from './store-service.ts'

export interface GroupMemberInit
  extends GroupProcessInit,
    Pick<MemberHostInit, 'stack' | 'behaviour' | 'record'> {}

export class GroupMember extends GroupProcess<ByzantineEvents, MemberHost> implements ByzantineService {
  readonly #init: GroupMemberInit
  readonly #deliveries: DeliveryQueue
  readonly #broadcasts: BroadcastQueue
  readonly #operations: Operations
  #delivered = 0

  constructor(components: ByzantineComponents, init: GroupMemberInit) {
    super(components, init)
    this.#init = init
    this.#deliveries = new DeliveryQueue((position) => this.life?.acknowledge(position))
    this.#broadcasts = new BroadcastQueue(init.self, (payload, accepted) =>
      this.running().broadcast(payload, accepted)
    )
    this.#operations = new Operations(() => {
      const life = this.running()
      const { registers } = life
      if (registers === undefined)
        throw new InvalidParametersError('this member keeps no registers, and no key-value store')
      return { registers, turnSoon: () => life.turnSoon(), input: (handler) => life.input(handler) }
    })
    registerMetrics(components.metrics, init.group, {
      status: () => this.status(),
      faults: () => this.faults
    })
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

  register(name: string, owners?: RegisterOwners): Register {
    return registerFor(this.#operations, this.#ownKey, name, owners)
  }

  store(owners?: RegisterOwners): Store {
    return storeFor(this.#operations, this.#ownKey, owners)
  }

  status(): ServiceStatus {
    const { group, self, stack, behaviour, data } = this.#init
    const { life } = this
    return {
      self,
      group: toHex(group.id),
      epoch: group.epoch,
      members: group.n,
      faulty: group.f,
      stack: stack.name,
      incarnation: this.incarnation,
      durability: data === undefined ? 'memory' : 'disk',
      behaviour: behaviour?.name ?? null,
      state: this.state,
      ready: this.ready,
      connected: this.connectivity.connected,
      unreachable: this.unreachableMembers,
      lagging: this.connectivity.lagging,
      cutOff: this.connectivity.cutOff,
      clients: this.connectivity.clients,
      delivered: group.ranks.map((sender) => life?.base(sender) ?? 0),
      waiting: this.#broadcasts.waiting,
      unacknowledged: this.#deliveries.size,
      faults: this.faultsTotal,
      counts: {
        ...(life?.counts ?? NO_COUNTS),
        broadcasts: this.#broadcasts.accepted,
        deliveries: this.#delivered
      }
    }
  }

  protected override makeLife(life: LifeInit, indications: HostIndications): MemberHost {
    const { data: _, record, ...init } = this.#init
    const guarded =
      record && guardedSink(record, (error) => this.log.error('the recording ends here - %e', error))
    return new MemberHost(
      { ...init, ...life, record: guarded },
      {
        ...indications,
        deliver: (delivery) => this.#deliver(delivery),
        ready: () => this.#broadcasts.ready()
      }
    )
  }

  protected override began({ durability }: OpenStore): void {
    this.#delivered = 0
    this.#broadcasts.begin()
    this.#deliveries.begin(durability, this.life?.next)
    const { self, group, stack } = this.#init
    this.log('member %d of group %s runs %s, life %d', self, toHex(group.id), stack.name, this.incarnation)
  }

  protected override ended(reason: Error, cause?: Error): void {
    this.#broadcasts.end(reason)
    this.#operations.end(reason)
    this.#deliveries.end(cause === undefined ? undefined : reason)
  }

  get #ownKey(): Uint8Array {
    const { group, self } = this.#init
    return group.publicKeys[self] as Uint8Array
  }

  #deliver(delivery: Delivery): void {
    this.#delivered++
    if (!this.#deliveries.push(delivery)) return
    // Deliveries are many, and most applications do not listen to them as events.
    if (this.listenerCount('delivery') === 0) return
    this.#deliveries.told(delivery.position)
    this.safeDispatchEvent('delivery', { detail: delivery })
  }
}
