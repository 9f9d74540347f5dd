/**
 * Evidence: signed statements, of one process or of several, and a claim that says what they show together. Whoever has
 * the public keys can check it, and needs nothing else: no state, no link, nobody's word.
 *
 * A claim decides by what the statements say whether they show it, and of whom. Signatures are looked at last, once for
 * each statement; of wrong evidence the problem is told, in words.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Evidence, SignedStatement } from '../core/fault.ts'
import { type Group, isMember } from '../core/group.ts'
import type { AnyStatement, StatementRead } from '../core/statement.ts'

/** Statements in one piece of evidence: two contradict each other; more show what a quorum has said. */
export const EVIDENCE_STATEMENTS_MAX = 1024

const PUBLIC_KEY_BYTES = 32

export type EvidenceVerdict =
  | {
      readonly proven: true
      /** The public key of the process that did it. */
      readonly accused: Uint8Array
      /** What it did: the sentence of the claim. */
      readonly sentence: string
    }
  /** Why it proves nothing. */
  | { readonly proven: false; readonly problem: string }

/** Something that no correct process does, and that statements can show. */
export interface Claim {
  /** In kebab case. */
  readonly name: string
  /** What the accused did, as it goes on after its name. */
  readonly sentence: string
  /**
   * Of statements whose signatures may still be wrong.
   * @param signers - the public key of each statement's signer
   * @returns the public key of the accused; or why they do not show it, in words
   */
  check(
    group: Group,
    statements: readonly SignedStatement[],
    signers: readonly Uint8Array[]
  ): Uint8Array | string
}

/** @param verifyBy - whether it is the signature of whose public key this is */
export function judgeEvidence(
  claims: readonly Claim[],
  group: Group,
  { claim: name, statements }: Evidence,
  verifyBy: (publicKey: Uint8Array, statement: Uint8Array, signature: Uint8Array) => boolean
): EvidenceVerdict {
  const nothing = (problem: string): EvidenceVerdict => ({ proven: false, problem })
  const claim = claims.find((known) => known.name === name)
  if (claim === undefined)
    return nothing(
      `there is no claim of that name; there are ${claims.map((known) => known.name).join(', ')}`
    )
  if (statements.length === 0 || statements.length > EVIDENCE_STATEMENTS_MAX)
    return nothing(`it has ${statements.length} statements, not 1 to ${EVIDENCE_STATEMENTS_MAX}`)
  const signers: Uint8Array[] = []
  for (const [index, { signer }] of statements.entries()) {
    const publicKey = publicKeyOfSigner(group, signer)
    if (publicKey === undefined) return nothing(`statement ${index}: its signer is no member of the group`)
    signers.push(publicKey)
  }
  const accused = claim.check(group, statements, signers)
  if (typeof accused === 'string') return nothing(accused)
  for (const [index, { statement, signature }] of statements.entries())
    if (!verifyBy(signers[index] as Uint8Array, statement, signature))
      return nothing(`statement ${index}: the signature is not that of its signer`)
  return { proven: true, accused, sentence: claim.sentence }
}

function publicKeyOfSigner(group: Group, signer: SignedStatement['signer']): Uint8Array | undefined {
  if (typeof signer !== 'number') return signer.length === PUBLIC_KEY_BYTES ? signer : undefined
  return isMember(group, signer) ? group.publicKeys[signer] : undefined
}

/** A statement of evidence as one of the type, by its own signer and in this group; or why it is none. */
export function readSigned<S extends SignedStatement['signer'], F>(
  group: Group,
  type: AnyStatement<S, F>,
  { signer, statement }: SignedStatement
): StatementRead<S, F> | string {
  const read = type.read(statement)
  if (read === undefined) return 'it is no statement of the kind that the claim is about'
  if (!sameBytes(read.group, group.id)) return 'it was signed in another group'
  if (read.epoch !== undefined && read.epoch !== group.epoch) return 'it was signed in another epoch'
  return sameSigner(read.signer, signer) ? read : 'it names another signer than whose it is said to be'
}

const sameSigner = (a: SignedStatement['signer'], b: SignedStatement['signer']): boolean =>
  typeof a === 'number' || typeof b === 'number' ? a === b : sameBytes(a, b)

/**
 * The claim that a process has signed two statements of one type of which a correct one signs one.
 * @param isOne - whether the fields are of one and the same thing, of which there is one statement
 */
export function contradiction<S extends SignedStatement['signer'], F>(
  { name, sentence }: Pick<Claim, 'name' | 'sentence'>,
  type: AnyStatement<S, F>,
  isOne: (a: F, b: F) => boolean
): Claim {
  return {
    name,
    sentence,
    check(group, statements, [accused]) {
      const [first, second] = statements
      if (first === undefined || second === undefined || statements.length > 2 || accused === undefined)
        return `two statements contradict each other, and there are ${statements.length}`
      const [a, b] = [readSigned(group, type, first), readSigned(group, type, second)]
      if (typeof a === 'string') return `statement 0: ${a}`
      if (typeof b === 'string') return `statement 1: ${b}`
      if (!sameSigner(a.signer, b.signer)) return 'the two statements have two signers'
      if (sameBytes(first.statement, second.statement)) return 'both statements say the same'
      return a.path === b.path && isOne(a.fields, b.fields)
        ? accused
        : 'the two statements are about different things'
    }
  }
}
