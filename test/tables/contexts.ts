/** What frames of links are bound to, and how: for every small change of what they are about, and of who meets whom. */
import { createGroup } from '../../src/core/group.ts'
import { groupFromGenesis } from '../../src/crypto/genesis.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { memberCrypto } from '../../src/crypto/member-crypto.ts'
import { createAuthenticator } from '../../src/links/authenticator.ts'
import { NONCE_BYTES, SESSION_ID_BYTES } from '../../src/links/constants.ts'
import {
  CLIENT_WIRE_RANK,
  encodeHandshakeContext,
  encodeSessionContext,
  type SessionTerms,
  sessionId,
  wireRank
} from '../../src/links/contexts.ts'
import { environmentOf, genesis, group, seedOf } from '../wire/inputs.ts'
import { product, toldApart } from './inputs.ts'
import type { Row, Table } from './table.ts'

const PATHS = ['links', 'links/', 'links/1']
const RANKS = [0, 1, CLIENT_WIRE_RANK]

const groups = [1, 2].flatMap((id) =>
  [0, 1].map((epoch) =>
    createGroup({ id: new Uint8Array(32).fill(id), epoch, f: 1, publicKeys: group.publicKeys })
  )
)
const nonces = [1, 2].map((byte) => new Uint8Array(NONCE_BYTES).fill(byte))
const fingerprints = [new Uint8Array(0), new Uint8Array([0])]

/** Every combination of two values of all that a session is told by. */
function* terms(): Generator<SessionTerms> {
  const ends = [...product(RANKS, nonces, [1, 2])].map(([rank, nonce, incarnation]) => ({
    rank,
    nonce,
    incarnation
  }))
  for (const [path, of, fingerprint, initiator, responder] of product(
    PATHS.slice(0, 2),
    groups,
    fingerprints,
    ends,
    ends
  ))
    if (initiator.rank < responder.rank) yield { path, group: of, fingerprint, initiator, responder }
}

const told = ({ path, group: { id, epoch }, fingerprint, initiator, responder }: SessionTerms) =>
  JSON.stringify({ path, group: id[0], epoch, fingerprint, initiator, responder })

/** Two members, and two clients whom each of them knows by numbers of its own: the first as 4, the second as 5. */
const processes = [0, 1, 4, 5].map((name) => {
  const clients = [4, 5].map((client) => defaultBackend.publicKey(seedOf(client)))
  const ofAll = createGroup({ ...groupFromGenesis(genesis), clients })
  const crypto = memberCrypto(defaultBackend, ofAll, seedOf(name))
  return { name, env: { ...environmentOf(0), self: name, group: ofAll, crypto } }
})

/** Who may link: a client to members alone. */
const pairs = [...product(processes, processes)].filter(([a, b]) => a !== b && Math.min(a.name, b.name) < 4)

const CONTEXTS = [1, 2].map((byte) => new Uint8Array([byte]))
const BODIES = [3, 4].map((byte) => new Uint8Array([byte]))

const authenticated = (by: 'hmac' | 'ed25519') =>
  function* (): Generator<Row> {
    const linked = pairs.map(([own, peer]) => ({
      own: own.name,
      peer: peer.name,
      authenticator: createAuthenticator(own.env, by)
    }))
    for (const [sent, context, body] of product(linked, CONTEXTS, BODIES)) {
      const tag = sent.authenticator.outgoing(sent.peer, context)(body)
      for (const [read, otherContext, otherBody] of product(linked, CONTEXTS, BODIES)) {
        const isMeant = sent.own === read.peer && sent.peer === read.own
        // A MAC is the pair's: which of the two made it is in the context.
        const isOwn = by === 'hmac' && sent.own === read.own && sent.peer === read.peer
        // A signature by a member among members convinces all of them: whom it is for is in the context.
        const isShown = by === 'ed25519' && sent.own === read.peer && Math.max(sent.peer, read.own) < 4
        const isRight = (isMeant || isOwn || isShown) && context === otherContext && body === otherBody
        const verified = read.authenticator.incoming(read.peer, otherContext)(otherBody, tag)
        yield [
          verified === isRight,
          () =>
            `${by}: from ${sent.own} to ${sent.peer}, taken by ${read.own} as from ${read.peer}, context ${context} as ${otherContext}, body ${body} as ${otherBody}: ${verified}`
        ]
      }
    }
  }

export const contexts: Table = {
  'the context of a handshake tells paths and directions apart': () =>
    toldApart(product(PATHS, RANKS, RANKS), (of) => encodeHandshakeContext(...of)),
  'the context of a session tells apart all that sessions differ in': () =>
    toldApart(terms(), (of) => encodeSessionContext(of, of.initiator.rank, of.responder.rank), told),
  *'the two directions of a session have contexts of their own, and neither is one of a handshake'(): Generator<Row> {
    const handshakes = new Set(
      [...product(PATHS, RANKS, RANKS)].map((of) => String(encodeHandshakeContext(...of)))
    )
    for (const session of terms()) {
      const [a, b] = [session.initiator.rank, session.responder.rank]
      const [there, back] = [
        String(encodeSessionContext(session, a, b)),
        String(encodeSessionContext(session, b, a))
      ]
      yield [there !== back && !handshakes.has(there) && !handshakes.has(back), () => told(session)]
    }
  },
  'the id of a session tells apart all that sessions differ in': () =>
    toldApart(terms(), (of) => sessionId(of, defaultBackend.sha256), told),
  *'the id of a session has its length'(): Generator<Row> {
    for (const session of terms())
      yield [sessionId(session, defaultBackend.sha256).length === SESSION_ID_BYTES, () => told(session)]
  },
  *'members are called by their ranks on the wire, and all clients by one number that is none'(): Generator<Row> {
    for (let process = 0; process < 12; process++)
      yield [
        wireRank(group, process) === (process < 4 ? process : CLIENT_WIRE_RANK),
        () => `process ${process} is ${wireRank(group, process)}`
      ]
  },
  'a MAC is verified by its pair alone, in its context, of its body': authenticated('hmac'),
  'a signature of a frame is verified of its signer alone, in its context, of its body, and for its client':
    authenticated('ed25519')
}
