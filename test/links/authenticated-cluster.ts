/** A cluster of processes that hold nothing but authenticated links, and what those indicated. */
import type { Environment } from '../../src/core/environment.ts'
import type { Fault } from '../../src/core/fault.ts'
import type { ProcessId } from '../../src/core/group.ts'
import { AuthenticatedLinks, type AuthenticatedLinksInit } from '../../src/links/authenticated-links.ts'
import type { BudgetBounds } from '../../src/links/budget.ts'
import { encodeHandshakeContext, wireRank } from '../../src/links/contexts.ts'
import { type HandshakeFrame, openFrame, sealFrame } from '../../src/links/frames.ts'
import type { Transport } from '../../src/links/transport.ts'
import { extent } from '../extent.ts'
import { Cluster, type Cryptography, type Frame, type NetworkInit } from './harness.ts'

export interface Indication {
  readonly name:
    | 'deliver'
    | 'sessionStarted'
    | 'sessionEnded'
    | 'estranged'
    | 'reconciled'
    | 'lagging'
    | 'recovered'
    | 'cutOff'
  readonly peer: ProcessId
  readonly text: string
}

export class AuthenticatedNode extends AuthenticatedLinks {
  indications: Indication[] = []

  constructor(env: Environment, init: AuthenticatedLinksInit) {
    const seen: Indication[] = []
    const see = (name: Indication['name'], peer: ProcessId, text = '') => seen.push({ name, peer, text })
    super(env, 'links', init, {
      deliver: (from, message) => see('deliver', from, Buffer.from(message).toString('latin1')),
      sessionStarted: (peer) => see('sessionStarted', peer),
      sessionEnded: (peer, reason) => see('sessionEnded', peer, reason),
      estranged: (peer) => see('estranged', peer),
      reconciled: (peer) => see('reconciled', peer),
      lagging: (peer) => see('lagging', peer),
      recovered: (peer) => see('recovered', peer),
      cutOff: (peer, forMs) => see('cutOff', peer, `${forMs} ms`)
    })
    this.indications = seen
  }

  delivered(from: ProcessId): string[] {
    return this.indications
      .filter(({ name, peer }) => name === 'deliver' && peer === from)
      .map(({ text }) => text)
  }

  count(name: Indication['name'], peer: ProcessId): number {
    return this.indications.filter((indication) => indication.name === name && indication.peer === peer)
      .length
  }
}

export interface AuthenticatedClusterInit extends NetworkInit {
  authenticator?: 'hmac' | 'ed25519'
  unackedBytesMax?: number
  sessionlessWork?: BudgetBounds
  fingerprintOf?: (rank: ProcessId, peer: ProcessId) => Uint8Array
}

type Authentication = readonly ['hmac' | 'ed25519', Cryptography]

const QUICK: readonly Authentication[] = [
  ['hmac', 'of tests'],
  ['ed25519', 'of tests'],
  ['hmac', 'real']
]

/** How frames are authenticated, and by which cryptography. */
export const AUTHENTICATIONS = extent<readonly Authentication[]>(QUICK, [...QUICK, ['ed25519', 'real']])

const FINGERPRINT = Uint8Array.of(1, 2, 3)

export class AuthenticatedCluster extends Cluster<AuthenticatedNode> {
  readonly tagBytes: number
  /** `at < from` where process `at` wants no more frames of `from` for now. */
  readonly pressed: Set<string>

  constructor(init: AuthenticatedClusterInit) {
    const { authenticator = 'hmac', unackedBytesMax, sessionlessWork } = init
    const { fingerprintOf = () => FINGERPRINT } = init
    const pressed = new Set<string>()
    super(init, (env, { send }, earlierLives) => {
      const transport: Transport = {
        send,
        press: (peer, isPressed) => {
          if (isPressed) pressed.add(`${env.self} < ${peer}`)
          else pressed.delete(`${env.self} < ${peer}`)
        }
      }
      const fingerprint = (peer: ProcessId) => fingerprintOf(env.self, peer)
      const bounds = {
        ...(unackedBytesMax === undefined ? {} : { unackedBytesMax }),
        ...(sessionlessWork === undefined ? {} : { sessionlessWork })
      }
      const observer = {
        ...env.observer,
        fault: (fault: Fault) => {
          env.observer.fault(fault)
          node.blame(fault)
        }
      }
      const node: AuthenticatedNode = new AuthenticatedNode(
        { ...env, observer },
        { transport, fingerprint, earlierLives, authenticator, ...bounds }
      )
      return node
    })
    this.pressed = pressed
    this.tagBytes = authenticator === 'hmac' ? 32 : 64
  }

  /** Starts all links, says that all are connected, and lets sessions begin. */
  start(): this {
    for (const { rank } of this.nodes) this.startOne(rank)
    this.time.advance(50)
    return this
  }

  startOne(rank: ProcessId): void {
    this.node(rank).input((links) => {
      links.start()
      for (const { rank: peer } of this.nodes) links.connected(this.numberOf(rank, peer))
    })
  }

  /** A new life, started. */
  reborn(
    rank: ProcessId,
    how: { life?: number; amnesia?: boolean; previous?: number } = {}
  ): AuthenticatedNode {
    const { links } = this.restart(rank, how)
    this.startOne(rank)
    return links
  }

  /** All in one turn of the sender. */
  say(from: ProcessId, to: ProcessId, ...texts: string[]): void {
    this.node(from).input((links) => {
      for (const text of texts) links.send(this.numberOf(from, to), Buffer.from(text, 'latin1'))
    })
  }

  typeOf({ bytes }: Frame): string | undefined {
    return openFrame(bytes, this.tagBytes)?.frame.type
  }

  sent(type: string, from?: ProcessId): Frame[] {
    return this.recorded.filter((frame) => this.typeOf(frame) === type && (from ?? frame.from) === frame.from)
  }

  /** What every frame of member `from` says that begins a session. */
  hello(from: ProcessId) {
    const { group, incarnation } = this.node(from).env
    const earlier: readonly number[] = []
    return { group: group.id, epoch: group.epoch, fingerprint: FINGERPRINT, incarnation, earlier, seen: 0 }
  }

  /** A handshake frame that `from` makes for `to` as it likes: it has the keys for that. By HMAC. */
  forged(from: ProcessId, to: ProcessId, frame: HandshakeFrame): Frame {
    const { group, self, crypto } = this.node(from).env
    const peer = this.numberOf(from, to)
    const context = encodeHandshakeContext('links', wireRank(group, self), wireRank(group, peer))
    const key = crypto.macKey(peer, context)
    return { from, to, bytes: sealFrame(frame, (body) => key.tag(body)) }
  }

  /** Names of all faults that `rank` saw. */
  faults(rank: ProcessId): string[] {
    return this.node(rank).faults.map(({ kind, certainty }) => `${kind} ${certainty}`)
  }
}

export const numbered = (count: number, name = 'm') => Array.from({ length: count }, (_, i) => `${name}${i}`)
