/** What members of agreement can be proven to have done: two statements that differ, where a correct one signs one. */
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import type { Statement } from '../../core/statement.ts'
import { type Claim, contradiction } from '../../exchange/evidence.ts'
import {
  acceptStatement,
  checkpointStatement,
  newViewStatement,
  prePrepareStatement,
  viewChangeStatement
} from './messages.ts'

const ofOneView = (a: { readonly view: number }, b: { readonly view: number }) => a.view === b.view
const atOneNumber = (a: { readonly sequence: number }, b: { readonly sequence: number }) =>
  a.sequence === b.sequence

export const agreementClaims: readonly Claim[] = [
  contradiction(
    { name: 'two-proposals', sentence: 'proposed two batches at one number of a view' },
    prePrepareStatement,
    (a, b) => ofOneView(a, b) && atOneNumber(a, b)
  ),
  contradiction(
    { name: 'two-checkpoints', sentence: 'signed two states at one number' },
    checkpointStatement,
    atOneNumber
  ),
  contradiction(
    { name: 'two-view-changes', sentence: 'left its view in two ways for one and the same' },
    viewChangeStatement,
    ofOneView
  ),
  contradiction(
    { name: 'two-new-views', sentence: 'began one view in two ways' },
    newViewStatement,
    ofOneView
  ),
  contradiction(
    { name: 'two-acceptances', sentence: 'accepted two starts of one view' },
    acceptStatement,
    ofOneView
  )
]

interface Signed<F> {
  readonly fields: F
  readonly signature: Uint8Array
}

/** Tells that `process` signed two statements that differ, of which a correct process signs one. */
export function proveTwo<F>(
  env: Environment,
  path: string,
  process: ProcessId,
  claim: string,
  statement: Statement<F>,
  ...signed: readonly [Signed<F>, Signed<F>]
): void {
  const detail = agreementClaims.find(({ name }) => name === claim)?.sentence ?? claim
  const statements = signed.map(({ fields, signature }) => ({
    signer: process,
    statement: statement.bytes(env.group, path, process, fields),
    signature
  }))
  env.observer.fault({
    process,
    kind: 'equivocation',
    certainty: 'proven',
    detail,
    evidence: { claim, statements }
  })
}
