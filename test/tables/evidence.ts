/** Evidence of each kind, right and with one thing changed: it proves what it says, of whom it says, or nothing. */
import { sendStatement } from '../../src/broadcast/double-echo.ts'
import { sameBytes } from '../../src/core/bytes.ts'
import type { Evidence, SignedStatement } from '../../src/core/fault.ts'
import { createGroup, type Group } from '../../src/core/group.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { sharedBy, soleWriter } from '../../src/registers/register.ts'
import { verifyEvidence } from '../../src/stacks/evidence.ts'
import { changed, keyOf, kinds, payloads, sent, values } from '../exchange/signed-evidence.ts'
import { group, seedOf } from '../wire/inputs.ts'
import { product } from './inputs.ts'
import type { Row, Table } from './table.ts'

const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
  bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))

const provesNothing = (evidence: Evidence, told: string, of: Group = group): Row => [
  !verifyEvidence(of, evidence).proven,
  () => `${evidence.claim}: ${told}`
]

/** A SEND of one member as another one signs it. */
function naming(signer: number, names: number, byte: number): SignedStatement {
  const statement = sendStatement.bytes(group, 'double-echo', names, {
    sequence: 3,
    digest: new Uint8Array(32).fill(byte)
  })
  return { signer, statement, signature: defaultBackend.sign(seedOf(signer), statement) }
}

const statementsOf = ({ statements }: Evidence) => statements as readonly [SignedStatement, SignedStatement]
const later = createGroup({ id: group.id, epoch: 1, f: 1, publicKeys: group.publicKeys })
const other = createGroup({ id: new Uint8Array(32).fill(9), f: 1, publicKeys: group.publicKeys })

export const evidence: Table = {
  *'two statements that contradict each other prove it, and of whom'(): Generator<Row> {
    for (const [{ name, make }, rank] of product(kinds, group.ranks)) {
      const verdict = verifyEvidence(group, make(rank))
      yield [verdict.proven && sameBytes(verdict.accused, keyOf(rank)), () => `${name} of member ${rank}`]
    }
  },
  *'evidence of which one bit is another proves nothing'(): Generator<Row> {
    for (const { make } of kinds) {
      const right = make(1)
      for (const [index, { statement, signature }] of right.statements.entries()) {
        for (let bit = 0; bit < 8 * statement.length; bit += 5)
          yield provesNothing(
            changed(right, index, () => ({ statement: flipped(statement, bit) })),
            `bit ${bit} of statement ${index}`
          )
        for (let bit = 0; bit < 8 * signature.length; bit += 7)
          yield provesNothing(
            changed(right, index, () => ({ signature: flipped(signature, bit) })),
            `bit ${bit} of signature ${index}`
          )
      }
    }
  },
  *'evidence of which one part is that of another proves nothing'(): Generator<Row> {
    for (const [{ make }, rank, another] of product(kinds, [0, 1], [2, 3])) {
      const [right, wrong] = [make(rank), make(another)]
      for (const index of [0, 1]) {
        const theirs = statementsOf(wrong)[index as 0 | 1]
        const parts: Partial<SignedStatement>[] = [
          { signer: theirs.signer },
          { statement: theirs.statement },
          { signature: theirs.signature },
          theirs,
          { signer: keyOf(another) }
        ]
        for (const part of parts)
          yield provesNothing(
            changed(right, index, () => part),
            `${Object.keys(part)} of statement ${index} are those of member ${another}`
          )
      }
      const [first, second] = statementsOf(right)
      for (const statements of [[], [first], [first, first], [second, second], [first, second, second]])
        yield provesNothing({ ...right, statements }, `${statements.length} statements`)
      for (const { claim } of kinds.map((kind) => kind.make(1)))
        if (claim !== right.claim) yield provesNothing({ ...right, claim }, `under ${claim}`)
      yield provesNothing(right, 'in another group', other)
    }
    for (const [signer, names] of product(group.ranks, group.ranks))
      if (signer !== names)
        yield provesNothing(
          payloads(naming(signer, names, 1), naming(signer, names, 2)),
          `member ${signer} signs in the name of member ${names}`
        )
  },
  *'what a correct member signs is no evidence against it'(): Generator<Row> {
    for (const [a, b] of product([1, 2], [3, 4]))
      for (const text of ['one', 'two']) {
        yield provesNothing(payloads(sent(1, a, 'one'), sent(1, b, text)), `of broadcasts ${a} and ${b}`)
        yield provesNothing(payloads(sent(1, a, 'one', 'a'), sent(1, a, text, 'b')), 'of two components')
        const inAnother = payloads(sent(1, a, 'one'), sent(1, a, 'two'))
        yield provesNothing(inAnother, 'of another epoch', later)
        const inTwoEpochs = payloads(sent(1, a, 'one'), sent(1, a, text, 'double-echo', later))
        for (const epoch of [group, later]) yield provesNothing(inTwoEpochs, 'of two epochs', epoch)
      }
    const own = soleWriter(keyOf(1), 'register')
    const [first] = statementsOf(values(1, own))
    const claim = 'two-values'
    for (const [name, timestamp] of product(['register', 'another'], [7, 8])) {
      if (name === 'register' && timestamp === 7) continue
      for (const second of statementsOf(values(1, soleWriter(keyOf(1), name), timestamp)))
        yield provesNothing({ claim, statements: [first, second] }, `of ${name} at ${timestamp}`)
    }
    const shared = sharedBy([keyOf(1), keyOf(2)], 'register')
    for (const second of statementsOf(values(1, shared)))
      yield provesNothing({ claim, statements: [first, second] }, 'of a shared register of that name')
    const writers = [1, 2].map((rank) => statementsOf(values(rank, shared))[0])
    yield provesNothing({ claim, statements: writers }, 'of two writers')
  }
}
