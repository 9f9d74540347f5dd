/** A client or a member with valid keys that floods the members, as a process of its own: run by flood-group.ts. */
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import type { Environment } from '../../../core/environment.ts'
import { encode } from '../../../core/shapes.ts'
import { silentObserver } from '../../../core/trace.ts'
import { genesisShape, groupFromGenesis } from '../../../crypto/genesis.ts'
import type { GroupFile } from '../../../crypto/group-file.ts'
import { defaultBackend } from '../../../crypto/index.ts'
import { memberCrypto } from '../../../crypto/member-crypto.ts'
import { clientsOf, membersOf, toPrivateKey } from '../../../libp2p/identity.ts'
import { secureRandom } from '../../../libp2p/secure-random.ts'
import { DEFAULT_STACK } from '../../../libp2p/service.ts'
import { Libp2pTransport, type TransportComponents } from '../../../libp2p/transport.ts'
import { boundedYamux } from '../../../libp2p/transport-muxer.ts'
import { findBroadcastStack } from '../../../stacks/index.ts'
import { fingerprint, portsOf, terms } from '../../../stacks/paths.ts'
import { withStorage } from '../../../stacks/with-storage.ts'
import { createIdentity } from '../../identity.ts'
import { obeyParent } from '../children.ts'
import type { AttackerCommand, AttackerReport, AttackerSetup } from './flood-group.ts'
import type { FloodKind } from './kinds.ts'
import { type Offer, offerOf } from './offers.ts'
import { RawLink } from './raw-link.ts'

/** How often a full pipe is tried again, and a session asked for where there is none. */
const FULL_MS = 1
const ASK_MS = 200
/** Handshakes between two looks at whether the stream takes more. */
const HANDSHAKES_A_TURN = 64

let attacker: Attacker | undefined

class Attacker {
  readonly #node: Libp2p
  readonly #transport: Libp2pTransport
  readonly #env: Environment
  readonly #paths: readonly string[]
  readonly #victim: Uint8Array
  readonly #links = new Map<number, RawLink>()
  readonly #written = new Map<RawLink, number>()
  readonly #asking: ReturnType<typeof setInterval>
  #pump: ReturnType<typeof setTimeout> | undefined

  private constructor(
    node: Libp2p,
    components: TransportComponents,
    { group: file, seed, victim }: AttackerSetup
  ) {
    this.#node = node
    this.#victim = victim
    this.#env = environment(file, seed)
    const { group, self } = this.#env
    const stack = findBroadcastStack(DEFAULT_STACK)
    if (stack === undefined) throw new Error(`there is no ${DEFAULT_STACK}`)
    const ports = portsOf(this.#env, withStorage(stack), {})
    this.#paths = ports.paths
    const agreed = terms(ports, {}, 'hmac')
    for (const peer of group.ranks.filter((rank) => rank !== self)) {
      const link = new RawLink({
        env: this.#env,
        peer,
        fingerprint: fingerprint(this.#env, agreed, peer),
        transmit: (frame) => this.#transport.send(peer, frame)
      })
      this.#links.set(peer, link)
    }
    this.#transport = new Libp2pTransport(components, {
      self,
      members: membersOf(file),
      clients: clientsOf(group),
      groupId: group.id,
      genesis: encode(genesisShape, file.genesis),
      random: secureRandom,
      limits: { redialDelayMinMs: 10, redialDelayMaxMs: 50 },
      frame: (from, bytes) => this.#links.get(from)?.receive(bytes),
      connected: (peer) => this.#links.get(peer)?.connected(),
      disconnected: (peer) => this.#links.get(peer)?.disconnected(),
      refused() {}
    })
    this.#asking = setInterval(() => {
      for (const link of this.#links.values()) link.begin()
    }, ASK_MS)
  }

  static async start(setup: AttackerSetup): Promise<Attacker> {
    const node = await createLibp2p({
      privateKey: toPrivateKey(setup.seed),
      addresses: { listen: [] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [boundedYamux()],
      services: {
        identify: identify(),
        parts: (components: TransportComponents) => ({ components })
      }
    })
    const attacker = new Attacker(node, node.services.parts.components, setup)
    await attacker.#transport.start()
    return attacker
  }

  get connected(): boolean {
    return [...this.#links.values()].every(({ open }) => open)
  }

  /** Keeps the pipe to each member full of it, from now on. */
  attack(kind: FloodKind): void {
    for (const { counts } of this.#links.values())
      Object.assign(counts, { offered: 0, takenIn: 0, answered: 0, cutOff: 0 })
    const offer = kind === 'INIT' ? undefined : offerOf(kind, this.#offerInit())
    const pump = () => {
      for (const link of this.#links.values()) this.#fill(link, offer)
      // Whatever came meanwhile has its turn: acknowledgements make room.
      this.#pump = setTimeout(pump, FULL_MS)
    }
    pump()
  }

  report(): AttackerReport {
    const all = [...this.#links.values()].map(({ counts }) => counts)
    const sum = (name: keyof (typeof all)[number]) => all.reduce((total, counts) => total + counts[name], 0)
    return {
      offered: sum('offered'),
      takenIn: sum('takenIn'),
      answered: sum('answered'),
      cutOff: sum('cutOff'),
      members: all.length
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#asking)
    clearTimeout(this.#pump)
    await this.#transport.stop()
    await this.#node.stop()
  }

  /** As long as the stream takes it, and the receiver admits it. */
  #fill(link: RawLink, offer: Offer | undefined): void {
    const lost = this.#transport.framesLost
    const taken = () => this.#transport.framesLost === lost
    if (!link.open) return
    if (offer === undefined) {
      do for (let i = 0; i < HANDSHAKES_A_TURN && taken(); i++) link.writeHandshake()
      while (taken() && link.counts.offered % (8 * HANDSHAKES_A_TURN) !== 0)
      return
    }
    while (link.room > 0 && taken()) {
      const written = this.#written.get(link) ?? 0
      link.write(offer(written))
      this.#written.set(link, written + 1)
    }
  }

  #offerInit() {
    const { publicKey: stranger } = createIdentity()
    return { env: this.#env, paths: this.#paths, victim: this.#victim, stranger }
  }
}

/** What keys, statements and ports are made with; nothing else of a process is here. */
function environment(file: GroupFile, seed: Uint8Array): Environment {
  const own = defaultBackend.publicKey(seed)
  const rank = file.genesis.publicKeys.findIndex((key) => Buffer.compare(key, own) === 0)
  const group = groupFromGenesis(file.genesis, rank < 0 ? [own] : file.clients)
  const self = rank < 0 ? group.n : rank
  return {
    self,
    incarnation: Date.now(),
    fresh: true,
    group,
    clock: { now: () => performance.now(), setTimer: () => ({ cancel() {} }) },
    random: secureRandom,
    crypto: memberCrypto(defaultBackend, group, seed),
    store: { put() {}, delete() {}, restored: () => [], read() {} },
    observer: silentObserver,
    trigger() {},
    whenDurable: (effect) => effect(),
    onTurnEnd() {}
  }
}

async function obey(command: AttackerCommand): Promise<AttackerReport> {
  if (command.do === 'start') {
    attacker = await Attacker.start(command.setup)
    while (!attacker.connected) await new Promise((resolve) => setTimeout(resolve, ASK_MS / 10))
    return attacker.report()
  }
  if (attacker === undefined) throw new Error('not started')
  if (command.do === 'attack') attacker.attack(command.kind)
  const report = attacker.report()
  if (command.do === 'stop') await attacker.stop()
  return report
}

obeyParent(obey)
