/**
 * The room for inbound connections that have not said yet who they are. Nobody can tell a member from a stranger
 * before its key is authenticated, so nobody is turned away at the door: when the room is full, whoever has been in it
 * for longest leaves it. A member says who it is in a few turns of the event loop, in each of which one connection is
 * accepted; a stranger would have to stay silent faster than that.
 *
 * The room has two parts, so that strangers from elsewhere do not press on connections from where members are known to
 * be: the addresses of the group file, and those from which a process of the group last said who it is.
 */
import type { MultiaddrConnection, PeerId } from '@libp2p/interface'

/** Connections in each part of the room; as many as the group has processes if these are more, who may all come at once. */
export const WAITING_CONNECTIONS_MAX = 256

/** How long a connection may take to say who it is, in milliseconds. */
export const WAITING_MS_MAX = 3000

type Part = Map<MultiaddrConnection, ReturnType<typeof setTimeout>>

export class WaitingRoom {
  readonly #hosts: ReadonlySet<string>
  readonly #partMax: number
  readonly #ofMembers: Part = new Map()
  readonly #ofOthers: Part = new Map()
  /** The host from which a process of the group last said who it is: one for each, so that none can claim many. */
  readonly #lastHosts = new Map<string, string>()

  /** @param hosts - the IP addresses of the group file */
  constructor(hosts: ReadonlySet<string>, processes: number) {
    this.#hosts = hosts
    this.#partMax = Math.max(WAITING_CONNECTIONS_MAX, processes)
  }

  /** How many connections are in it. */
  get size(): number {
    return this.#ofMembers.size + this.#ofOthers.size
  }

  enter(connection: MultiaddrConnection): void {
    const part = this.#isKnown(hostOf(connection)) ? this.#ofMembers : this.#ofOthers
    const [oldest] = part.keys()
    if (oldest !== undefined && part.size >= this.#partMax)
      this.#dismiss(oldest, 'newer connections need its place')
    const late = () => this.#dismiss(connection, 'did not say in time who it is')
    part.set(connection, setTimeout(late, WAITING_MS_MAX))
    connection.addEventListener('close', () => this.leave(connection), { once: true })
  }

  /** It is closed, or has said who it is. */
  leave(connection: MultiaddrConnection): void {
    for (const part of [this.#ofMembers, this.#ofOthers]) {
      clearTimeout(part.get(connection))
      part.delete(connection)
    }
  }

  /** A process of the group is where that connection comes from. */
  remember(peer: PeerId, connection: MultiaddrConnection): void {
    this.#lastHosts.set(peer.toString(), hostOf(connection))
  }

  #isKnown(host: string): boolean {
    return this.#hosts.has(host) || [...this.#lastHosts.values()].includes(host)
  }

  #dismiss(connection: MultiaddrConnection, why: string): void {
    this.leave(connection)
    connection.abort(new Error(why))
  }
}

const hostOf = ({ remoteAddr }: MultiaddrConnection): string => remoteAddr.getComponents()[0]?.value ?? ''
