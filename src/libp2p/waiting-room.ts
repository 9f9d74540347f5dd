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

/**
 * Connections in the room from where members are known to be; as many as the group has processes if these are more, who
 * may all come at once. So many that a member is in it for long enough, however fast strangers come: a busy member
 * accepts some thousand connections a second.
 */
export const WAITING_CONNECTIONS_MAX = 1024

/** And from everywhere else. */
export const WAITING_ELSEWHERE_MAX = 256

/** How long a connection may take to say who it is, in milliseconds. */
export const WAITING_MS_MAX = 3000

interface Part {
  readonly max: number
  readonly waiting: Map<MultiaddrConnection, ReturnType<typeof setTimeout>>
}

export class WaitingRoom {
  readonly #hosts: ReadonlySet<string>
  readonly #known: Part
  readonly #elsewhere: Part
  /** The host from which a process of the group last said who it is: one for each, so that none can claim many. */
  readonly #lastHosts = new Map<string, string>()

  /** @param hosts - the IP addresses of the group file */
  constructor(hosts: ReadonlySet<string>, processes: number) {
    this.#hosts = hosts
    this.#known = { max: Math.max(WAITING_CONNECTIONS_MAX, processes), waiting: new Map() }
    this.#elsewhere = { max: Math.max(WAITING_ELSEWHERE_MAX, processes), waiting: new Map() }
  }

  enter(connection: MultiaddrConnection): void {
    const { max, waiting } = this.#isKnown(hostOf(connection)) ? this.#known : this.#elsewhere
    const [oldest] = waiting.keys()
    if (oldest !== undefined && waiting.size >= max) this.#dismiss(oldest, 'newer connections need its place')
    const late = () => this.#dismiss(connection, 'did not say in time who it is')
    waiting.set(connection, setTimeout(late, WAITING_MS_MAX))
    connection.addEventListener('close', () => this.leave(connection), { once: true })
  }

  /** It is closed, or has said who it is. */
  leave(connection: MultiaddrConnection): void {
    for (const { waiting } of [this.#known, this.#elsewhere]) {
      clearTimeout(waiting.get(connection))
      waiting.delete(connection)
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
