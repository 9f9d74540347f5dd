/** The claims of all protocols, and whether evidence proves one of them. */
import { twoPayloads } from '../broadcast/double-echo.ts'
import { agreementClaims } from '../consensus/pbft/claims.ts'
import type { Evidence } from '../core/fault.ts'
import type { Group } from '../core/group.ts'
import { defaultBackend } from '../crypto/index.ts'
import { type Claim, type EvidenceVerdict, judgeEvidence } from '../exchange/evidence.ts'
import { twoValues } from '../registers/signed-value.ts'

export const claims: readonly Claim[] = [twoPayloads, twoValues, ...agreementClaims]

/**
 * Whether the evidence of a fault that is `proven` proves it, and of whom; it needs the group's public keys alone.
 * @param group - in which the statements were signed (`groupFromGenesis`)
 */
export const verifyEvidence = (group: Group, evidence: Evidence): EvidenceVerdict =>
  judgeEvidence(claims, group, evidence, defaultBackend.verify)
