/**
 * The transferable certificate of a signed echo broadcast: signatures of a Byzantine quorum of members over one
 * digest in one instance. Whoever has the members' public keys can check it; two certificates for different digests
 * in one instance cannot exist while at most f members are faulty.
 */
import type { Crypto } from '../core/environment.ts'
import { type Group, isMember, type ProcessId } from '../core/group.ts'
import { digest, list, record, signature, uint, type ValueOf } from '../core/shapes.ts'
import { defineStatement } from '../core/statement.ts'

/** Groups larger than this cannot make certificates. */
export const CERTIFICATE_SIGNATURES_MAX = 1024

/** What a member signs when it echoes: in this instance I vouch for this digest and for no other. */
export const echoStatement = defineStatement('ECHO', { sender: uint(), sequence: uint(), digest })

export const certificateShape = list(record({ signer: uint(), signature }), CERTIFICATE_SIGNATURES_MAX)
export type Certificate = ValueOf<typeof certificateShape>

export interface CertifiedInstance {
  readonly sender: ProcessId
  readonly sequence: number
  readonly digest: Uint8Array
}

/**
 * Whether the certificate proves that a Byzantine quorum of `group` vouched for the instance. Exactly a quorum of
 * signatures by distinct members in ascending order is accepted, all of them valid: nothing is skipped, so nothing
 * is counted that was not checked.
 * @param path of the signed-echo component, which its signatures bind
 */
export function verifyCertificate(
  crypto: Pick<Crypto, 'verify'>,
  group: Group,
  path: string,
  instance: CertifiedInstance,
  certificate: Certificate
): boolean {
  if (certificate.length !== group.quorum.byzantine) return false
  let previous = -1
  for (const { signer } of certificate) {
    if (!isMember(group, signer) || signer <= previous) return false
    previous = signer
  }
  return certificate.every(({ signer, signature: sig }) =>
    crypto.verify(signer, echoStatement.bytes(group, path, signer, instance), sig)
  )
}
