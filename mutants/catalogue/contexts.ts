/** Mutants of what is authenticated and signed: contexts of links, keys of MACs, statements, evidence. They fall to tables. */
import type { Mutant } from '../mutant.ts'

export const contextMutants: readonly Mutant[] = [
  {
    name: 'handshake-context-without-path',
    kind: 'forgotten binding',
    in: 'encodeHandshakeContext',
    find: 'path, from, to })',
    replace: "path: '', from, to })",
    by: 'table',
    table: 'contexts',
    breaks: 'the context of a handshake tells paths and directions apart',
    because: 'a handshake of one stack of links is that of another'
  },
  {
    name: 'handshake-context-without-direction',
    kind: 'forgotten binding',
    in: 'encodeHandshakeContext',
    find: 'path, from, to })',
    replace: 'path, from: Math.min(from, to), to: Math.max(from, to) })',
    by: 'table',
    table: 'contexts',
    breaks: 'the context of a handshake tells paths and directions apart',
    because: 'what a process sent is reflected to it, and authentic'
  },
  {
    name: 'session-context-without-path',
    kind: 'forgotten binding',
    in: 'encodeSessionContext',
    find: `    path,
    group: group.id`,
    replace: `    path: '',
    group: group.id`,
    by: 'table',
    table: 'contexts',
    breaks: 'the context of a session tells apart all that sessions differ in',
    because: 'a frame of one stack of links is authentic in another'
  },
  {
    name: 'session-context-without-epoch',
    kind: 'forgotten binding',
    in: 'encodeSessionContext',
    find: 'epoch: group.epoch',
    replace: 'epoch: 0',
    by: 'table',
    table: 'contexts',
    breaks: 'the context of a session tells apart all that sessions differ in',
    because: 'a session goes on after the group was configured anew'
  },
  {
    name: 'session-context-without-fingerprint',
    kind: 'forgotten binding',
    in: 'encodeSessionContext',
    find: `    fingerprint,
    from`,
    replace: `    fingerprint: new Uint8Array(0),
    from`,
    by: 'table',
    table: 'contexts',
    breaks: 'the context of a session tells apart all that sessions differ in',
    because: 'two stacks that differ understand each other by mistake'
  },
  {
    name: 'session-context-without-the-nonce-of-the-responder',
    kind: 'forgotten binding',
    in: 'encodeSessionContext',
    find: 'nonce: responder.nonce',
    replace: 'nonce: initiator.nonce',
    by: 'table',
    table: 'contexts',
    breaks: 'the context of a session tells apart all that sessions differ in',
    because: 'a session of an earlier life is replayed to who answers'
  },
  {
    name: 'session-context-without-the-life-of-the-initiator',
    kind: 'forgotten binding',
    in: 'encodeSessionContext',
    find: 'incarnation: initiator.incarnation',
    replace: 'incarnation: 0',
    by: 'table',
    table: 'contexts',
    breaks: 'the context of a session tells apart all that sessions differ in',
    because: 'what an earlier life sent is taken for this one'
  },
  {
    name: 'session-context-of-both-directions',
    kind: 'forgotten binding',
    in: 'encodeSessionContext',
    find: `    from,
    to,
    initiator`,
    replace: `    from: Math.min(from, to),
    to: Math.max(from, to),
    initiator`,
    by: 'table',
    table: 'contexts',
    breaks: 'the two directions of a session have contexts of their own, and neither is one of a handshake',
    because: 'a frame is reflected to its sender, and authentic'
  },
  {
    name: 'session-id-by-the-initiator-alone',
    kind: 'forgotten binding',
    in: 'sessionId',
    find: 'encodeSessionContext(terms, initiator.rank, responder.rank)',
    replace:
      'encodeSessionContext({ ...terms, responder: { ...initiator, rank: responder.rank } }, initiator.rank, responder.rank)',
    by: 'table',
    table: 'contexts',
    breaks: 'the id of a session tells apart all that sessions differ in',
    because: 'two offers to one INIT have one name'
  },
  {
    name: 'clients-are-called-by-their-numbers',
    kind: 'forgotten binding',
    in: 'wireRank',
    find: 'isMember(group, process) ? process : CLIENT_WIRE_RANK',
    replace: 'process',
    by: 'table',
    table: 'contexts',
    breaks: 'members are called by their ranks on the wire, and all clients by one number that is none',
    because: 'a client has another number at each process, and no context is that of its peer'
  },
  {
    name: 'mac-key-without-context',
    kind: 'forgotten binding',
    in: 'memberCrypto',
    find: 'new Uint8Array(0), context, 32)',
    replace: 'new Uint8Array(0), new Uint8Array(0), 32)',
    by: 'table',
    table: 'contexts',
    breaks: 'a MAC is verified by its pair alone, in its context, of its body',
    because: 'one key for all sessions and both directions of a pair'
  },
  {
    name: 'mac-key-of-a-lone-process',
    kind: 'forgotten binding',
    in: 'memberCrypto',
    find: `const secretWith = (peer: ProcessId): Uint8Array => {
    let secret = secrets.get(peer)`,
    replace: `const secretWith = (peer: ProcessId): Uint8Array => {
    let secret = [...secrets.values()][0] ?? secrets.get(peer)`,
    by: 'table',
    table: 'contexts',
    breaks: 'a MAC is verified by its pair alone, in its context, of its body',
    because: 'the key that was agreed upon with one peer is that of all'
  },
  {
    name: 'signed-frame-does-not-name-its-client',
    kind: 'forgotten binding',
    in: 'createAuthenticator',
    find: 'if (client === undefined) return',
    replace: 'if (client !== undefined || client === undefined) return',
    by: 'table',
    table: 'contexts',
    breaks:
      'a signature of a frame is verified of its signer alone, in its context, of its body, and for its client',
    because: 'what a member signs for one client convinces another'
  },
  {
    name: 'signed-frame-without-context',
    kind: 'forgotten binding',
    in: 'createAuthenticator',
    find: 'return encode(signedFrame, { domain: SIGNED_DOMAIN, context, body })',
    replace: 'return encode(signedFrame, { domain: SIGNED_DOMAIN, context: body, body })',
    by: 'table',
    table: 'contexts',
    breaks:
      'a signature of a frame is verified of its signer alone, in its context, of its body, and for its client',
    because: 'a frame of one session is authentic in every other'
  },
  {
    name: 'statement-without-epoch',
    kind: 'forgotten binding',
    in: 'defineStatement',
    find: 'epoch: group.epoch',
    replace: 'epoch: 0',
    by: 'table',
    table: 'names',
    breaks: 'a statement of a member tells apart all that statements differ in',
    because: 'what was signed in one epoch counts in the next'
  },
  {
    name: 'statement-without-path',
    kind: 'forgotten binding',
    in: 'defineStatement',
    find: `        path,
        name`,
    replace: `        path: '',
        name`,
    by: 'table',
    table: 'names',
    breaks: 'a statement of a member tells apart all that statements differ in',
    because: 'what was signed for one component counts for another'
  },
  {
    name: 'statement-is-read-under-any-name',
    kind: 'forgotten binding',
    in: 'defineStatement',
    find: 'read?.domain !== DOMAIN || read.name !== name',
    replace: 'read?.domain !== DOMAIN',
    by: 'table',
    table: 'names',
    breaks: 'a statement is read as what it says, and not as one of another name or kind',
    because: 'an ECHO is evidence of a SEND'
  },
  {
    name: 'client-statement-without-its-signer',
    kind: 'forgotten binding',
    in: 'defineClientStatement',
    find: 'signer, fields: value',
    replace: 'signer: new Uint8Array(32), fields: value',
    by: 'table',
    table: 'names',
    breaks: 'a statement of a client tells apart all that statements differ in',
    because: 'what one client signs is what another would'
  },
  {
    name: 'evidence-of-unverified-signatures',
    kind: 'missing check',
    in: 'judgeEvidence',
    find: 'if (!verifyBy(signers[index] as Uint8Array, statement, signature))',
    replace: 'if (!verifyBy(signers[index] as Uint8Array, statement, signature) && index > 0)',
    by: 'table',
    table: 'evidence',
    breaks: 'evidence of which one bit is another proves nothing',
    because: 'a liar proves what nobody has signed'
  },
  {
    name: 'evidence-of-another-epoch',
    kind: 'missing check',
    in: 'readSigned',
    find: 'read.epoch !== undefined && read.epoch !== group.epoch',
    replace: 'read.epoch === -1',
    by: 'table',
    table: 'evidence',
    breaks: 'what a correct member signs is no evidence against it',
    because: 'numbers begin anew in an epoch: a correct member is proven to contradict itself'
  },
  {
    name: 'evidence-of-another-group',
    kind: 'missing check',
    in: 'readSigned',
    find: '!sameBytes(read.group, group.id)',
    replace: 'read.group.length !== group.id.length',
    by: 'table',
    table: 'evidence',
    breaks: 'evidence of which one part is that of another proves nothing',
    because: 'what a member says in one group is held against it in another'
  },
  {
    name: 'evidence-of-a-single-statement',
    kind: 'missing check',
    in: 'contradiction',
    find: "if (sameBytes(first.statement, second.statement)) return 'both statements say the same'",
    replace: '',
    by: 'table',
    table: 'evidence',
    breaks: 'evidence of which one part is that of another proves nothing',
    because: 'whoever says one thing twice contradicts itself'
  },
  {
    name: 'evidence-of-two-signers',
    kind: 'missing check',
    in: 'contradiction',
    find: "if (!sameSigner(a.signer, b.signer)) return 'the two statements have two signers'",
    replace: '',
    by: 'table',
    table: 'evidence',
    breaks: 'evidence of which one part is that of another proves nothing',
    because: 'two correct members that say different things are proven to be one liar'
  },
  {
    name: 'evidence-of-two-components',
    kind: 'missing check',
    in: 'contradiction',
    find: 'a.path === b.path && isOne(a.fields, b.fields)',
    replace: 'isOne(a.fields, b.fields)',
    by: 'table',
    table: 'evidence',
    breaks: 'what a correct member signs is no evidence against it',
    because: 'each component counts from the beginning: a correct member is proven to contradict itself'
  },
  {
    name: 'evidence-of-two-broadcasts',
    kind: 'missing check',
    in: 'twoPayloads',
    find: 'a.sequence === b.sequence',
    replace: 'a.sequence >= 0',
    by: 'table',
    table: 'evidence',
    breaks: 'what a correct member signs is no evidence against it',
    because: 'whoever broadcasts twice is proven to equivocate'
  },
  {
    name: 'evidence-of-two-timestamps',
    kind: 'missing check',
    in: 'twoValues',
    find: '&& a.timestamp === b.timestamp',
    replace: '',
    by: 'table',
    table: 'evidence',
    breaks: 'what a correct member signs is no evidence against it',
    because: 'whoever writes twice is proven to equivocate'
  },
  {
    name: 'evidence-names-another-signer',
    kind: 'missing check',
    in: 'readSigned',
    find: "return sameSigner(read.signer, signer) ? read : 'it names another signer than whose it is said to be'",
    replace: 'return read',
    by: 'table',
    table: 'evidence',
    breaks: 'evidence of which one part is that of another proves nothing',
    because: 'a liar signs what names another, who is accused'
  },
  {
    name: 'lives-before-the-list-are-unknown',
    kind: 'false accusation',
    in: 'remembers',
    find: 'lives.length === EARLIER_LIVES_MAX && life < (lives[0] ?? 0)',
    replace: 'false',
    by: 'table',
    table: 'windows',
    breaks: 'a store remembers the lives that it lists, those before a full list, and that there was none',
    because: 'who has restarted often is taken for one that has lost its store'
  },
  {
    name: 'lives-before-any-list-are-remembered',
    kind: 'missing check',
    in: 'remembers',
    find: 'lives.length === EARLIER_LIVES_MAX && life',
    replace: 'life',
    by: 'table',
    table: 'windows',
    breaks: 'a store remembers the lives that it lists, those before a full list, and that there was none',
    because: 'a store that was put back passes for the old one'
  }
]
