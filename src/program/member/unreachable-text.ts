/** Why a member is not connected, for people: a line about it, and one about each of its addresses. */
import type { UnreachableMember } from '../../libp2p/absences.ts'
import { printable } from '../output.ts'

/** Some of it may be what a stranger answered at an address. */
export function unreachableText({ member, since, reason, addresses }: UnreachableMember): string[] {
  return [
    `member ${member}, since ${time(since)}: ${printable(reason)}`,
    ...addresses.map(
      (each) => `${printable(each.address)}, since ${time(each.since)}: ${printable(each.error)}`
    )
  ]
}

const time = (ms: number): string => new Date(ms).toISOString()
