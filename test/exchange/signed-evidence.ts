/** Evidence that is right, of each kind that there is, and how to make it wrong. */
import { sendStatement, twoPayloads } from '../../src/broadcast/double-echo.ts'
import { utf8 } from '../../src/core/bytes.ts'
import type { Evidence, SignedStatement } from '../../src/core/fault.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { soleWriter } from '../../src/registers/register.ts'
import { CONTENT, ValueSigner } from '../../src/registers/signed-value.ts'
import { cryptoOf, environmentOf, group, seedOf } from '../wire/inputs.ts'

export const keyOf = (rank: number) => group.publicKeys[rank] as Uint8Array
const digestOf = (text: string) => cryptoOf(0).hash(utf8(text))

/** A SEND that member `signer` signs. */
export function sent(
  signer: number,
  sequence: number,
  text: string,
  path = 'double-echo',
  of = group
): SignedStatement {
  const statement = sendStatement.bytes(of, path, signer, { sequence, digest: digestOf(text) })
  return { signer, statement, signature: defaultBackend.sign(seedOf(signer), statement) }
}

export const payloads = (...statements: readonly SignedStatement[]): Evidence => ({
  claim: twoPayloads.name,
  statements
})

/** Two values of one register at one timestamp, by the member of that rank. */
export function values(
  rank: number,
  register = soleWriter(keyOf(rank), 'register'),
  timestamp = 7
): Evidence {
  const signer = new ValueSigner(environmentOf(rank), 'storage', {})
  const writer = signer.ownIndex(register) ?? 0
  const [a, b] = ['one', 'two'].map((text) =>
    signer.sign(register, { timestamp, writer, content: CONTENT.value, value: utf8(text) })
  )
  return signer.equivocation(register, a as never, b as never) as Evidence
}

/** The evidence with one of its statements changed. */
export const changed = (
  { claim, statements }: Evidence,
  index: number,
  change: (one: SignedStatement) => Partial<SignedStatement>
): Evidence => ({
  claim,
  statements: statements.map((one, at) => (at === index ? { ...one, ...change(one) } : one))
})

export const kinds = [
  { name: 'two payloads', make: (rank: number) => payloads(sent(rank, 3, 'one'), sent(rank, 3, 'two')) },
  { name: 'two values', make: (rank: number) => values(rank) }
]
