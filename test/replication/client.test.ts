/** A client of a replicated machine, alone: what members reply is made up here. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { WindowFullError } from '../../src/core/errors.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { OPERATIONS_OPEN_MAX } from '../../src/exchange/constants.ts'
import { Solo } from '../../src/laboratory/solo.ts'
import { CLIENT_RETRY_MAX_MS, CLIENT_RETRY_MS } from '../../src/replication/constants.ts'
import { CLOSE, type Envelope, OPEN, readEnvelope, readOpen } from '../../src/replication/envelopes.ts'
import { Replica } from '../../src/replication/replica.ts'
import {
  FULL,
  REPLY_KINDS,
  type ReplyKind,
  type SessionResult,
  sessionResult
} from '../../src/replication/replies.ts'

const PATH = 'replica'
const crypto = { hash: nobleBackend.sha256 }
const none = { execute() {}, checkpoint() {}, stable() {}, install() {}, view() {} }

function client(members: number, options = {}) {
  const p = new Solo({
    members,
    clients: 1,
    self: members,
    make: (env, ports) => new Replica(env, PATH, ports, options, { apply: (command) => command }, none)
  })
  for (const peer of p.group.ranks) p.startSession(peer)
  const returned: string[] = []
  const submit = (command: string) => {
    let given: { abandon(): void } | undefined
    p.do((replica) => {
      given = replica.submit(utf8(command), ({ kind, result }) =>
        returned.push(`${command}: ${kind} ${new TextDecoder().decode(result)}`.trimEnd())
      )
    })
    return given
  }
  const closed: string[] = []
  const close = () => {
    let given: { abandon(): void } | undefined
    p.do((replica) => {
      given = replica.closeSession(({ session, refused, unknown }) =>
        closed.push(`${session}: ${refused} refused, ${unknown} unknown`)
      )
    })
    return given
  }
  /** Envelopes that have left since it was asked before, with whom they went to. */
  let seen = 0
  const sent = () => {
    const requests = p.sentOf('REQUEST').slice(seen)
    seen += requests.length
    return requests.map(({ to, message }) => {
      const envelope = readEnvelope(crypto, message.envelope as Uint8Array, 256)
      if (envelope === undefined) throw new Error('a client sends envelopes')
      return { to, envelope }
    })
  }
  const reply = (
    from: number,
    to: Partial<{ hash: Uint8Array; session: number; number: number }>,
    {
      kind = 'result',
      result = '',
      shown = true,
      view = 0,
      digest = crypto.hash(utf8(result))
    }: {
      kind?: ReplyKind
      result?: string
      shown?: boolean
      view?: number
      digest?: Uint8Array
    }
  ) =>
    p.receive(from, PATH, {
      type: 'REPLY',
      envelopeHash: to.hash ?? null,
      sessionId: to.session ?? 0,
      number: to.number ?? 0,
      view,
      groupEpoch: 0,
      outcome: REPLY_KINDS.indexOf(kind),
      digest,
      result: shown ? utf8(result) : null
    })
  /** A member says what came of an envelope that asks for a session, or for its end; undefined: of one that is none. */
  const replyToAsked = (
    from: number,
    { hash, session }: Envelope,
    ended: Partial<SessionResult> | undefined
  ) => {
    const none = { done: true, session: 0, mark: 0, executed: [] }
    const result = ended === undefined ? new Uint8Array() : sessionResult({ ...none, ...ended })
    p.receive(from, PATH, {
      type: 'REPLY',
      envelopeHash: hash,
      sessionId: session,
      number: 0,
      view: 0,
      groupEpoch: 0,
      outcome: REPLY_KINDS.indexOf(ended === undefined ? 'no-session' : 'result'),
      digest: crypto.hash(result),
      result
    })
  }
  /** f + 1 members say it. */
  const opened = (envelope: Envelope, session: number, done = true) => {
    for (let from = 0; from <= p.group.f; from++) replyToAsked(from, envelope, { done, session })
  }
  /** Submits, and has a session: 1,024. */
  const begin = (...commands: readonly string[]) => {
    for (const command of commands) submit(command)
    const [asked] = sent()
    if (asked === undefined) throw new Error('the first command asks for a session')
    opened(asked.envelope, 1024)
  }
  /** Members have not taken it in. */
  const full = ({ hash, session }: Envelope, ...members: readonly number[]) => {
    const said = { envelopeHash: hash, sessionId: session, number: 0, view: 0, groupEpoch: 0, outcome: FULL }
    for (const from of members)
      p.receive(from, PATH, { type: 'REPLY', ...said, digest: crypto.hash(new Uint8Array()), result: null })
  }
  return { p, returned, submit, closed, close, sent, reply, replyToAsked, opened, begin, full }
}
function only(requests: readonly { readonly envelope: Envelope }[]): Envelope {
  const [one, ...others] = requests
  if (one === undefined || others.length > 0) throw new Error(`one envelope, not ${requests.length}`)
  return one.envelope
}
const commandsOf = ({ commands }: Envelope) => commands.map((command) => new TextDecoder().decode(command))
const seven = { session: 1024, number: 1 }

describe.each([4, 5, 6, 7])('of %i members, those that have no room', (members) => {
  function waiting() {
    const one = client(members)
    one.begin('a')
    const envelope = only(one.sent())
    /** How long until all are asked again. */
    const untilAskedAgain = () => {
      const before = one.p.sentOf('REQUEST').length
      let ms = 0
      while (ms < 2 * CLIENT_RETRY_MAX_MS && one.p.sentOf('REQUEST').length === before) {
        one.p.passTime(CLIENT_RETRY_MS)
        ms += CLIENT_RETRY_MS
      }
      return ms
    }
    return { ...one, envelope, untilAskedAgain, f: one.p.group.f }
  }
  const some = (count: number) => Array.from({ length: count }, (_, index) => index)

  it('are asked again as late as ever, once f + 1 say so', () => {
    const { full, envelope, f, untilAskedAgain, p } = waiting()
    full(envelope, ...some(f + 1))
    expect(untilAskedAgain()).toBe(CLIENT_RETRY_MS)
    expect(untilAskedAgain()).toBe(CLIENT_RETRY_MAX_MS)
    expect(p.landmarks).toContain('intake-full')
    expect(p.faults).toEqual([])
  })

  it('are asked again as soon as ever if only f say so, however often', () => {
    const { full, envelope, f, untilAskedAgain, p } = waiting()
    for (let times = 0; times < 3; times++) full(envelope, ...some(f))
    expect(untilAskedAgain()).toBe(CLIENT_RETRY_MS)
    expect(untilAskedAgain()).toBe(2 * CLIENT_RETRY_MS)
    expect(p.landmarks).not.toContain('intake-full')
  })

  it('decide nothing: the command returns what it comes to in the end', () => {
    const { full, envelope, f, reply, returned, submit, untilAskedAgain } = waiting()
    full(envelope, ...some(members))
    expect(returned).toEqual([])
    for (const from of some(f + 1)) reply(from, { session: 1024, number: 1 }, { result: 'done' })
    expect(returned).toEqual(['a: result done'])
    submit('b')
    expect(untilAskedAgain()).toBe(CLIENT_RETRY_MS)
    expect(untilAskedAgain()).toBe(2 * CLIENT_RETRY_MS)
  })
})

describe('a session', () => {
  it('is asked for by the first command, of the primary; and once for many', () => {
    const { sent, submit } = client(4)
    for (const command of ['a', 'b']) submit(command)
    const requests = sent()
    expect(requests.map(({ to, envelope }) => [to, readOpen(envelope)?.replaces])).toEqual([[0, 0]])
  })

  it('is asked for in place of the one that an earlier life has left', () => {
    const { sent, submit, opened } = client(4)
    submit('a')
    const [first] = sent()
    opened(first!.envelope, 7, false)
    const [second] = sent()
    expect(readOpen(second!.envelope)?.replaces).toBe(7)
    opened(second!.envelope, 1024)
    expect(sent().map(({ envelope }) => [envelope.session, commandsOf(envelope)])).toEqual([[1024, ['a']]])
  })

  it('that is lost leaves what had a number without an answer, and the rest goes into another one', () => {
    const { begin, sent, submit, reply, returned } = client(4, { sessionWindow: 1 })
    begin('a')
    submit('b')
    sent()
    for (const from of [0, 1]) reply(from, seven, { kind: 'no-session' })
    expect(returned).toEqual(['a: no-session'])
    expect(sent().map(({ envelope }) => readOpen(envelope)?.replaces)).toEqual([0])
  })
})

describe('a close', () => {
  const kindsOf = (requests: readonly { envelope: Envelope }[]) =>
    requests.map(({ envelope }) => [envelope.kind, envelope.session])

  it('is asked for as a session is: of the primary, and of all when nothing is heard of it, and again', () => {
    const { p, begin, close, sent } = client(4)
    begin('a')
    sent()
    close()
    const asked = sent()
    expect(asked.map(({ to, envelope }) => [to, envelope.kind, envelope.session])).toEqual([[0, CLOSE, 1024]])
    for (const ms of [CLIENT_RETRY_MS, 2 * CLIENT_RETRY_MS]) {
      p.passTime(ms)
      expect(sent().map(({ to, envelope }) => [to, envelope.kind])).toEqual([
        [0, CLOSE],
        [1, CLOSE],
        [2, CLOSE],
        [3, CLOSE]
      ])
    }
  })

  const returnedOf = (...kinds: string[]) => kinds.map((kind, at) => `${'abc'[at]}: ${kind}`)
  it.each<[string, Partial<SessionResult> | undefined, readonly string[], string]>([
    [
      'of a session that has executed nothing',
      {},
      returnedOf('closed', 'closed', 'closed'),
      '1024: 3 refused, 0 unknown'
    ],
    [
      'of a session that has executed the second',
      { executed: [2] },
      returnedOf('closed', 'no-session', 'closed'),
      '1024: 2 refused, 1 unknown'
    ],
    [
      'of a session that has executed all of them',
      { executed: [1, 2, 3] },
      returnedOf('no-session', 'no-session', 'no-session'),
      '1024: 0 refused, 3 unknown'
    ],
    [
      'of a session that has executed what lies below the mark',
      { mark: 2 },
      returnedOf('no-session', 'no-session', 'closed'),
      '1024: 1 refused, 2 unknown'
    ],
    [
      'of a session that has executed nobody knows what, since it was replaced',
      undefined,
      returnedOf('no-session', 'no-session', 'no-session'),
      '1024: 0 refused, 3 unknown'
    ]
  ])('%s', (_, ended, outcomes, told) => {
    const { begin, close, sent, replyToAsked, returned, closed } = client(4)
    begin('a', 'b', 'c')
    sent()
    close()
    const envelope = only(sent())
    for (const from of [2, 3]) replyToAsked(from, envelope, ended)
    expect(returned).toEqual(outcomes)
    expect(closed).toEqual([told])
    expect(sent()).toEqual([])
  })

  it.each([4, 5, 6, 7])('n = %i: is what f + 1 members say alike, and not what f do', (members) => {
    const { p, begin, close, sent, replyToAsked, returned, closed } = client(members)
    begin('a')
    sent()
    close()
    const envelope = only(sent())
    const { f } = p.group
    for (let from = 0; from < f; from++) replyToAsked(from, envelope, {})
    for (let from = 0; from < f; from++) replyToAsked(f + from, envelope, { executed: [1] })
    for (let time = 0; time < 3; time++) replyToAsked(0, envelope, {})
    expect([returned, closed]).toEqual([[], []])
    replyToAsked(members - 1, envelope, { executed: [1] })
    expect([returned, closed]).toEqual([['a: no-session'], ['1024: 0 refused, 1 unknown']])
  })

  it('leaves their results to commands that return before it', () => {
    const { begin, close, sent, reply, replyToAsked, returned, closed } = client(4)
    begin('a', 'b')
    sent()
    close()
    const envelope = only(sent())
    for (const from of [0, 1]) reply(from, seven, { result: 'right' })
    // Members that have closed it have nothing to say of its commands; what they say of the close is more.
    for (const from of [0, 1]) reply(from, { session: 1024, number: 2 }, { kind: 'no-session' })
    expect(returned).toEqual(['a: result right'])
    for (const from of [0, 1]) replyToAsked(from, envelope, { executed: [1] })
    expect(returned).toEqual(['a: result right', 'b: closed'])
    expect(closed).toEqual(['1024: 1 refused, 0 unknown'])
  })

  it('is followed by another session, with what was submitted meanwhile', () => {
    const { begin, submit, close, sent, replyToAsked, opened, reply, returned } = client(4)
    begin('a')
    sent()
    close()
    const envelope = only(sent())
    submit('b')
    expect(sent()).toEqual([])
    for (const from of [0, 1]) replyToAsked(from, envelope, {})
    const [asked] = sent()
    expect(readOpen(asked!.envelope)?.replaces).toBe(0)
    opened(asked!.envelope, 2048)
    expect(sent().map(({ envelope: next }) => [next.session, next.first, commandsOf(next)])).toEqual([
      [2048, 1, ['b']]
    ])
    // What members may still say of the session before is not about this one.
    for (const from of [0, 1]) reply(from, seven, { result: 'old' })
    expect(returned).toEqual(['a: closed'])
  })

  it('takes no command with it that has no number yet', () => {
    const { begin, submit, close, sent, replyToAsked, returned } = client(4, { sessionWindow: 1 })
    begin('a')
    submit('b')
    sent()
    close()
    const envelope = only(sent())
    for (const from of [0, 1]) replyToAsked(from, envelope, { executed: [1] })
    expect(returned).toEqual(['a: no-session'])
    expect(kindsOf(sent())).toEqual([[OPEN, 0]])
  })

  it('of a session that is being opened waits until it is', () => {
    const { submit, close, sent, opened, replyToAsked, returned, closed } = client(4)
    submit('a')
    const [asked] = sent()
    close()
    expect(sent()).toEqual([])
    opened(asked!.envelope, 1024)
    const requests = sent()
    expect(kindsOf(requests)).toEqual([[CLOSE, 1024]])
    for (const from of [0, 1]) replyToAsked(from, requests[0]!.envelope, {})
    expect(closed).toEqual(['1024: 0 refused, 0 unknown'])
    expect(kindsOf(sent())).toEqual([[OPEN, 0]])
    expect(returned).toEqual([])
  })

  it('of no session returns at once, and sends nothing', () => {
    const { close, sent, closed } = client(4)
    close()
    expect([closed, sent()]).toEqual([['0: 0 refused, 0 unknown'], []])
  })

  it('is one for all who ask for it meanwhile; who gives up is not told', () => {
    const { begin, close, sent, replyToAsked, closed } = client(4)
    begin('a')
    sent()
    close()
    close()?.abandon()
    close()
    const requests = sent()
    expect(requests).toHaveLength(1)
    for (const from of [0, 1]) replyToAsked(from, requests[0]!.envelope, {})
    expect(closed).toEqual(['1024: 1 refused, 0 unknown', '1024: 1 refused, 0 unknown'])
  })

  it('leaves no timer behind', () => {
    const { p, begin, close, sent, replyToAsked } = client(4)
    begin('a')
    sent()
    close()
    const envelope = only(sent())
    for (const from of [0, 1]) replyToAsked(from, envelope, {})
    p.passTime(60_000)
    expect(sent()).toEqual([])
  })
})

describe('an envelope', () => {
  it('holds what was submitted meanwhile, under one signature, numbered in a row', () => {
    const { begin, sent } = client(4)
    begin('a', 'b', 'c')
    const [one, ...others] = sent()
    expect(others).toEqual([])
    expect([one!.envelope.first, one!.envelope.acknowledged, commandsOf(one!.envelope)]).toEqual([
      1,
      0,
      ['a', 'b', 'c']
    ])
  })

  it('holds no more commands than a batch', () => {
    const { begin, sent } = client(4, { batchCommandsMax: 2 })
    begin('a', 'b', 'c')
    expect(sent().map(({ envelope }) => commandsOf(envelope))).toEqual([['a', 'b'], ['c']])
  })

  it('acknowledges what has returned, and no number is beyond the window of that', () => {
    const { begin, sent, submit, reply } = client(4, { sessionWindow: 2, batchCommandsMax: 1 })
    begin('a', 'b', 'c')
    expect(sent().map(({ envelope }) => envelope.first)).toEqual([1, 2])
    for (const from of [0, 1]) reply(from, { session: 1024, number: 2 }, {})
    expect(sent()).toEqual([])
    for (const from of [0, 1]) reply(from, { session: 1024, number: 1 }, {})
    submit('d')
    expect(sent().map(({ envelope }) => [envelope.first, envelope.acknowledged])).toEqual([
      [3, 2],
      [4, 2]
    ])
  })

  it('goes to all when nothing is heard of it for a while, and again (known failure 20)', () => {
    const { p, begin, sent } = client(4)
    begin('a')
    expect(sent().map(({ to }) => to)).toEqual([0])
    p.passTime(CLIENT_RETRY_MS)
    expect(sent().map(({ to }) => to)).toEqual([0, 1, 2, 3])
    p.passTime(2 * CLIENT_RETRY_MS)
    expect(sent().map(({ to }) => to)).toEqual([0, 1, 2, 3])
  })

  it('goes to the primary of the highest view that f + 1 members have named', () => {
    const { begin, sent, submit, reply } = client(4)
    begin('a')
    sent()
    reply(0, seven, { view: 9 })
    reply(1, seven, { view: 2 })
    submit('b')
    expect(sent().map(({ to }) => to)).toEqual([2])
  })
})

describe.each([4, 5, 6, 7])('n = %i', (members) => {
  it('returns what f + 1 members reply alike, and not what f do (known failure 20)', () => {
    const { p, begin, reply, returned } = client(members)
    begin('a')
    for (let from = 0; from < p.group.f; from++) reply(from, seven, { result: 'lie' })
    for (let from = 0; from < p.group.f; from++) reply(p.group.f + from, seven, { result: 'right' })
    expect(returned).toEqual([])
    reply(members - 1, seven, { result: 'right' })
    expect(returned).toEqual(['a: result right'])
    expect(p.faults).toEqual([])
    expect(p.landmarks).toContain('reply-outvoted')
  })
})

describe('replies', () => {
  it('of one member count once', () => {
    const { begin, reply, returned } = client(4)
    begin('a')
    for (let time = 0; time < 3; time++) reply(0, seven, { result: 'lie' })
    expect(returned).toEqual([])
  })

  it('of another number and of another session count for none (known failure 20)', () => {
    const { begin, reply, returned } = client(4)
    begin('a')
    reply(0, seven, { result: 'right' })
    reply(1, { session: 1024, number: 2 }, { result: 'right' })
    reply(2, { session: 1023, number: 1 }, { result: 'right' })
    expect(returned).toEqual([])
  })

  it('that are an error and a result are not alike', () => {
    const { begin, reply, returned } = client(4)
    begin('a')
    reply(0, seven, { kind: 'error' })
    reply(1, seven, { kind: 'result' })
    expect(returned).toEqual([])
    reply(2, seven, { kind: 'error' })
    expect(returned).toEqual(['a: error'])
  })

  it('without the result suffice, if one member shows it', () => {
    const { p, begin, reply, returned } = client(4)
    begin('a')
    for (const from of [0, 1]) reply(from, seven, { result: 'long', shown: false })
    expect(returned).toEqual([])
    expect(p.landmarks).toContain('result-asked-again')
    reply(2, seven, { result: 'long' })
    expect(returned).toEqual(['a: result long'])
  })

  it('with a result that has another digest are named, and count for nothing', () => {
    const { p, begin, reply, returned } = client(4)
    begin('a')
    for (const from of [0, 1]) reply(from, seven, { result: 'lie', digest: crypto.hash(utf8('right')) })
    expect(returned).toEqual([])
    expect(p.faults.map(({ process, certainty }) => [process, certainty])).toEqual([
      [0, 'certain'],
      [1, 'certain']
    ])
  })
})

describe('operations', () => {
  it('that are given up before they are sent are never sent', () => {
    const { sent, submit, opened, returned } = client(4)
    const a = submit('a')
    submit('b')
    const [asked] = sent()
    a?.abandon()
    opened(asked!.envelope, 1024)
    expect(sent().map(({ envelope }) => commandsOf(envelope))).toEqual([['b']])
    expect(returned).toEqual([])
  })

  it('that are given up later return nothing, and make room for others', () => {
    const { sent, submit, opened, reply, returned } = client(4, { sessionWindow: 1, batchCommandsMax: 1 })
    const a = submit('a')
    submit('b')
    opened(sent()[0]!.envelope, 1024)
    a?.abandon()
    for (const from of [0, 1]) reply(from, seven, {})
    expect(returned).toEqual([])
    expect(sent().map(({ envelope }) => commandsOf(envelope))).toEqual([['a'], ['b']])
  })

  it('are so many at most', () => {
    const { submit } = client(4)
    for (let at = 0; at < OPERATIONS_OPEN_MAX; at++) submit('a')
    expect(() => submit('b')).toThrow(WindowFullError)
  })

  it('of a client that is at rest let no timer run', () => {
    const { p, begin, sent, reply } = client(4)
    begin('a')
    sent()
    for (const from of [0, 1]) reply(from, seven, {})
    p.passTime(60_000)
    expect(sent()).toEqual([])
  })
})

it('a client that is asked, and a client that answers, are named', () => {
  const { p } = client(4)
  p.receive(2, PATH, { type: 'REQUEST', envelope: new Uint8Array() })
  expect(p.faults.map(({ process, detail }) => `${process} ${detail}`)).toEqual(['2 asks a client'])
})
