/**
 * The transferable certificate of a group: signatures of a Byzantine quorum of its members, each over its own statement
 * of one thing that they vouch for. Whoever has the members' public keys can check it.
 */
import type { Crypto } from '../core/environment.ts'
import { type Group, isMember, type ProcessId } from '../core/group.ts'
import { list, rank, record, signature, type ValueOf } from '../core/shapes.ts'

/** Groups larger than this cannot make certificates. */
export const CERTIFICATE_SIGNATURES_MAX = 1024

export const certificateShape = list(record({ signer: rank, signature }), CERTIFICATE_SIGNATURES_MAX)
export type Certificate = ValueOf<typeof certificateShape>

/** Whose signatures they are, in the order of their ranks. */
export const certificateOf = (signatures: ReadonlyMap<ProcessId, Uint8Array>): Certificate =>
  [...signatures].map(([signer, signature]) => ({ signer, signature })).sort((a, b) => a.signer - b.signer)

/**
 * Whether the certificate proves that a Byzantine quorum of `group` vouched. Exactly a quorum of signatures by distinct
 * members in ascending order is accepted, all of them valid: nothing is skipped, so nothing is counted that was not
 * checked.
 * @param crypto - where certificates share signatures, one that remembers verdicts (verdicts.ts)
 * @param statementOf - the bytes that this member signs to vouch
 */
export function verifyCertificate(
  crypto: Pick<Crypto, 'verify'>,
  group: Group,
  statementOf: (signer: ProcessId) => Uint8Array,
  certificate: Certificate
): boolean {
  if (certificate.length !== group.quorum.byzantine) return false
  let previous = -1
  for (const { signer } of certificate) {
    if (!isMember(group, signer) || signer <= previous) return false
    previous = signer
  }
  return certificate.every(({ signer, signature: sig }) => crypto.verify(signer, statementOf(signer), sig))
}
