/** Each command is executed once: by session, in a window, and after a state was installed; who has a session, and when. */
import { describe, expect, it } from 'vitest'
import { PBFT_MEMBERS_MAX } from '../../src/consensus/pbft/messages.ts'
import {
  REPLY_BYTES,
  RESULT_BYTES_TOTAL_MAX,
  SESSION_RESULT_BYTES_MAX,
  SESSION_SLOTS,
  SESSIONS_MAX
} from '../../src/replication/constants.ts'
import { type Reply, readSessionResult } from '../../src/replication/replies.ts'
import { Sessions } from '../../src/replication/sessions.ts'

const bytes = (value: number, length = 32) => new Uint8Array(length).fill(value)
const MEMBER = bytes(1)
const ANN = bytes(11)
const BOB = bytes(12)
const CLEO = bytes(13)
const BOUNDS = { sessionWindow: 4, sessionPool: 2, poolIdleCommands: 8 }
const make = () => new Sessions([MEMBER], BOUNDS)
const result = (length = 1): Reply => ({ kind: 'result', result: bytes(7, length) })

let envelopes = 0
/** Opens a session, with an envelope of its own. */
function open(sessions: Sessions, client: Uint8Array, id: number, replaces = 0, slot = 0) {
  const envelope = new Uint8Array(32)
  new DataView(envelope.buffer).setUint32(0, ++envelopes)
  const again = () => {
    const { kind, result } = sessions.open(client, { slot, replaces }, envelope, id)
    return kind === 'busy' ? kind : readSessionResult(result)
  }
  return { envelope, again, answer: again() }
}
/** Executes a number as a member would. */
function execute(sessions: Sessions, client: Uint8Array, id: number, number: number, reply = result()) {
  const known = sessions.replyTo(client, id, number)
  if (known !== undefined) return known === 'over' ? known : `again ${known.kind}`
  const refusal = sessions.refusal(client, id, number)
  if (refusal !== undefined) return refusal.kind
  sessions.keep(client, id, number, reply)
  return 'executed'
}
const opened = (session: number, mark = 0, executed: number[] = []) => ({
  done: true,
  session,
  mark,
  executed
})
const refused = (session: number) => ({ done: false, session, mark: 0, executed: [] })

describe('exactly once', () => {
  it('a number is executed once, in any order, and its reply is told again (known failure 11)', () => {
    const sessions = make()
    open(sessions, ANN, 100)
    expect([3, 1, 3, 2, 1].map((number) => execute(sessions, ANN, 100, number))).toEqual([
      'executed',
      'executed',
      'again result',
      'executed',
      'again result'
    ])
  })

  it('what was acknowledged is over, and the window goes on', () => {
    const sessions = make()
    open(sessions, ANN, 100)
    expect(execute(sessions, ANN, 100, 1)).toBe('executed')
    expect(execute(sessions, ANN, 100, 5)).toBe('busy')
    sessions.acknowledge(ANN, 100, 1)
    expect(execute(sessions, ANN, 100, 1)).toBe('over')
    expect(execute(sessions, ANN, 100, 5)).toBe('executed')
  })

  it('an acknowledgement is a maximum', () => {
    const sessions = make()
    open(sessions, ANN, 100)
    for (const mark of [3, 1]) sessions.acknowledge(ANN, 100, mark)
    expect([1, 3, 4].map((number) => execute(sessions, ANN, 100, number))).toEqual([
      'over',
      'over',
      'executed'
    ])
  })

  it('a number of no session, of a closed one and of that of another key has none', () => {
    const sessions = make()
    open(sessions, ANN, 100)
    expect(execute(sessions, ANN, 101, 1)).toBe('no-session')
    expect(execute(sessions, BOB, 100, 1)).toBe('no-session')
    sessions.close(ANN, 100, bytes(1))
    expect(execute(sessions, ANN, 100, 1)).toBe('no-session')
  })

  it.each<[what: string, changes: (sessions: Sessions) => void]>([
    ['a command is executed in it', (sessions) => execute(sessions, ANN, 100, 3)],
    ['its client acknowledges a reply', (sessions) => sessions.acknowledge(ANN, 100, 1)],
    ['it is closed', (sessions) => sessions.close(ANN, 100, bytes(1))],
    ['it is replaced', (sessions) => open(sessions, ANN, 102, 100)]
  ])(
    'a session is written as it was when it was taken, whatever becomes of it meanwhile: %s',
    (_, changes) => {
      const sessions = make()
      open(sessions, ANN, 100)
      for (const number of [1, 2]) execute(sessions, ANN, 100, number)
      const before = sessions.state()
      const taken = sessions.takeChanged()
      changes(sessions)
      const copy = make()
      for (const [name, encode] of taken) copy.install(name, encode() ?? bytes(0))
      expect(copy.state()).toEqual(before)
      expect(copy.executed).toBe(3)
      const later = make()
      const now = new Map([...taken, ...sessions.takeChanged()])
      for (const [name, encode] of now) {
        const encoded = encode()
        if (encoded !== undefined) later.install(name, encoded)
      }
      expect(later.state()).toEqual(sessions.state())
    }
  )

  it('what was executed before a state was written is known after it was installed', () => {
    const sessions = make()
    open(sessions, ANN, 100)
    open(sessions, MEMBER, 101, 0, 3)
    for (const number of [1, 2, 4]) execute(sessions, ANN, 100, number)
    sessions.acknowledge(ANN, 100, 1)
    const copy = make()
    for (const [name, encode] of sessions.takeChanged())
      expect(copy.install(name, encode() ?? bytes(0))).toBe(true)
    expect(copy.state()).toEqual(sessions.state())
    expect(copy.takeChanged()).toEqual([])
    expect([1, 2, 3, 4, 6].map((number) => execute(copy, ANN, 100, number))).toEqual([
      'over',
      'again result',
      'executed',
      'again result',
      'busy'
    ])
  })
})

describe('a session', () => {
  it('is opened in place of the one that is named, and of no other', () => {
    const sessions = make()
    expect(open(sessions, ANN, 100).answer).toEqual(opened(100))
    expect(open(sessions, ANN, 101).answer).toEqual(refused(100))
    expect(open(sessions, ANN, 102, 7).answer).toEqual(refused(100))
    for (const number of [1, 3]) execute(sessions, ANN, 100, number)
    sessions.acknowledge(ANN, 100, 1)
    expect(open(sessions, ANN, 103, 100).answer).toEqual(opened(103, 1, [3]))
    expect(execute(sessions, ANN, 100, 2)).toBe('no-session')
  })

  it('is not opened a second time by the same envelope', () => {
    const sessions = make()
    const first = open(sessions, ANN, 100)
    execute(sessions, ANN, 100, 1)
    expect(first.again()).toEqual(opened(100))
    expect(execute(sessions, ANN, 100, 1)).toBe('again result')
    sessions.close(ANN, 100, bytes(1))
    expect(first.again()).toEqual(opened(100))
    expect(execute(sessions, ANN, 100, 2)).toBe('no-session')
  })

  it('is one of each slot of a key', () => {
    const sessions = make()
    expect(open(sessions, MEMBER, 100, 0, 0).answer).toEqual(opened(100))
    expect(open(sessions, MEMBER, 101, 0, 1).answer).toEqual(opened(101))
    expect(execute(sessions, MEMBER, 100, 1)).toBe('executed')
    expect(execute(sessions, MEMBER, 101, 1)).toBe('executed')
  })

  it('says when it is closed what it has executed, and says it again to the same envelope', () => {
    const sessions = make()
    open(sessions, ANN, 100)
    for (const number of [2, 4]) execute(sessions, ANN, 100, number)
    sessions.acknowledge(ANN, 100, 2)
    const close = (envelope: number) => sessions.close(ANN, 100, bytes(envelope))
    expect(readSessionResult(close(1).result)).toEqual({ done: true, session: 0, mark: 2, executed: [4] })
    expect(close(1)).toEqual(close(1))
    expect(close(2).kind).toBe('no-session')
    expect(sessions.close(BOB, 100, bytes(1)).kind).toBe('no-session')
    open(sessions, ANN, 101)
    expect(close(1).kind).toBe('no-session')
  })
})

describe('room', () => {
  it('the sessions of the largest group and of the pool are not too many', () => {
    expect(PBFT_MEMBERS_MAX * SESSION_SLOTS + 512).toBeLessThanOrEqual(SESSIONS_MAX)
  })

  it('a pool that is full takes nobody before one has been idle for long: the one that was for longest', () => {
    let evicted = 0
    const sessions = new Sessions([MEMBER], BOUNDS, () => evicted++)
    open(sessions, ANN, 100)
    open(sessions, BOB, 101)
    expect(open(sessions, CLEO, 102).answer).toBe('busy')
    open(sessions, MEMBER, 103)
    for (let number = 1; number <= 4; number++) execute(sessions, MEMBER, 103, number)
    expect(execute(sessions, ANN, 100, 1)).toBe('executed')
    expect(open(sessions, CLEO, 104).answer).toBe('busy')
    expect(evicted).toBe(0)
    expect(open(sessions, CLEO, 105).answer).toEqual(opened(105))
    expect(evicted).toBe(1)
    expect(execute(sessions, BOB, 101, 1)).toBe('no-session')
    expect(execute(sessions, ANN, 100, 1)).toBe('again result')
  })

  it('one that was closed makes room at once, and is taken from nobody', () => {
    let evicted = 0
    const sessions = new Sessions([MEMBER], BOUNDS, () => evicted++)
    open(sessions, ANN, 100)
    open(sessions, BOB, 101)
    sessions.close(BOB, 101, bytes(1))
    expect(open(sessions, CLEO, 102).answer).toEqual(opened(102))
    expect(execute(sessions, ANN, 100, 1)).toBe('executed')
    expect(evicted).toBe(0)
  })

  it('members lose no session to others, however idle they are', () => {
    const sessions = make()
    open(sessions, MEMBER, 100)
    open(sessions, ANN, 101)
    for (let number = 1; number <= 20; number++) {
      sessions.acknowledge(ANN, 101, number - 1)
      execute(sessions, ANN, 101, number)
    }
    open(sessions, BOB, 102)
    expect(open(sessions, CLEO, 103).answer).toBe('busy')
    expect(execute(sessions, MEMBER, 100, 1)).toBe('executed')
  })

  it('beyond its bound of results a session is busy, for good for that number, until it acknowledges', () => {
    const sessions = make()
    open(sessions, ANN, 100)
    const long = result(SESSION_RESULT_BYTES_MAX - REPLY_BYTES)
    expect(execute(sessions, ANN, 100, 1, long)).toBe('executed')
    expect(execute(sessions, ANN, 100, 2)).toBe('busy')
    sessions.acknowledge(ANN, 100, 1)
    expect(execute(sessions, ANN, 100, 2)).toBe('again busy')
    expect(execute(sessions, ANN, 100, 3)).toBe('executed')
    expect(readSessionResult(sessions.close(ANN, 100, bytes(1)).result)?.executed).toEqual([3])
  })

  it('results of the pool take a share of all alone: members are not busy for it', () => {
    const sessions = new Sessions([MEMBER], { ...BOUNDS, sessionPool: 100 })
    const long = result(SESSION_RESULT_BYTES_MAX - REPLY_BYTES)
    const places = RESULT_BYTES_TOTAL_MAX / 4 / SESSION_RESULT_BYTES_MAX
    for (let at = 0; at < places; at++) {
      open(sessions, bytes(100 + at), 100 + at)
      expect(execute(sessions, bytes(100 + at), 100 + at, 1, long)).toBe('executed')
    }
    open(sessions, ANN, 50)
    expect(execute(sessions, ANN, 50, 1)).toBe('busy')
    open(sessions, MEMBER, 51)
    expect(execute(sessions, MEMBER, 51, 1)).toBe('executed')
    sessions.acknowledge(bytes(100), 100, 1)
    expect(execute(sessions, ANN, 50, 2)).toBe('executed')
  })
})
