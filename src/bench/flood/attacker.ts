/** A client or a member with valid keys that floods the members, as a process of its own: run by flood-group.ts. */
import { identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import type { Environment } from '../../core/environment.ts'
import { encode } from '../../core/shapes.ts'
import { genesisShape } from '../../crypto/genesis.ts'
import { clientsOf, membersOf, toPrivateKey } from '../../libp2p/identity.ts'
import { fastNoise } from '../../libp2p/noise-crypto.ts'
import { secureRandom } from '../../libp2p/secure-random.ts'
import { Libp2pTransport, type TransportComponents } from '../../libp2p/transport.ts'
import { boundedYamux } from '../../libp2p/transport-muxer.ts'
import { createIdentity } from '../../program/keys/identity.ts'
import { fingerprint, terms } from '../../stacks/paths.ts'
import { obeyParent } from '../children.ts'
import { attackerEnvironment, floodedPorts } from './attacker-environment.ts'
import type { AttackerCommand, AttackerReport, AttackerSetup } from './flood-group.ts'
import type { FloodKind } from './kinds.ts'
import { type Offer, offerOf } from './offers.ts'
import { RawLink } from './raw-link.ts'

/** How often a full pipe is tried again, with one batch, and a session asked for where there is none. */
const FULL_MS = 1
const ASK_MS = 200
/** More than any budget is in so short a time: the stream's buffer is not filled up with what it is to carry later. */
const HANDSHAKES_A_TURN = 512

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
    this.#env = attackerEnvironment(file, seed)
    const { group, self } = this.#env
    const ports = floodedPorts(this.#env)
    this.#paths = ports.paths
    const agreed = terms(ports.openPorts)
    for (const peer of group.ranks.filter((rank) => rank !== self)) {
      const link = new RawLink({
        env: this.#env,
        peer,
        fingerprint: fingerprint(this.#env, agreed, peer),
        transmit: (frame) => this.#transmit(peer, frame)
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
      connectionEncrypters: [(await fastNoise()).encrypter],
      streamMuxers: [boundedYamux()],
      // A member that is busy with what it was sent answers no ping in time: it is not the attacker that gives up.
      connectionMonitor: { enabled: false },
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
      Object.assign(counts, { offered: 0, takenIn: 0, answered: 0, ended: 0 })
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
      ended: sum('ended'),
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
    if (!link.open) return
    if (offer === undefined) {
      for (let i = 0; i < HANDSHAKES_A_TURN && link.writeHandshake(); i++);
      return
    }
    while (link.hasRoom) {
      const written = this.#written.get(link) ?? 0
      link.write(offer(written))
      this.#written.set(link, written + 1)
    }
    link.heldBack(offer(this.#written.get(link) ?? 0).messages)
  }

  #transmit(to: number, frame: Uint8Array): boolean {
    const lost = this.#transport.framesLost
    this.#transport.send(to, frame)
    return this.#transport.framesLost === lost
  }

  #offerInit() {
    const { publicKey: stranger } = createIdentity()
    return { env: this.#env, paths: this.#paths, victim: this.#victim, stranger }
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
