/**
 * How two processes begin a session: what is refused of a frame, and what comes of every order in which a network brings
 * four of the frames that were ever sent, old ones and those of an earlier life of either end among them.
 */
import { sameBytes, toHex } from '../../src/core/bytes.ts'
import type { Environment } from '../../src/core/environment.ts'
import { createAuthenticator } from '../../src/links/authenticator.ts'
import { Budget } from '../../src/links/budget.ts'
import { EARLIER_LIVES_MAX, NONCE_BYTES, SESSION_ID_BYTES } from '../../src/links/constants.ts'
import { encodeHandshakeContext, type SessionTerms } from '../../src/links/contexts.ts'
import { type HandshakeFrame, openFrame, sealFrame } from '../../src/links/frames.ts'
import { Handshake } from '../../src/links/handshake.ts'
import { Lives } from '../../src/links/lives.ts'
import { OwnLives } from '../../src/links/own-lives.ts'
import type { Session } from '../../src/links/session.ts'
import { environmentOf, group } from '../wire/inputs.ts'
import { product, sequences } from './inputs.ts'
import type { Row, Table } from './table.ts'

const PATH = 'links'
const FINGERPRINT = new Uint8Array([1, 2, 3])
const TAG_BYTES = 32
const clock = { now: () => 0, setTimer: () => ({ cancel() {} }) }

type Drawn = { count: number }

/** One life of one end; what it opens, accepts and sends is written down. */
class End {
  readonly handshake: Handshake
  readonly env: Environment
  readonly opened: SessionTerms[] = []
  readonly accepted: SessionTerms[] = []
  readonly sent: Uint8Array[]

  /** @param sent - what its earlier lives have sent, which it goes on with */
  constructor(
    self: 0 | 1,
    drawn: Drawn,
    {
      incarnation = 1,
      earlier = [],
      seen = 0,
      sent = []
    }: Partial<Record<'incarnation' | 'seen', number>> & {
      earlier?: readonly number[]
      sent?: Uint8Array[]
    } = {}
  ) {
    this.sent = sent
    const bytes = (length: number) => new Uint8Array(length).fill(++drawn.count)
    this.env = { ...environmentOf(self), incarnation, random: { bytes, below: () => 0 }, clock }
    const lives = new Lives(this.env.store)
    lives.raise(1 - self, seen)
    this.handshake = new Handshake(
      this.env,
      {
        path: PATH,
        peer: 1 - self,
        authenticator: createAuthenticator(this.env, 'hmac'),
        fingerprint: () => FINGERPRINT,
        lives,
        ownLives: new OwnLives(this.env, earlier)
      },
      new Budget(clock, { perSecond: 1e9, burst: 1e9 }),
      {
        transmit: (frame) => void this.sent.push(frame),
        open: (terms) => {
          this.opened.push(terms)
          return { terms, confirm() {} } as unknown as Session
        },
        accepted: ({ terms }) => void this.accepted.push(terms),
        unknown() {},
        woken() {},
        refused() {},
        welcomes: () => true
      }
    )
  }

  receive(frame: Uint8Array) {
    const opened = openFrame(frame, TAG_BYTES)
    return opened && this.handshake.receive(opened.frame as HandshakeFrame, opened.proof)
  }
}

const told = ({ initiator, responder }: SessionTerms) =>
  [initiator, responder].map(({ nonce, incarnation }) => `${incarnation}/${nonce[0]}`).join(' and ')

const sameTerms = (a: SessionTerms, b: SessionTerms) =>
  told(a) === told(b) && a.path === b.path && toHex(a.fingerprint) === toHex(b.fingerprint)

/** To whom a step brings one of the frames that the other has ever sent; or who is reborn. */
const STEPS = [...product([0, 1] as const, [0, 1, 2, 'reborn'] as const)]

const toldStep = ([to, what]: (typeof STEPS)[number]) =>
  what === 'reborn' ? `${to} is reborn` : `${to} gets the last frame but ${what}`

/** What has come of each order of steps: all lives of both ends. */
function* runs(): Generator<{ readonly steps: string; readonly lives: readonly (readonly End[])[] }> {
  for (const steps of sequences(STEPS, 4)) {
    const drawn = { count: 0 }
    const lives: [End[], End[]] = [[new End(0, drawn)], [new End(1, drawn)]]
    for (const own of lives) own[0]?.handshake.begin()
    const isWhole = steps.every(([to, what]) => {
      const [end, other] = [lives[to].at(-1) as End, lives[1 - to]?.at(-1) as End]
      if (what === 'reborn') {
        const incarnation = end.env.incarnation + 1
        const earlier = lives[to].map(({ env }) => env.incarnation)
        const next = new End(to, drawn, { incarnation, earlier, sent: end.sent })
        lives[to].push(next)
        next.handshake.begin()
        return true
      }
      // The last one, the one before, and so on: the newest are the likeliest to do something.
      const frame = other.sent.at(-1 - what)
      if (frame === undefined) return false
      end.receive(frame)
      return true
    })
    if (isWhole) yield { steps: steps.map(toldStep).join(', '), lives }
  }
}

const HELLO = {
  group: group.id,
  epoch: group.epoch,
  fingerprint: FINGERPRINT,
  incarnation: 1,
  earlier: [],
  seen: 0
}
const nonce = new Uint8Array(NONCE_BYTES).fill(9)
const session = new Uint8Array(SESSION_ID_BYTES).fill(9)

/** A frame from process 1 to process 0, authentic whatever it says. */
function sealed(frame: HandshakeFrame): Uint8Array {
  const tag = createAuthenticator(environmentOf(1), 'hmac').outgoing(0, encodeHandshakeContext(PATH, 1, 0))
  return sealFrame(frame, tag)
}

const WAKE: HandshakeFrame = { type: 'WAKE', ...HELLO }

const wrong: readonly (readonly [string, HandshakeFrame, kind: string])[] = [
  ['of another group', { ...WAKE, group: new Uint8Array(32) }, 'wrong-group'],
  ['of another epoch', { ...WAKE, epoch: 1 }, 'wrong-group'],
  ['of another stack', { ...WAKE, fingerprint: new Uint8Array([1, 2]) }, 'protocol-violation'],
  ['of the other end', { type: 'INIT', ...HELLO, nonce }, 'protocol-violation'],
  ['UNKNOWN of another epoch', { type: 'UNKNOWN', group: group.id, epoch: 1, session }, 'wrong-group']
]

export const handshake: Table = {
  *'a session is accepted on the terms on which it was offered, in answer to this life'(): Generator<Row> {
    for (const { steps, lives } of runs())
      for (const life of lives[0] ?? [])
        for (const terms of life.accepted) {
          const isOffered = lives[1]?.some(({ opened }) =>
            opened.some((offered) => sameTerms(offered, terms))
          )
          const isOwn = terms.initiator.incarnation === life.env.incarnation
          yield [isOffered === true && isOwn, () => `${steps}: ${told(terms)}`]
        }
  },
  *'a question that comes again gets the offer that was made, and not another one'(): Generator<Row> {
    for (const { steps, lives } of runs())
      for (const { opened } of lives[1] ?? []) {
        const again = opened.filter(
          ({ initiator }, at) =>
            at > 0 && sameBytes((opened[at - 1] as SessionTerms).initiator.nonce, initiator.nonce)
        )
        yield [again.length === 0, () => `${steps}: ${opened.map(told).join(', ')}`]
      }
  },
  *'one offer is accepted once'(): Generator<Row> {
    for (const { steps, lives } of runs())
      for (const { accepted } of lives[0] ?? [])
        yield [
          new Set(accepted.map(({ initiator }) => initiator.nonce[0])).size === accepted.length,
          () => `${steps}: ${accepted.map(told).join(', ')}`
        ]
  },
  *'a session begins once both have begun and nothing is lost'(): Generator<Row> {
    const drawn = { count: 0 }
    const [a, b] = [new End(0, drawn), new End(1, drawn)]
    a.handshake.begin()
    b.receive(a.sent[0] as Uint8Array)
    a.receive(b.sent.at(-1) as Uint8Array)
    const terms = a.accepted[0]
    yield [
      terms !== undefined && sameTerms(terms, b.opened[0] as SessionTerms),
      () => `${a.accepted.map(told)}`
    ]
    yield [a.handshake.initiator && !b.handshake.initiator, () => 'the lower rank is the initiator']
  },
  *'a frame of another group, epoch, stack or end is refused, and one that is not authentic'(): Generator<Row> {
    for (const [what, frame, kind] of wrong) {
      const fault = new End(0, { count: 0 }).receive(sealed(frame))
      yield [fault?.kind === kind, () => `${frame.type} ${what}: ${fault?.kind ?? 'accepted'}`]
    }
    const right = sealed(WAKE)
    const accepted = new End(0, { count: 0 }).receive(right)
    yield [accepted === undefined, () => `a frame that is right: ${accepted?.detail}`]
    for (let at = right.length - TAG_BYTES; at < right.length; at++) {
      const changed = right.map((byte, index) => (index === at ? byte ^ 1 : byte))
      const fault = new End(0, { count: 0 }).receive(changed)
      yield [fault?.kind === 'invalid-mac', () => `byte ${at} changed: ${fault?.kind ?? 'accepted'}`]
    }
  },
  *'a life is refused if a later one was seen, or one that it does not go on from'(): Generator<Row> {
    const full = Array.from({ length: EARLIER_LIVES_MAX }, (_, index) => 3 + index)
    for (const [seen, incarnation, earlier] of product(
      [0, 1, 2, 3, 4],
      [1, 2, 3, 4, 5, 3 + EARLIER_LIVES_MAX],
      [[], [1], [2], [1, 2], [2, 4], full] as readonly (readonly number[])[]
    )) {
      const fault = new End(0, { count: 0 }, { seen }).receive(sealed({ ...WAKE, incarnation, earlier }))
      const isKnown = seen === 0 || earlier.includes(seen) || (earlier === full && seen < 3)
      const right = incarnation < seen ? 'stale-life' : incarnation > seen && !isKnown ? 'amnesia' : undefined
      yield [
        fault?.kind === right,
        () => `life ${incarnation} after ${earlier}, seen ${seen}: ${fault?.kind ?? 'accepted'}`
      ]
    }
  },
  *'a life of this process that it knows nothing of is believed when f + 1 members have seen it'(): Generator<Row> {
    const env = { ...environmentOf(0), incarnation: 5 }
    // Members 1 to 3, and a client.
    for (const peers of sequences([1, 2, 3, 4], 3))
      for (const seen of [0, 2, 3, 5, 6]) {
        const own = new OwnLives(env, [2])
        const members = new Set<number>()
        for (const peer of peers) {
          const fault = own.dispute(peer, seen)
          if (peer < 4) members.add(peer)
          const isKnown = [0, 2, 5].includes(seen)
          const right = isKnown ? undefined : members.size > group.f ? 'amnesia' : 'protocol-violation'
          yield [fault?.kind === right, () => `${peers} have seen life ${seen}: ${fault?.kind ?? 'nothing'}`]
        }
      }
  }
}
