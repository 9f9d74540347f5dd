/** Every format on the wire, with values that show it. What each field means is in docs/wire.md. */
import { authenticatedEchoMessages } from '../../src/broadcast/authenticated-echo.ts'
import { bestEffortMessages } from '../../src/broadcast/best-effort-broadcast.ts'
import { PAYLOAD_BYTES_MAX } from '../../src/broadcast/constants.ts'
import { doubleEchoMessages, sendStatement } from '../../src/broadcast/double-echo.ts'
import { echoStatement } from '../../src/broadcast/echo-certificate.ts'
import { payloadMessages } from '../../src/broadcast/payloads.ts'
import { signedEchoMessages } from '../../src/broadcast/signed-echo.ts'
import { windowMessages } from '../../src/broadcast/windows.ts'
import { findStack, stacks } from '../../src/catalogue/index.ts'
import { sameBytes, utf8 } from '../../src/core/bytes.ts'
import type { Messages } from '../../src/core/messages.ts'
import {
  bool,
  bytes,
  digest,
  encode,
  list,
  optional,
  record,
  type Shape,
  signature,
  text,
  uint
} from '../../src/core/shapes.ts'
import { genesisShape, groupId } from '../../src/crypto/genesis.ts'
import { peerIdOf } from '../../src/crypto/peer-id.ts'
import { detectorMessages } from '../../src/detectors/perfect-failure-detector.ts'
import { certificateShape } from '../../src/exchange/certificate.ts'
import { encodeFrames, FrameDecoder } from '../../src/libp2p/transport-framing.ts'
import { decodeIntro, encodeIntro } from '../../src/libp2p/transport-intro.ts'
import { createAuthenticator } from '../../src/links/authenticator.ts'
import type { Carrier } from '../../src/links/carrier.ts'
import {
  CLIENT_WIRE_RANK,
  type End,
  encodeHandshakeContext,
  encodeSessionContext,
  type SessionTerms,
  sessionId
} from '../../src/links/contexts.ts'
import { fairLossMessages } from '../../src/links/fair-loss-links.ts'
import { FifoLinks } from '../../src/links/fifo-links.ts'
import { type Frame, frames, openFrame, sealFrame } from '../../src/links/frames.ts'
import { PerfectLinks } from '../../src/links/perfect-links.ts'
import { StubbornLinks } from '../../src/links/stubborn-links.ts'
import { fingerprint, openPorts, terms } from '../../src/stacks/paths.ts'
import { agreementMessages } from './agreement-specifications.ts'
import { made, messageEntries, shaped } from './codecs.ts'
import type { Codec, Specification } from './fixture.ts'
import { counting, cryptoOf, environmentOf, genesis, group } from './inputs.ts'
import { registerMessages, values } from './register-specifications.ts'

const payload = utf8('hello')
const hash = cryptoOf(0).hash(payload)
const nonceA = counting(0xa0, 16)
const nonceB = counting(0xb0, 16)

// Shapes.

const shapeEntry = (name: string, shape: Shape<never>, value: unknown) => ({
  name,
  value,
  codec: shaped(shape)
})

const shapes: Specification = {
  file: 'shapes',
  about: 'The shapes of core/shapes.ts in CBOR.',
  entries: [
    ...[0, 1, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, Number.MAX_SAFE_INTEGER].map((value) =>
      shapeEntry(`uint ${value}`, uint() as Shape<never>, value)
    ),
    shapeEntry('bytes, none', bytes(8) as Shape<never>, new Uint8Array(0)),
    shapeEntry('bytes, five', bytes(8) as Shape<never>, counting(1, 5)),
    shapeEntry('bytes, 24: a length of its own byte', bytes(32) as Shape<never>, counting(1, 24)),
    shapeEntry('digest', digest as Shape<never>, hash),
    shapeEntry('signature', signature as Shape<never>, counting(0x40, 64)),
    shapeEntry('text, empty', text(8) as Shape<never>, ''),
    shapeEntry('text, UTF-8 of one to four bytes', text(8) as Shape<never>, 'aé€🜁'),
    shapeEntry('bool false', bool as Shape<never>, false),
    shapeEntry('bool true', bool as Shape<never>, true),
    shapeEntry('optional, absent', optional(uint()) as Shape<never>, null),
    shapeEntry('optional, present', optional(uint()) as Shape<never>, 7),
    shapeEntry('list, empty', list(uint(), 4) as Shape<never>, []),
    shapeEntry('list', list(uint(), 4) as Shape<never>, [1, 2, 3]),
    shapeEntry('record', record({ first: uint(), second: bool }) as Shape<never>, { first: 1, second: true })
  ]
}

// Messages of the protocols.

const certificate = [0, 1, 3].map((signer) => ({ signer, signature: counting(0x40 + signer, 64) }))

function attached(links: PerfectLinks | FifoLinks, below: Carrier): Carrier {
  links.attach(below)
  return links
}

/** What a rung of the ladder hands to the one below it. */
function rung(make: (below: Carrier) => Carrier): Codec {
  return made((value: { readonly payload: Uint8Array }) => {
    const sent: Uint8Array[] = []
    make({ send: (_, message) => sent.push(message) }).send(1, value.payload)
    return sent[0] ?? new Uint8Array(0)
  })
}

const messages: Specification = {
  file: 'messages',
  about: 'The messages of each protocol, as a port carries them: without the port number.',
  entries: [
    ...messageEntries('authenticated-echo', authenticatedEchoMessages(PAYLOAD_BYTES_MAX) as Messages<never>, [
      { type: 'SEND', sequence: 7, payload },
      { type: 'ECHO', sender: 2, sequence: 7, digest: hash }
    ]),
    ...messageEntries('signed-echo', signedEchoMessages(PAYLOAD_BYTES_MAX) as Messages<never>, [
      { type: 'SEND', sequence: 7, payload },
      { type: 'ECHO', sequence: 7, digest: hash, signature: counting(0x40, 64) },
      { type: 'FINAL', sequence: 7, digest: hash, certificate }
    ]),
    ...messageEntries('double-echo', doubleEchoMessages(PAYLOAD_BYTES_MAX) as Messages<never>, [
      { type: 'SEND', sequence: 7, payload, signature: null },
      { type: 'SEND', sequence: 7, payload, signature: counting(0x40, 64) },
      { type: 'ECHO', sender: 2, sequence: 7, digest: hash, signature: null },
      { type: 'ECHO', sender: 2, sequence: 7, digest: hash, signature: counting(0x40, 64) },
      { type: 'READY', sender: 2, sequence: 7, digest: hash }
    ]),
    ...messageEntries('windows', windowMessages as Messages<never>, [
      { type: 'STATUS', bases: [0, 23, 24, 300] },
      { type: 'GAP', sender: 2, retainedFrom: 41 }
    ]),
    ...messageEntries('payloads', payloadMessages(PAYLOAD_BYTES_MAX) as Messages<never>, [
      { type: 'PULL', sender: 2, sequence: 7, digest: hash },
      { type: 'PAYLOAD', sender: 2, sequence: 7, payload }
    ]),
    ...messageEntries('detector', detectorMessages as Messages<never>, [
      { type: 'HEARTBEATREQUEST' },
      { type: 'HEARTBEATREPLY' }
    ]),
    ...messageEntries('best-effort', bestEffortMessages as Messages<never>, [{ type: 'DATA', payload }]),
    ...messageEntries('fair-loss links', fairLossMessages as Messages<never>, [
      { type: 'FRAME', sender: 2, payload }
    ]),
    {
      name: 'stubborn links MESSAGE, number 1',
      value: { payload },
      codec: rung((below) => new StubbornLinks(environmentOf(0), 'links', below, { deliver() {} }))
    },
    {
      name: 'perfect links NUMBERED, sequence 1',
      value: { payload },
      codec: rung((below) => attached(new PerfectLinks(environmentOf(0), 'links', { deliver() {} }), below))
    },
    {
      name: 'FIFO links ORDERED, lsn 1',
      value: { payload },
      codec: rung((below) => attached(new FifoLinks(environmentOf(0), 'links', { deliver() {} }), below))
    }
  ]
}

// Ports.

const stackOf = (name: string) => {
  const stack = findStack(name)
  if (stack === undefined) throw new Error(`no stack ${name}`)
  return stack
}

const termsOf = (name: string) => terms(openPorts(environmentOf(0), stackOf(name), {})).members

const ports: Specification = {
  file: 'ports',
  about:
    'The fingerprint of each stack with its default bounds: SHA-256 of the list of its ports by number, the path of each and then its terms, and of the authenticator.',
  entries: stacks.map(({ name }) => ({
    name,
    value: { stack: name, terms: termsOf(name) },
    codec: made((value: { readonly terms: readonly string[] }) =>
      fingerprint(environmentOf(0), { members: value.terms, clients: [] }, 1)
    )
  }))
}

// Authenticated links.

const print = fingerprint(environmentOf(0), { members: termsOf('double-echo'), clients: [] }, 1)
const initiator: End = { rank: 0, nonce: nonceA, incarnation: 3 }
const responder: End = { rank: 1, nonce: nonceB, incarnation: 5 }
const sessionTerms: SessionTerms = { path: 'links', group, fingerprint: print, initiator, responder }
const id = sessionId(sessionTerms, cryptoOf(0).hash)

const helloOfLower = {
  group: group.id,
  epoch: 0,
  fingerprint: print,
  incarnation: 3,
  earlier: [1, 2],
  seen: 5
}
const helloOfHigher = { ...helloOfLower, incarnation: 5, earlier: [], seen: 0 }
const inner = [Uint8Array.of(0, ...counting(1, 3)), Uint8Array.of(1)]

interface Sealed {
  readonly from: number
  readonly to: number
  readonly frame: Frame
}

const frameSamples: readonly Sealed[] = [
  { from: 1, to: 0, frame: { type: 'WAKE', ...helloOfHigher } },
  { from: 0, to: 1, frame: { type: 'INIT', ...helloOfLower, nonce: nonceA } },
  { from: 1, to: 0, frame: { type: 'ACCEPT', ...helloOfHigher, nonce: nonceB, echo: nonceA } },
  { from: 0, to: 1, frame: { type: 'CONFIRM', session: id } },
  { from: 1, to: 0, frame: { type: 'ACK', session: id, ack: 0 } },
  { from: 0, to: 1, frame: { type: 'DATA', session: id, sequence: 1, ack: 0, messages: inner } },
  { from: 1, to: 0, frame: { type: 'UNKNOWN', group: group.id, epoch: 0, session: id } }
]

const isOfSession = ({ type }: Frame) => type === 'DATA' || type === 'ACK' || type === 'CONFIRM'
const contextOf = ({ from, to, frame }: Sealed): Uint8Array =>
  isOfSession(frame)
    ? encodeSessionContext(sessionTerms, from, to)
    : encodeHandshakeContext('links', from, to)

/** A whole frame: sealed by its sender, opened and verified by its receiver. */
function sealed(authentication: 'hmac' | 'ed25519', { from, to }: Sealed): Codec {
  const at = (self: number) => createAuthenticator({ ...environmentOf(self) }, authentication)
  return {
    encode: (value: Sealed) => sealFrame(value.frame, at(value.from).outgoing(value.to, contextOf(value))),
    decode: (whole) => {
      const opened = openFrame(whole, at(to).tagBytes)
      if (opened === undefined) return undefined
      const value = { from, to, frame: opened.frame }
      const { body, tag } = opened.proof
      return at(to).incoming(from, contextOf(value))(body, tag) ? value : undefined
    }
  }
}

const frameBodies: Codec = {
  encode: ({ frame }: Sealed) => frames.encode(frame),
  decode: (body) => frames.decode(body)
}

const linkFrames: Specification = {
  file: 'frames',
  about: 'Frames of authenticated links: bodies, and whole frames with their tags.',
  entries: [
    ...frameSamples.map(({ frame }) => ({
      name: `body of ${frame.type}`,
      value: frame,
      codec: { ...frameBodies, encode: (value: Frame) => frames.encode(value) }
    })),
    ...(['hmac', 'ed25519'] as const).flatMap((authentication) =>
      frameSamples.map((sample) => ({
        name: `${sample.frame.type} under ${authentication}`,
        value: sample,
        codec: sealed(authentication, sample)
      }))
    )
  ]
}

const contexts: Specification = {
  file: 'contexts',
  about: 'What keys and link signatures are bound to, and what follows from it.',
  entries: [
    {
      name: 'handshake context, 0 to 1',
      value: { path: 'links', from: 0, to: 1 },
      codec: made(({ path, from, to }: { path: string; from: number; to: number }) =>
        encodeHandshakeContext(path, from, to)
      )
    },
    {
      name: 'handshake context, a client to 1',
      value: { path: 'links', from: CLIENT_WIRE_RANK, to: 1 },
      codec: made(({ path, from, to }: { path: string; from: number; to: number }) =>
        encodeHandshakeContext(path, from, to)
      )
    },
    ...[
      [0, 1],
      [1, 0]
    ].map(([from, to]) => ({
      name: `session context, ${from} to ${to}`,
      value: { from, to, initiator, responder, path: 'links', fingerprint: print },
      codec: made(
        (value: { from: number; to: number; initiator: End; responder: End; fingerprint: Uint8Array }) =>
          encodeSessionContext({ ...sessionTerms, ...value }, value.from, value.to)
      )
    })),
    {
      name: 'session id',
      value: { initiator, responder },
      codec: made(() => sessionId(sessionTerms, cryptoOf(0).hash))
    }
  ]
}

// What is signed.

interface Signed {
  readonly signer: number
  readonly path: string
  readonly fields: { readonly sender: number; readonly sequence: number; readonly digest: Uint8Array }
}
const signedSample: Signed = {
  signer: 1,
  path: 'signed-echo',
  fields: { sender: 2, sequence: 7, digest: hash }
}
const sendSample = { signer: 2, path: 'double-echo', fields: { sequence: 7, digest: hash } }
const echoBytes = ({ signer, path, fields }: Signed) => echoStatement.bytes(group, path, signer, fields)
const sendBytes = ({ signer, path, fields }: typeof sendSample) =>
  sendStatement.bytes(group, path, signer, fields)

const statements: Specification = {
  file: 'statements',
  about: 'Statements, and their signatures under the signers’ keys.',
  entries: [
    { name: 'ECHO of signed echo', value: signedSample, codec: made(echoBytes) },
    {
      name: 'signature of that ECHO',
      value: signedSample,
      codec: made((value: Signed) => cryptoOf(value.signer).sign(echoBytes(value)))
    },
    { name: 'SEND of double echo with signed sends', value: sendSample, codec: made(sendBytes) },
    {
      name: 'signature of that SEND',
      value: sendSample,
      codec: made((value: typeof sendSample) => cryptoOf(value.signer).sign(sendBytes(value)))
    },
    { name: 'a certificate', value: certificate, codec: shaped(certificateShape as Shape<never>) }
  ]
}

// Groups.

const groups: Specification = {
  file: 'genesis',
  about: 'A genesis, the id of its group, and the peer ids of its members (as ASCII).',
  entries: [
    { name: 'genesis', value: genesis, codec: shaped(genesisShape as Shape<never>) },
    { name: 'group id', value: genesis, codec: made((value: typeof genesis) => groupId(value)) },
    ...genesis.publicKeys.map((publicKey, rank) => ({
      name: `peer id of member ${rank}`,
      value: { publicKey },
      codec: made((value: { readonly publicKey: Uint8Array }) => utf8(peerIdOf(value.publicKey)))
    }))
  ]
}

// The transport's stream.

const stream: Codec = {
  encode: (pieces: readonly Uint8Array[]) => encodeFrames(pieces),
  decode: (encoded) => {
    const read: Uint8Array[] = []
    let whole = true
    const decoder = new FrameDecoder({
      frameBytesMax: 1000,
      frame: (piece) => read.push(piece),
      violation: () => {
        whole = false
      }
    })
    decoder.push(encoded)
    // What is left out of it (an empty frame, one that is incomplete) makes no frame.
    return whole && sameBytes(encodeFrames(read), encoded) ? read : undefined
  }
}

const transport: Specification = {
  file: 'transport',
  about: 'The stream between two members: INTRO, and frames behind their lengths.',
  entries: [
    {
      name: 'INTRO',
      value: { version: 3, groupId: group.id, genesis: encode(genesisShape, genesis) },
      codec: { encode: encodeIntro as Codec['encode'], decode: decodeIntro }
    },
    { name: 'one frame', value: [counting(1, 3)], codec: stream },
    { name: 'two frames in one piece', value: [counting(1, 2), counting(9, 1)], codec: stream },
    { name: 'a frame of 200 bytes: a length of two bytes', value: [counting(0, 200)], codec: stream }
  ]
}

export const specifications: readonly Specification[] = [
  shapes,
  messages,
  ports,
  linkFrames,
  contexts,
  statements,
  groups,
  transport,
  registerMessages,
  agreementMessages,
  values
]
