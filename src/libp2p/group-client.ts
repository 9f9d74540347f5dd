/** The service of a client: the registers that members keep, over links of its own. */
import { toHex } from '../core/bytes.ts'
import { buildStack } from '../stacks/build.ts'
import type { ServedRegisters } from '../stacks/stack.ts'
import { servedRegisters } from '../stacks/with-storage.ts'
import type { OpenStore } from '../store/open-store.ts'
import type { ByzantineClientService, ClientStatus } from './client-service.ts'
import { GroupProcess, type GroupProcessInit, type LifeInit, NO_COUNTS } from './group-process.ts'
import { Host, type Hosted, type HostedInit, type HostIndications } from './host.ts'
import { Operations } from './operations.ts'
import { registerFor } from './register-operations.ts'
import type { Register, RegisterOwners } from './register-service.ts'
import type { ByzantineComponents, ProcessEvents } from './service.ts'
import { storeFor } from './store-operations.ts'
import type { Store } from './store-service.ts'

export interface GroupClientInit extends GroupProcessInit {
  readonly publicKey: Uint8Array
  /** Whether it may write without a data folder. */
  readonly writesInMemory: boolean
}

/** What stands on a client's links. */
interface Client extends Hosted {
  readonly registers: ServedRegisters
}

const READ_ONLY =
  'write: this client has no data folder, and a writer that loses what it has stored needs a new key: give it one ' +
  "(data), or name durability 'memory' to write with a key for one life"

export class GroupClient extends GroupProcess<ProcessEvents, Host<Client>> implements ByzantineClientService {
  readonly #init: GroupClientInit
  readonly #operations: Operations

  constructor(components: ByzantineComponents, init: GroupClientInit) {
    super(components, init)
    this.#init = init
    const mayWrite = init.data !== undefined || init.writesInMemory
    this.#operations = new Operations(
      () => {
        const life = this.running()
        const { registers } = life.hosted
        return { registers, turnSoon: () => life.turnSoon(), input: (handler) => life.input(handler) }
      },
      mayWrite ? undefined : READ_ONLY
    )
  }

  register(name: string, owners?: RegisterOwners): Register {
    return registerFor(this.#operations, this.#init.publicKey, name, owners)
  }

  store(owners?: RegisterOwners): Store {
    return storeFor(this.#operations, this.#init.publicKey, owners)
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
      state: this.state,
      ready: this.ready,
      connected: this.connectivity.connected,
      unreachable: this.unreachableMembers,
      lagging: this.connectivity.lagging,
      cutOff: this.connectivity.cutOff,
      operations: this.#operations.open,
      waiting: this.#operations.waiting,
      resuming: this.life?.hosted.registers.resuming ?? 0,
      faults: this.faultsTotal,
      counts: this.life?.counts ?? NO_COUNTS
    }
  }

  protected override makeLife(life: LifeInit, indications: HostIndications): Host<Client> {
    const { data: _, ...init } = this.#init
    return new Host({ ...init, ...life }, indications, (hosted) => this.#client(hosted))
  }

  protected override began(_: OpenStore): void {
    const { group, publicKey } = this.#init
    this.log('client %s of group %s, life %d', toHex(publicKey), toHex(group.id), this.incarnation)
  }

  protected override ended(reason: Error): void {
    this.#operations.end(reason)
  }

  #client({ env, connect }: HostedInit): Client {
    const { options } = this.#init
    const application = { resumed() {} }
    const built = buildStack({ env, stack: servedRegisters, options, connect, application })
    return { ports: built, registers: built.instance, start: () => built.instance.restore() }
  }
}
