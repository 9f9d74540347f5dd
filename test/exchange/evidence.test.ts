/** Evidence proves what its claim says, and of whom, to whoever has the public keys; and nothing else proves anything. */
import { describe, expect, it, test } from 'vitest'
import type { Evidence, SignedStatement } from '../../src/core/fault.ts'
import { createGroup, type Group } from '../../src/core/group.ts'
import { uint } from '../../src/core/shapes.ts'
import { defineStatement } from '../../src/core/statement.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import {
  type Claim,
  EVIDENCE_STATEMENTS_MAX,
  judgeEvidence,
  readSigned
} from '../../src/exchange/evidence.ts'
import { sharedBy, soleWriter } from '../../src/registers/register.ts'
import { claims, verifyEvidence } from '../../src/stacks/evidence.ts'
import { group, seedOf } from '../wire/inputs.ts'
import { changed, keyOf, kinds, payloads, sent, values } from './signed-evidence.ts'

const problemOf = (evidence: Evidence, of: Group = group) => {
  const verdict = verifyEvidence(of, evidence)
  return verdict.proven ? 'proven' : verdict.problem
}

describe.each(kinds)('$name', ({ make }) => {
  it.each([0, 1, 2, 3])('prove that member %i did it, and nobody else', (rank) => {
    expect(verifyEvidence(group, make(rank))).toMatchObject({ proven: true, accused: keyOf(rank) })
  })

  it('prove nothing in another group, of the same members', () => {
    const other = createGroup({ id: new Uint8Array(32).fill(9), f: 1, publicKeys: group.publicKeys })
    expect(problemOf(make(1), other)).toBe('statement 0: it was signed in another group')
  })

  it('prove nothing of another signer, be it a member, a number that is none, or a key', () => {
    const others = [0, 4, -1, 0.5, Number.NaN, keyOf(0), keyOf(1).subarray(1), new Uint8Array(0)]
    for (const index of [0, 1])
      for (const signer of others)
        expect(problemOf(changed(make(1), index, () => ({ signer }))), String(signer)).toMatch(
          /signer is no member|names another signer/
        )
    for (const signer of [4, -1, 0.5])
      expect(problemOf(changed(make(1), 0, () => ({ signer })))).toBe(
        'statement 0: its signer is no member of the group'
      )
  })

  it('prove nothing if both are the same statement, or one, or three', () => {
    const { claim, statements } = make(1)
    const [first, second] = statements as [SignedStatement, SignedStatement]
    expect(problemOf({ claim, statements: [first, first] })).toBe('both statements say the same')
    const counts = [[first], [first, second, second]]
    for (const wrong of counts)
      expect(problemOf({ claim, statements: wrong })).toBe(
        `two statements contradict each other, and there are ${wrong.length}`
      )
    expect(problemOf({ claim, statements: [] })).toBe(
      `it has 0 statements, not 1 to ${EVIDENCE_STATEMENTS_MAX}`
    )
  })

  it('prove nothing with the statement of another member beside one’s own', () => {
    const [first, second] = [make(1), make(2)].map(({ statements }) => statements[0])
    const { claim } = make(1)
    expect(problemOf({ claim, statements: [first as SignedStatement, second as SignedStatement] })).toBe(
      'the two statements have two signers'
    )
  })

  it('prove nothing under another claim', () => {
    const evidence = make(1)
    for (const claim of kinds.map((kind) => kind.make(1).claim).filter((name) => name !== evidence.claim))
      expect(problemOf({ ...evidence, claim })).toBe(
        'statement 0: it is no statement of the kind that the claim is about'
      )
    for (const claim of ['', 'two', 'toString'])
      expect(problemOf({ ...evidence, claim })).toBe(
        `there is no claim of that name; there are ${claims.map((known) => known.name).join(', ')}`
      )
  })
})

describe('what a correct member signs is no evidence against it', () => {
  it('payloads of two instances, of two components, or in two epochs', () => {
    expect(problemOf(payloads(sent(1, 3, 'one'), sent(1, 4, 'two')))).toBe(
      'the two statements are about different things'
    )
    expect(problemOf(payloads(sent(1, 3, 'one', 'a'), sent(1, 3, 'two', 'b')))).toBe(
      'the two statements are about different things'
    )
    const later = createGroup({ id: group.id, epoch: 1, f: 1, publicKeys: group.publicKeys })
    const both = payloads(sent(1, 3, 'one'), sent(1, 3, 'two', 'double-echo', later))
    expect(problemOf(both)).toBe('statement 1: it was signed in another epoch')
    expect(problemOf(both, later)).toBe('statement 0: it was signed in another epoch')
  })

  it('values of two registers, at two timestamps, or by two writers of one', () => {
    const own = soleWriter(keyOf(1), 'register')
    const [first] = values(1, own).statements as [SignedStatement]
    const claim = 'two-values'
    const others = [
      values(1, soleWriter(keyOf(1), 'another')).statements[1],
      values(1, own, 8).statements[1]
    ] as SignedStatement[]
    for (const other of others)
      expect(problemOf({ claim, statements: [first, other] })).toBe(
        'the two statements are about different things'
      )
    const shared = sharedBy([keyOf(1), keyOf(2)], 'shared')
    const writers = [1, 2].map((rank) => values(rank, shared).statements[0] as SignedStatement)
    expect(problemOf({ claim, statements: writers })).toBe('the two statements have two signers')
  })
})

describe('a claim of several signers', () => {
  const vote = defineStatement('TEST VOTE', { round: uint(), choice: uint() })
  const result = defineStatement('TEST RESULT', { round: uint(), choice: uint() })

  /** The first statement is a result, the others the votes of distinct members, none of which is for it. */
  const falseResult: Claim = {
    name: 'false-result',
    sentence: 'told a result that nobody voted for',
    check(of, [first, ...votes], [accused]) {
      const told = first === undefined ? 'nothing' : readSigned(of, result, first)
      if (typeof told === 'string' || accused === undefined) return 'no result'
      const voters = new Set(votes.map(({ signer }) => signer))
      if (voters.size !== votes.length || voters.size < of.quorum.byzantine) return 'too few voters'
      for (const each of votes) {
        const read = readSigned(of, vote, each)
        if (typeof read === 'string') return read
        if (read.fields.round !== told.fields.round || read.fields.choice === told.fields.choice)
          return 'true'
      }
      return accused
    }
  }

  const statementBy = (type: typeof vote, signer: number, choice: number): SignedStatement => {
    const statement = type.bytes(group, 'test', signer, { round: 1, choice })
    return { signer, statement, signature: defaultBackend.sign(seedOf(signer), statement) }
  }
  const judged = (...statements: SignedStatement[]) =>
    judgeEvidence([falseResult], group, { claim: falseResult.name, statements }, defaultBackend.verify)
  const told = statementBy(result, 3, 1)

  it('is proven of the one whom it accuses', () => {
    const votes = [0, 1, 2].map((signer) => statementBy(vote, signer, 0))
    expect(judged(told, ...votes)).toEqual({
      proven: true,
      accused: keyOf(3),
      sentence: falseResult.sentence
    })
  })

  it('is not, if one signature of many is wrong, or one signer is there twice, or is no member', () => {
    const [a, b, c] = [0, 1, 2].map((signer) => statementBy(vote, signer, 0)) as [
      SignedStatement,
      SignedStatement,
      SignedStatement
    ]
    expect(judged(told, a, b, { ...c, signature: b.signature })).toEqual({
      proven: false,
      problem: 'statement 3: the signature is not that of its signer'
    })
    expect(judged(told, a, b, b)).toEqual({ proven: false, problem: 'too few voters' })
    expect(judged(told, a, b, { ...c, signer: 4 })).toEqual({
      proven: false,
      problem: 'statement 3: its signer is no member of the group'
    })
  })

  it('takes no statement of another name for one of its own, whatever its fields', () => {
    const votes = [0, 1, 2].map((signer) => statementBy(vote, signer, 0))
    expect(judged(statementBy(vote, 3, 1), ...votes)).toEqual({ proven: false, problem: 'no result' })
  })

  test('of more statements than there may be nothing is looked at', () => {
    const many = Array.from({ length: EVIDENCE_STATEMENTS_MAX + 1 }, () => told)
    expect(judged(...many)).toEqual({
      proven: false,
      problem: `it has ${many.length} statements, not 1 to ${EVIDENCE_STATEMENTS_MAX}`
    })
  })
})
