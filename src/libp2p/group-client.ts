/** The service of a client: what members offer to processes that are none, over links of its own. */
import { serviceCapabilities } from '@libp2p/interface'
import { toHex } from '../core/bytes.ts'
import { buildStack, type StackInit } from '../stacks/build.ts'
import type { AnyApplication, Services, StackInstance, StackOptions } from '../stacks/stack.ts'
import type { OpenStore } from '../store/open-store.ts'
import { clientMetrics, type MeasuredClient } from './client-metrics.ts'
import type { ByzantineClientService, ClientStatus } from './client-service.ts'
import {
  GroupProcess,
  type GroupProcessInit,
  type HostedServices,
  type LifeInit,
  NO_COUNTS
} from './group-process.ts'
import { Host, type HostedInit, type HostIndications } from './host.ts'
import { OfferedServices } from './offered-services.ts'
import { PublishedMetrics } from './published-metrics.ts'
import { replicaFor } from './replica-operations.ts'
import type { ReplicatedMachine } from './replica-service.ts'
import type { ByzantineComponents, ProcessEvents } from './service.ts'

/** What a client builds: a stack with clients, or what live members keep beside theirs. */
export type ClientStack = StackInit<AnyApplication, StackInstance<object>>['stack']

export interface GroupClientInit extends GroupProcessInit {
  readonly publicKey: Uint8Array
  readonly stack: ClientStack
  readonly options: StackOptions
  /** Whether it may write without a data folder. */
  readonly writesInMemory: boolean
}

/** What stands on a client's links. */
interface Client extends HostedServices {
  /** Operations of an earlier life that are being finished. */
  readonly resuming: number
}

const READ_ONLY =
  'write: this client has no data folder, and a writer that loses what it has stored needs a new key: give it one ' +
  "(data), or name durability 'memory' to write with a key for one life"

/** See that of a member. */
const CLIENT_CAPABILITY = '@byzkit/client'

export class GroupClient extends GroupProcess<ProcessEvents, Client> implements ByzantineClientService {
  override readonly [Symbol.toStringTag] = CLIENT_CAPABILITY
  override readonly [serviceCapabilities] = [CLIENT_CAPABILITY]
  protected override readonly offered: OfferedServices
  protected override readonly publicKey: Uint8Array
  readonly #init: GroupClientInit
  readonly #metrics: PublishedMetrics<MeasuredClient> | undefined

  constructor(components: ByzantineComponents, init: GroupClientInit) {
    super(components, init)
    this.#init = init
    this.publicKey = init.publicKey
    const mayWrite = init.data !== undefined || init.writesInMemory
    this.offered = new OfferedServices({
      ...this.lives,
      stack: init.stack,
      readOnly: mayWrite ? undefined : READ_ONLY
    })
    const { metrics } = components
    this.#metrics = metrics && new PublishedMetrics<MeasuredClient>(metrics, this, clientMetrics)
  }

  status(): ClientStatus {
    const { group, publicKey, data } = this.#init
    return {
      client: toHex(publicKey),
      group: toHex(group.id),
      epoch: group.epoch,
      members: group.n,
      faulty: group.f,
      incarnation: this.incarnation,
      durability: data === undefined ? 'memory' : 'disk',
      encryption: this.encryption,
      state: this.state,
      ready: this.ready,
      connected: this.connectivity.connected,
      unreachable: this.unreachableMembers,
      lagging: this.connectivity.lagging,
      cutOff: this.connectivity.cutOff,
      operations: this.offered.open,
      waiting: this.offered.waiting,
      resuming: this.life?.hosted.resuming ?? 0,
      faults: this.faultsTotal,
      counts: this.life?.counts ?? NO_COUNTS
    }
  }

  protected override makeLife(life: LifeInit, indications: HostIndications): Host<Client> {
    const { data: _, ...init } = this.#init
    return new Host({ ...init, ...life }, indications, (hosted) => this.#client(hosted))
  }

  override replica(): ReplicatedMachine {
    return replicaFor(this.offered)
  }

  protected override began(_: OpenStore): void {
    this.offered.begin()
    this.#metrics?.begin()
    const { group, publicKey } = this.#init
    this.log('client %s of group %s, life %d', toHex(publicKey), toHex(group.id), this.incarnation)
  }

  protected override describe(): string {
    const { group, stack } = this.#init
    return `client of ${group.n} members, f = ${group.f}, ${stack.name}`
  }

  protected override ended(reason: Error, cause?: Error): void {
    this.offered.end(reason, cause)
    this.#metrics?.end()
  }

  #client({ env }: HostedInit): Client {
    const { stack, options } = this.#init
    const application = this.offered.application as AnyApplication
    const built = buildStack({ env, stack, options, application })
    const { instance } = built
    return {
      openPorts: built.openPorts,
      indications: built.indications,
      attach: (carrier) => built.attach(carrier),
      services: instance.services as Services,
      get resuming() {
        return instance.resuming ?? 0
      },
      start: () => instance.restore()
    }
  }
}
