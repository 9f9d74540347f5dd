/** Tallies and certificates, for every short sequence of votes and every list of signers. */

import { createGroup } from '../../src/core/group.ts'
import { certificateOf, verifyCertificate } from '../../src/exchange/certificate.ts'
import { Tally } from '../../src/exchange/tally.ts'
import { product, sequences } from './inputs.ts'
import type { Row, Table } from './table.ts'

const DIGESTS: readonly Uint8Array[] = [1, 2].map((byte) => new Uint8Array(32).fill(byte))
const VOTES = [...product([0, 1, 2], DIGESTS)]

const groupOf = (n: number, f: number) =>
  createGroup({
    id: new Uint8Array(32),
    f,
    publicKeys: Array.from({ length: n }, (_, rank) => new Uint8Array(32).fill(rank))
  })

type Votes = readonly (readonly [voter: number, digest: Uint8Array])[]

/** What each voter said first. */
const firsts = (votes: Votes) => new Map([...votes].reverse())

const told = (votes: Votes) => votes.map(([voter, [digest]]) => `${voter} for ${digest}`).join(', ')

/** Of four members, with signatures that are theirs (their rank) or not (0xff). */
const group = groupOf(4, 1)
const SIGNATURES = [...product([-1, 0, 1, 2, 3, 4], [true, false])].map(([signer, valid]) => ({
  signer,
  signature: new Uint8Array(64).fill(valid ? signer : 0xff)
}))
const verifier = {
  verify: (signer: number, statement: Uint8Array, signature: Uint8Array) =>
    statement[0] === signer && signature[0] === signer
}

export const votes: Table = {
  *'the first vote of each member is counted, once, for its digest'(): Generator<Row> {
    for (const cast of sequences(VOTES, 4)) {
      const tally = new Tally()
      for (const [voter, digest] of cast) tally.vote(voter, digest)
      for (const digest of DIGESTS) {
        const voters = [...firsts(cast)].filter(([, own]) => own === digest).map(([voter]) => voter)
        yield [String(tally.votersFor(digest)) === String(voters.sort()), () => told(cast)]
      }
    }
  },
  *'a vote is new, or was cast before, or contradicts one'(): Generator<Row> {
    for (const cast of sequences(VOTES, 4)) {
      const tally = new Tally()
      for (const [index, [voter, digest]] of cast.entries()) {
        const before = firsts(cast.slice(0, index)).get(voter)
        const right = before === undefined ? 'counted' : before === digest ? 'repeated' : 'contradicted'
        const outcome = tally.vote(voter, digest)
        yield [outcome === right, () => `vote ${index} of ${told(cast)} is ${outcome}`]
      }
    }
  },
  *'a quorum is reached exactly if so many have voted for one digest'(): Generator<Row> {
    for (const cast of sequences(VOTES, 4)) {
      const tally = new Tally()
      for (const [voter, digest] of cast) tally.vote(voter, digest)
      const reached = (quorum: number) =>
        DIGESTS.filter(
          (digest) => [...firsts(cast).values()].filter((own) => own === digest).length >= quorum
        )
      for (const quorum of [1, 2, 3]) {
        const found = tally.reached(quorum)
        const right = reached(quorum)
        const isRight = found === undefined ? right.length === 0 : right.includes(found)
        yield [isRight, () => `${quorum} of ${told(cast)}`]
        for (const digest of DIGESTS) {
          const other = tally.reachedOther(quorum, digest)
          yield [
            other === right.find((one) => one !== digest),
            () => `${quorum} of ${told(cast)} for another than ${digest[0]}: ${other?.[0]}`
          ]
        }
      }
    }
  },
  *'a certificate holds exactly if a quorum of members has signed, in order, each of them once'(): Generator<Row> {
    for (const certificate of sequences(SIGNATURES, 4)) {
      const isRight =
        certificate.length === group.quorum.byzantine &&
        certificate.every(
          ({ signer, signature }, at) =>
            group.ranks.includes(signer) &&
            signature[0] === signer &&
            (at === 0 || (certificate[at - 1]?.signer ?? 0) < signer)
        )
      const statementOf = (signer: number) => new Uint8Array([signer])
      yield [
        verifyCertificate(verifier, group, statementOf, certificate) === isRight,
        () => certificate.map(({ signer, signature }) => `${signer} by ${signature[0]}`).join(', ')
      ]
    }
  },
  *'at every size a certificate takes a Byzantine quorum, and what a quorum signed makes one'(): Generator<Row> {
    for (let n = 4; n <= 10; n++)
      for (let f = 0; 3 * f < n; f++)
        for (let signers = 0; signers <= n; signers++) {
          const of = groupOf(n, f)
          const signatures = of.ranks
            .slice(0, signers)
            .map((rank) => [rank, new Uint8Array(64).fill(rank)] as const)
          const certificate = certificateOf(new Map(signatures.toReversed()))
          const isRight = 2 * signers > n + f && 2 * (signers - 1) <= n + f
          yield [
            verifyCertificate(verifier, of, (signer) => new Uint8Array([signer]), certificate) === isRight,
            () => `n = ${n}, f = ${f}: ${signers} signatures`
          ]
        }
  }
}
