/** Which members a client has reached, in a few words: for an operation that got no answers. */
import type { UnreachableMember } from '../../libp2p/absences.ts'
import type { ClientStatus } from '../../libp2p/client-service.ts'

/** As `2 of 4 members were reached, not 2 and 3 (no address leads to it)`. */
export function reachedText(status: Pick<ClientStatus, 'connected' | 'members' | 'unreachable'>): string {
  const { connected, members, unreachable } = status
  const were = `${connected.length} of ${members} members were reached`
  // Most often it is the same for all of them.
  const reasons = [...new Set(unreachable.map(({ reason }) => reason))]
  const absent = reasons.map((reason) => `${ranksOf(unreachable, reason)} (${reason})`)
  return absent.length === 0 ? were : `${were}, not ${absent.join(', ')}`
}

function ranksOf(unreachable: readonly UnreachableMember[], of: string): string {
  const ranks = unreachable.filter(({ reason }) => reason === of).map(({ member }) => String(member))
  const last = ranks.pop() ?? ''
  return ranks.length === 0 ? last : `${ranks.join(', ')} and ${last}`
}
