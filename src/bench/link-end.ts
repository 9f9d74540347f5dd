/**
 * One end of an authenticated link over libp2p: a process, links and a transport, as a host composes them, with
 * nothing above. It treats messages as the end of a floor does (floor-ends.ts).
 */
import { environmentOf } from '../core/environments.ts'
import { createGroup, type ProcessId } from '../core/group.ts'
import { Process } from '../core/process.ts'
import { silentObserver } from '../core/trace.ts'
import { defaultBackend } from '../crypto/index.ts'
import { memberCrypto } from '../crypto/member-crypto.ts'
import { RealClock } from '../libp2p/real-clock.ts'
import { secureRandom } from '../libp2p/secure-random.ts'
import { Libp2pTransport, type TransportComponents, type TransportMember } from '../libp2p/transport.ts'
import { AuthenticatedLinks } from '../links/authenticated-links.ts'
import { openMemoryStore } from '../store/memory-store.ts'
import { stableStore } from '../store/stable-store.ts'

export interface LinkEndInit {
  readonly self: ProcessId
  readonly seed: Uint8Array
  readonly publicKeys: readonly Uint8Array[]
  readonly groupId: Uint8Array
  readonly members: readonly TransportMember[]
  readonly deliver: (message: Uint8Array) => void
  readonly sessionStarted: () => void
}

export class LinkEnd {
  readonly #process: Process
  readonly #links: AuthenticatedLinks
  readonly #transport: Libp2pTransport
  readonly #peer: ProcessId
  /** Frames sent, with their tags and without the transport's framing. */
  readonly sent = { frames: 0, bytes: 0 }

  constructor(components: TransportComponents, init: LinkEndInit) {
    const { self, seed, publicKeys, groupId, members } = init
    this.#peer = 1 - self
    const group = createGroup({ id: groupId, f: 0, publicKeys })
    const store = openMemoryStore()
    const fail = (cause: Error) => {
      throw cause
    }
    const running = new Process({ journal: store.journal, onStop: fail })
    this.#process = running
    const input = (handler: () => void) => running.input(handler)
    const env = environmentOf(running, {
      self,
      incarnation: 1,
      fresh: true,
      group,
      clock: new RealClock(input),
      random: secureRandom,
      crypto: memberCrypto(defaultBackend, group, seed),
      store: stableStore(running, store),
      observer: silentObserver
    })
    this.#transport = new Libp2pTransport(components, {
      self,
      members,
      groupId,
      genesis: groupId,
      random: secureRandom,
      turn: input,
      frame: (from, bytes) => input(() => this.#links.receive(from, bytes)),
      connected: (peer) => input(() => this.#links.connected(peer)),
      disconnected: (peer) => input(() => this.#links.disconnected(peer)),
      refused: () => {}
    })
    this.#links = new AuthenticatedLinks(
      env,
      'links',
      {
        transport: {
          send: (to, frame) => {
            this.sent.frames++
            this.sent.bytes += frame.length
            this.#transport.send(to, frame)
          }
        },
        fingerprint: () => new Uint8Array(32),
        earlierLives: []
      },
      {
        deliver: (_, message) => init.deliver(message),
        sessionStarted: () => init.sessionStarted(),
        sessionEnded: (_, reason) => fail(new Error(`the session ended: ${reason}`)),
        lagging: () => {},
        recovered: () => {}
      }
    )
  }

  async start(): Promise<void> {
    this.#process.input(() => this.#links.start())
    await this.#transport.start()
  }

  /** One turn, in which `handler` sends. */
  turn(handler: () => void): void {
    this.#process.input(handler)
  }

  send(message: Uint8Array): void {
    this.#links.send(this.#peer, message)
  }
}
