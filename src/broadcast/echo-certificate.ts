/**
 * The certificate of a signed echo broadcast: a Byzantine quorum vouches for one digest in one instance. Two
 * certificates for different digests in one instance cannot exist while at most f members are faulty.
 */
import type { Crypto } from '../core/environment.ts'
import type { Group, ProcessId } from '../core/group.ts'
import { digest, uint } from '../core/shapes.ts'
import { defineStatement } from '../core/statement.ts'
import { type Certificate, verifyCertificate } from '../exchange/certificate.ts'

/** What a member signs when it echoes: in this instance I vouch for this digest and for no other. */
export const echoStatement = defineStatement('ECHO', { sender: uint(), sequence: uint(), digest })

export interface CertifiedInstance {
  readonly sender: ProcessId
  readonly sequence: number
  readonly digest: Uint8Array
}

/**
 * Whether the certificate proves that a Byzantine quorum of `group` vouched for the instance.
 * @param path of the signed-echo component, which its signatures bind
 */
export const verifyEchoCertificate = (
  crypto: Pick<Crypto, 'verify'>,
  group: Group,
  path: string,
  { sender, sequence, digest }: CertifiedInstance,
  certificate: Certificate
): boolean =>
  verifyCertificate(
    crypto,
    group,
    (signer) => echoStatement.bytes(group, path, signer, { sender, sequence, digest }),
    certificate
  )
