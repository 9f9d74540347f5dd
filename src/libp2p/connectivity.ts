/**
 * With which members this process is connected: an authenticated session over an open connection. A session outlives a
 * cut connection, and a connection says nothing about who speaks for the group at its other end; it takes both. Of
 * clients it is only known how many are connected.
 */
import { type Group, isMember, type ProcessId } from '../core/group.ts'
import type { CutOffPeer } from './service.ts'
import { givenUp, onGivenUp, requireWait, type WaitOptions } from './waits.ts'

export interface ConnectivityIndications {
  connected(peer: ProcessId): void
  disconnected(peer: ProcessId): void
  /** Connected to a quorum from now on. */
  ready(): void
}

export class Connectivity {
  readonly #group: Group
  readonly #self: ProcessId
  readonly #indications: ConnectivityIndications
  readonly #open = new Set<ProcessId>()
  readonly #sessions = new Set<ProcessId>()
  readonly #lagging = new Set<ProcessId>()
  /** Until when, milliseconds since 1970. */
  readonly #cutOff = new Map<ProcessId, number>()
  readonly #connected = new Set<ProcessId>()
  readonly #waiting = new Set<PromiseWithResolvers<void>>()
  #ready: boolean

  constructor(group: Group, self: ProcessId, indications: ConnectivityIndications) {
    this.#group = group
    this.#self = self
    this.#indications = indications
    this.#ready = this.#isQuorum()
  }

  /** Members. */
  get connected(): readonly ProcessId[] {
    return sorted(this.#members(this.#connected))
  }

  /** Members. */
  get lagging(): readonly ProcessId[] {
    return sorted(this.#members(this.#lagging))
  }

  /** Members and clients that are cut off now. */
  get cutOff(): readonly CutOffPeer[] {
    const all = [...this.#cutOff].map(([process, until]) => ({ process, until }))
    return all.filter(({ until }) => until > Date.now())
  }

  get clients(): number {
    return this.#connected.size - this.#members(this.#connected).length
  }

  get ready(): boolean {
    return this.#ready
  }

  opened(peer: ProcessId): void {
    this.#open.add(peer)
    this.#update(peer)
  }

  closed(peer: ProcessId): void {
    this.#open.delete(peer)
    this.#update(peer)
  }

  sessionStarted(peer: ProcessId): void {
    this.#sessions.add(peer)
    this.#update(peer)
  }

  sessionEnded(peer: ProcessId, reason: string): void {
    // The session that replaces it begins at once: nobody was away.
    if (reason === 'replaced') return
    this.#sessions.delete(peer)
    this.#update(peer)
  }

  setLagging(peer: ProcessId, lagging: boolean): void {
    if (lagging) this.#lagging.add(peer)
    else this.#lagging.delete(peer)
  }

  /** Nothing of `peer` is read until then, milliseconds since 1970. */
  setCutOff(peer: ProcessId, until: number): void {
    this.#cutOff.set(peer, until)
  }

  async whenReady(options: WaitOptions): Promise<void> {
    const wait = requireWait({ what: 'wait for a quorum', late: 'found none' }, options)
    const waiting = Promise.withResolvers<void>()
    const isOver = onGivenUp(wait, (why) => waiting.reject(givenUp(wait, why, true)))
    if (this.#ready) waiting.resolve()
    this.#waiting.add(waiting)
    try {
      await waiting.promise
    } finally {
      this.#waiting.delete(waiting)
      isOver()
    }
  }

  /** This member has stopped: nobody is connected, and who waits does so in vain. */
  end(reason: Error): void {
    this.#open.clear()
    this.#sessions.clear()
    this.#lagging.clear()
    this.#cutOff.clear()
    this.#connected.clear()
    this.#ready = this.#isQuorum()
    for (const waiting of this.#waiting) waiting.reject(reason)
  }

  #update(peer: ProcessId): void {
    const connected = this.#open.has(peer) && this.#sessions.has(peer)
    if (connected === this.#connected.has(peer)) return
    if (connected) this.#connected.add(peer)
    else this.#connected.delete(peer)
    if (!isMember(this.#group, peer)) return
    const wasReady = this.#ready
    this.#ready = this.#isQuorum()
    if (connected) this.#indications.connected(peer)
    else this.#indications.disconnected(peer)
    if (!this.#ready || wasReady) return
    this.#indications.ready()
    for (const waiting of this.#waiting) waiting.resolve()
  }

  #isQuorum(): boolean {
    const own = isMember(this.#group, this.#self) ? 1 : 0
    return this.#members(this.#connected).length + own >= this.#group.quorum.byzantine
  }

  #members(peers: ReadonlySet<ProcessId>): ProcessId[] {
    return [...peers].filter((peer) => isMember(this.#group, peer))
  }
}

const sorted = (peers: readonly ProcessId[]): ProcessId[] => [...peers].sort((a, b) => a - b)
