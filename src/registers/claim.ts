/**
 * A value without a signature: it is its writer's to those who had it from the writer, and to others no more than a
 * claim of whoever hands it on. A reader believes what more than f members claim alike.
 *
 * The initial value, which nobody wrote, is null and has timestamp 0; nothing else has.
 */
import { sameBytes, toHex } from '../core/bytes.ts'
import { bytes, record, timestamp, type ValueOf } from '../core/shapes.ts'
import { SIGNED_VALUE_BYTES_MAX } from './constants.ts'

export const claimedShape = (valueBytesMax: number = SIGNED_VALUE_BYTES_MAX) =>
  record({ timestamp, value: bytes(valueBytesMax) })

export type ClaimedValue = ValueOf<ReturnType<typeof claimedShape>>

/** Whether it is the initial value, or one that a writer may have written. */
export const isPossible = (value: ClaimedValue | null): boolean => value === null || value.timestamp > 0

/** Whether two values contradict each other: at one timestamp, a correct writer writes one. */
export const contradict = (a: ClaimedValue | null | undefined, b: ClaimedValue): boolean =>
  a?.timestamp === b.timestamp && !sameBytes(a.value, b.value)

/** A value as a member claims it; claims of the same write have the same name. */
export interface Claim {
  readonly value: ClaimedValue | null
  readonly timestamp: number
  readonly name: string
}

export function claimOf(value: ClaimedValue | null, hash: (bytes: Uint8Array) => Uint8Array): Claim {
  if (value === null) return { value, timestamp: 0, name: 'initial' }
  const { timestamp } = value
  return { value, timestamp, name: `${timestamp}/${toHex(hash(value.value))}` }
}

/** The claims that at least `vouchers` members make, each of them counted once for a claim. */
export function vouched(claimsOfMembers: Iterable<readonly Claim[]>, vouchers: number): Claim[] {
  const counts = new Map<string, { readonly claim: Claim; count: number }>()
  for (const claims of claimsOfMembers) {
    for (const [name, claim] of new Map(claims.map((each) => [each.name, each]))) {
      const counted = counts.get(name) ?? { claim, count: 0 }
      counted.count++
      counts.set(name, counted)
    }
  }
  return [...counts.values()].filter(({ count }) => count >= vouchers).map(({ claim }) => claim)
}

export function highestClaim(claims: Iterable<Claim>): Claim | undefined {
  let top: Claim | undefined
  for (const claim of claims) if (top === undefined || claim.timestamp > top.timestamp) top = claim
  return top
}
