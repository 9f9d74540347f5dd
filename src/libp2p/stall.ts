/**
 * Why a member's own broadcasts do not come through, in words for people: it is looked at now and then, and told when
 * that begins, when the reason is another one, and when it is over.
 */
import type { ServiceStatus } from './service.ts'

/** So many looks in a row at which nothing had gone on are a stall. */
const LOOKS = 3

export class StallWatch {
  readonly #tell: (line: string) => void
  /** How many of its own broadcasts the member had delivered. */
  #delivered = 0
  #looks = 0
  #told: string | undefined

  constructor(tell: (line: string) => void) {
    this.#tell = tell
  }

  /** To be called every second, or so, of a life. */
  look(status: ServiceStatus): void {
    const delivered = status.deliveriesOf[status.self] ?? 0
    const stands = pendingOf(status) !== undefined && delivered === this.#delivered
    this.#delivered = delivered
    this.#looks = stands ? this.#looks + 1 : 0
    const stall = this.#looks < LOOKS ? undefined : `${pendingOf(status)}: ${reasonOf(status)}`
    if (stall === this.#told) return
    this.#told = stall
    this.#tell(stall === undefined ? 'stalled no more' : `stalled: ${stall}`)
  }
}

/** What was asked for and is not done; undefined if nothing is. */
function pendingOf({ waiting, counts, deliveriesOf, self }: ServiceStatus): string | undefined {
  const underWay = counts.broadcasts - (deliveriesOf[self] ?? 0)
  if (waiting > 0) return `${waiting} broadcasts wait for the window`
  return underWay > 0 ? `${underWay} broadcasts are under way` : undefined
}

/** The nearest cause first: nothing goes on without a quorum, and a full window of this member is its application's. */
function reasonOf(status: ServiceStatus): string {
  const { ready, connected, unreachable, unacknowledged, lagging, members } = status
  if (!ready) {
    const absent = unreachable.map(({ member, reason }) => `member ${member}: ${reason}`).join('; ')
    return `no quorum, ${connected.length} of ${members - 1} others are connected (${absent})`
  }
  if (unacknowledged > 0) return `${unacknowledged} deliveries wait for the application to consume them`
  if (lagging.length > 0) return `members ${lagging.join(', ')} do not keep up`
  return 'the other members have not delivered them yet'
}
