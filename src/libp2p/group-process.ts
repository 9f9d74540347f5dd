/**
 * What the services of a member and of a client have in common: they own what outlives a start and a stop (faults,
 * landmarks, who is connected), and start a host for each life between them.
 */
import { type Logger, type Startable, serviceCapabilities } from '@libp2p/interface'
import { toHex } from '../core/bytes.ts'
import type { Fault } from '../core/fault.ts'
import { type Group, isMember, nameOf, type ProcessId } from '../core/group.ts'
import type { ServiceDeclaration } from '../core/service.ts'
import type { Services } from '../stacks/stack.ts'
import { openLevelStore } from '../store/level-store.ts'
import { beginLife, earlierLives } from '../store/life.ts'
import { openMemoryStore } from '../store/memory-store.ts'
import type { OpenStore } from '../store/open-store.ts'
import { Absences, type UnreachableMember } from './absences.ts'
import { Connectivity } from './connectivity.ts'
import { CountedFaults } from './counted-faults.ts'
import { type Encryption, encryptionOf } from './encryption.ts'
import { NotStartedError, ProcessStoppedError } from './errors.ts'
import { GuardedEvents } from './guarded-events.ts'
import type { Host, HostCounts, Hosted, HostIndications, HostInit } from './host.ts'
import { loggedIndications } from './logged-indications.ts'
import type { AnyService, ServiceRequests, Told } from './offered-service.ts'
import type { OfferedServices, OfferedServicesInit } from './offered-services.ts'
import { registerFor } from './register-operations.ts'
import type { Register, RegisterOwners, RegisterService } from './register-service.ts'
import type { ReplicaService, ReplicatedMachine } from './replica-service.ts'
import type { ByzantineComponents, CountedFault, ProcessEvents, ProcessState } from './service.ts'
import { storeFor } from './store-operations.ts'
import type { Store, StoreService } from './store-service.ts'
import type { WaitOptions } from './waits.ts'

/** What differs from life to life. */
export type LifeInit = Pick<HostInit, 'components' | 'store' | 'incarnation' | 'earlierLives'>

export interface GroupProcessInit extends Omit<HostInit, keyof LifeInit> {
  readonly data: string | undefined
}

/** What stands on the links of a process of a group. */
export interface HostedServices extends Hosted {
  /** Components, by the names of the services that they are. */
  readonly services: Services
}

/** Where there is no life. */
export const NO_COUNTS: HostCounts = {
  framesIn: 0,
  framesOut: 0,
  framesLost: 0,
  bytesIn: 0,
  bytesOut: 0,
  messagesIn: 0,
  messagesOut: 0,
  turns: 0,
  commits: 0,
  writes: 0,
  verifications: 0
}

/** How often it is looked at who is to be told of, in milliseconds. */
const ABSENCE_CHECK_MS = 1000

export abstract class GroupProcess<
    E extends ProcessEvents & Record<keyof E & string, Event>,
    H extends HostedServices
  >
  extends GuardedEvents<E>
  implements Startable, AnyService, RegisterService, StoreService, ReplicaService
{
  protected readonly connectivity: Connectivity
  protected readonly log: Logger
  readonly #components: ByzantineComponents
  readonly #init: GroupProcessInit
  readonly #faults = new CountedFaults()
  readonly #absences: Absences
  #absenceTimer: ReturnType<typeof setInterval> | undefined
  readonly #landmarks = new Map<string, number>()
  #state: ProcessState = 'stopped'
  #incarnation = 0
  #life: Host<H> | undefined
  #starting: Promise<void> | undefined
  #stopping: Promise<void> | undefined

  constructor(components: ByzantineComponents, init: GroupProcessInit) {
    const log = components.logger.forComponent('byzkit:service')
    super((event, error) => log.error('a listener to %s failed - %e', event, error))
    this.log = log
    this.#components = components
    this.#init = init
    const { group, self, members } = init
    this.#absences = new Absences(
      members.filter(({ rank }) => rank !== self),
      (member) => member > self || !isMember(group, self)
    )
    this.connectivity = new Connectivity(group, self, {
      connected: (peer) => {
        this.#absences.connected(peer)
        this.log('connected with %s', nameOf(group, peer))
        this.#tell('member:connect', peer)
      },
      disconnected: (peer) => {
        this.#absences.disconnected(peer)
        this.log('not connected with %s any more%s', nameOf(group, peer), this.ready ? '' : ': not ready')
        this.#tell('member:disconnect', peer)
      },
      ready: () => {
        this.log('ready: connected with a quorum')
        this.#tell('ready', undefined)
      }
    })
  }

  /** As other services of libp2p name what they offer. */
  abstract readonly [Symbol.toStringTag]: string
  abstract readonly [serviceCapabilities]: readonly string[]
  protected abstract readonly offered: OfferedServices
  /** Whose registers its own are. */
  protected abstract readonly publicKey: Uint8Array
  protected abstract makeLife(life: LifeInit, indications: HostIndications): Host<H>
  /** A new life, before it starts. */
  protected abstract began(store: OpenStore): void
  /** No life any more; `cause` if it did not end by `stop`. Called after the last of it is durable. */
  protected abstract ended(reason: Error, cause?: Error): void

  /** What it is, in some words; its state is added. */
  protected abstract describe(): string
  /** Called every second of a life. */
  protected watch(): void {}

  /** As `console.log` shows it. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    const { connected } = this.connectivity
    const state = this.#state === 'running' && this.ready ? 'ready' : this.#state
    const present = connected.length === 0 ? 'nobody' : connected.join(', ')
    return `byzkit ${this.describe()}, group ${toHex(this.group.id.subarray(0, 4))}: ${state}, connected with ${present}, ${this.faultsTotal} faults seen`
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
    return this.connectivity.connected
  }

  /** What the node's connections are encrypted with. */
  protected get encryption(): readonly Encryption[] {
    return encryptionOf(this.#components.upgrader)
  }

  get unreachableMembers(): readonly UnreachableMember[] {
    return this.#absences.list
  }

  get ready(): boolean {
    return this.#state === 'running' && this.connectivity.ready
  }

  get faults(): readonly CountedFault[] {
    return this.#faults.list
  }

  get landmarks(): ReadonlyMap<string, number> {
    return this.#landmarks
  }

  whenReady(options: WaitOptions = {}): Promise<void> {
    return this.connectivity.whenReady(options)
  }

  service<const S extends ServiceDeclaration>(declaration: S): ServiceRequests<S> {
    return this.offered.service(declaration)
  }

  indications<const S extends ServiceDeclaration>(
    declaration: S,
    options?: WaitOptions
  ): AsyncIterable<Told<S>> {
    return this.offered.indications(declaration, options)
  }

  register(name: string, owners?: RegisterOwners): Register {
    return registerFor(this.offered, this.publicKey, name, owners)
  }

  store(owners?: RegisterOwners): Store {
    return storeFor(this.offered, this.publicKey, owners)
  }

  abstract replica(): ReplicatedMachine

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

  // For the services.

  protected get state(): ProcessState {
    return this.#state
  }

  protected get life(): Host<H> | undefined {
    return this.#life
  }

  protected get faultsTotal(): number {
    return this.#faults.total
  }

  /** @throws {NotStartedError} */
  protected running(): Host<H> {
    if (this.#state === 'running' && this.#life !== undefined) return this.#life
    throw new NotStartedError(`the service is ${this.#state}`)
  }

  /** Where requests of the application go, and what it has consumed. */
  protected get lives(): Pick<OfferedServicesInit, 'running' | 'soon'> {
    return {
      running: () => {
        const life = this.running()
        return {
          services: life.hosted.services,
          turnSoon: () => life.turnSoon(),
          input: (handler) => life.input(handler)
        }
      },
      soon: (handler) => {
        const { life } = this
        life?.soon(() => handler(life.hosted.services))
      }
    }
  }

  #tell<K extends keyof ProcessEvents>(type: K, detail: ProcessEvents[K]['detail']): void {
    this.safeDispatchEvent(type, { detail })
  }

  async #start(): Promise<void> {
    await this.#stopping
    this.#state = 'starting'
    try {
      // After a crash, this lets go of the data folder.
      await this.#life?.stop()
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
    const life = await this.#makeLife(store)
    this.#life = life
    this.began(store)
    this.#state = 'running'
    this.#watchAbsences()
    try {
      await life.start()
    } catch (error) {
      await life.stop()
      throw error
    }
  }

  async #makeLife(store: OpenStore): Promise<Host<H>> {
    try {
      const lives = earlierLives(store)
      // The wall clock's number is a new one, whatever the store has lost: in memory everything.
      this.#incarnation = await beginLife(store, Date.now())
      const life = {
        components: this.#components,
        store,
        incarnation: this.#incarnation,
        earlierLives: lives
      }
      return this.makeLife(life, loggedIndications(this.#indications(), this.log, this.group))
    } catch (error) {
      await store.close()
      throw error
    }
  }

  async #stop(): Promise<void> {
    await this.#starting?.catch(() => {})
    if (this.#state === 'stopped') return
    this.#state = 'stopping'
    // First what was accepted becomes durable, so that nothing is said to have failed which has not.
    await this.#life?.stop()
    this.#end(new NotStartedError('the service was stopped'))
    this.#state = 'stopped'
  }

  #crashed(cause: Error): void {
    this.#state = 'crashed'
    this.log.error('%s stopped as in a crash - %e', nameOf(this.group, this.self), cause)
    this.#end(new ProcessStoppedError(`the process stopped: ${cause.message}`, { cause }), cause)
    this.#tell('crash', cause)
    // Peers see it gone, and its data folder can be opened again.
    this.#life?.stop().catch((failure) => this.log.error('stopping failed - %e', failure))
  }

  #end(reason: Error, cause?: Error): void {
    clearInterval(this.#absenceTimer)
    this.#absences.end()
    this.connectivity.end(reason)
    this.ended(reason, cause)
  }

  #watchAbsences(): void {
    this.#absences.begin()
    clearInterval(this.#absenceTimer)
    this.#absenceTimer = setInterval(() => {
      for (const unreachable of this.#absences.takeDue()) this.#tell('member:unreachable', unreachable)
      this.watch()
    }, ABSENCE_CHECK_MS)
  }

  #indications(): HostIndications {
    const { connectivity } = this
    return {
      fault: (fault) => this.#fault(fault),
      landmark: (name) => this.#landmarks.set(name, (this.#landmarks.get(name) ?? 0) + 1),
      opened: (peer) => {
        this.#absences.setOpen(peer, true)
        connectivity.opened(peer)
      },
      closed: (peer) => {
        connectivity.closed(peer)
        this.#absences.setOpen(peer, false)
      },
      dialFailed: (peer, address, error) => this.#absences.dialFailed(peer, address, error),
      sessionStarted: (peer) => connectivity.sessionStarted(peer),
      sessionEnded: (peer, reason) => connectivity.sessionEnded(peer, reason),
      estranged: (peer) => connectivity.sessionEnded(peer, 'refused'),
      reconciled: (peer) => connectivity.sessionStarted(peer),
      lagging: (peer) => {
        connectivity.setLagging(peer, true)
        if (peer < this.group.n) this.#tell('member:lagging', peer)
      },
      recovered: (peer) => {
        connectivity.setLagging(peer, false)
        if (peer < this.group.n) this.#tell('member:recovered', peer)
      },
      cutOff: (peer, until) => {
        connectivity.setCutOff(peer, until)
        this.log.error('%s is cut off until %s', nameOf(this.group, peer), new Date(until).toISOString())
        this.#tell('cut-off', { process: peer, until })
      },
      stopped: (cause) => this.#crashed(cause)
    }
  }

  #fault(fault: Fault): void {
    this.#absences.fault(fault)
    const news = this.#faults.add(fault)
    if (news === undefined) return
    const { process, kind, certainty, detail } = fault
    const log = news === 'new' ? this.log.error : this.log
    log('%s: %s (%s): %s', nameOf(this.group, process), kind, certainty, detail)
    // A component may be in the middle of handling an event: the application is told after the turn.
    queueMicrotask(() => this.#tell('fault', fault))
  }
}
