/** A member of a replicated machine: whom it answers, with what, and what it takes in to be ordered. */
import { describe, expect, it } from 'vitest'
import { PENDING_REQUESTS_MAX } from '../../src/consensus/pbft/constants.ts'
import { utf8 } from '../../src/core/bytes.ts'
import { createGroup } from '../../src/core/group.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { Solo, soloKey } from '../../src/laboratory/solo.ts'
import type { ReplicaOptions } from '../../src/replication/constants.ts'
import {
  CLOSE,
  COMMANDS,
  OPEN,
  openCommand,
  readEnvelope,
  signEnvelope
} from '../../src/replication/envelopes.ts'
import { Replica } from '../../src/replication/replica.ts'
import { ReplicatedState } from '../../src/replication/replicated-state.ts'
import { FULL, readSessionResult } from '../../src/replication/replies.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import { moreThanThreeF } from '../../src/stacks/resilience.ts'

const PATH = 'replica'
const MEMBERS = 4
const CLIENT = 4
const group = createGroup({
  id: new Uint8Array(32),
  f: 1,
  publicKeys: [0, 1, 2, 3].map(soloKey),
  clients: [4, 5].map(soloKey)
})
const crypto = symbolicCrypto(group, 1, nobleBackend.sha256)
const nonce = new Uint8Array(16)
const commands = (session: number, first: number, ...given: string[]) => ({
  kind: COMMANDS,
  session,
  first,
  acknowledged: 0,
  commands: given.map(utf8)
})
const open = (replaces = 0) => ({
  kind: OPEN,
  session: 0,
  first: 0,
  acknowledged: 0,
  commands: [openCommand({ slot: 0, replaces, nonce })]
})
const signed = (content: ReturnType<typeof commands>, by = CLIENT, as = by) =>
  signEnvelope({ crypto: crypto(by), group }, PATH, { client: soloKey(as), ...content })

/** The member 1, to which two clients may come. */
function memberOne(members: number, options: ReplicaOptions) {
  const nobody = { execute() {}, checkpoint() {}, stable() {}, install() {}, view() {} }
  const p = new Solo({
    members,
    clients: 2,
    self: 1,
    make: (env, ports) => new Replica(env, PATH, ports, options, { apply: (command) => command }, nobody)
  })
  p.do((replica) => replica.restore())
  return p
}

describe('a request', () => {
  function member() {
    const p = memberOne(MEMBERS, { batchCommandsMax: 2 })
    for (const peer of [0, 2, 3, 4, 5]) p.startSession(peer)
    const ask = (envelope: Uint8Array, from = CLIENT) => {
      p.receive(from, PATH, { type: 'REQUEST', envelope })
      const relayed = p.sentOf('RELAY').splice(0).length
      return p.faults.length > 0
        ? p.faults
            .splice(0)
            .map(({ detail }) => detail)
            .join()
        : `relayed ${relayed}`
    }
    return { ask }
  }

  it('that its client has signed is handed to the primary', () =>
    expect(member().ask(signed(open()))).toBe('relayed 1'))

  it.each([
    ['in the name of another', signed(open(), 5), 'asks in the name of another'],
    ['signed by another', signed(open(), 5, CLIENT), 'asks without a valid signature'],
    ['that is none', utf8('?'), 'asks with what is no envelope'],
    [
      'of more commands than a batch has',
      signed(commands(9, 1, 'a', 'b', 'c')),
      'asks with what is no envelope'
    ],
    ['without a command', signed(commands(9, 1)), 'asks with what is no envelope'],
    ['from the number 0 on', signed(commands(9, 0, 'a')), 'asks with what is no envelope'],
    ['that closes no session', signed({ ...commands(0, 0), kind: CLOSE }), 'asks with what is no envelope'],
    [
      'that opens what is no slot',
      signed({ ...open(), commands: [utf8('?')] }),
      'asks with what is no envelope'
    ]
  ])('%s is not ordered, and who asks is named (known failure 5)', (_, envelope, problem) =>
    expect(member().ask(envelope)).toBe(problem)
  )

  it('whose signature is that of the same commands in another session is not ordered', () => {
    const one = signed(commands(2 ** 40, 1, 'a'))
    const other = signed(commands(2 ** 40 + 1, 1, 'a'))
    // All but the signature of one, and the signature of the other.
    const mixed = Uint8Array.of(...other.slice(0, -64), ...one.slice(-64))
    expect(member().ask(one)).toBe('relayed 1')
    expect(member().ask(mixed)).toBe('asks without a valid signature')
  })
})

describe.each([4, 5, 6, 7])('of %i members, one to which a client asks more than may wait', (members) => {
  function flooded() {
    const [flooding, other] = [members, members + 1]
    const f = moreThanThreeF.largest(members)
    const keys = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => soloKey(from + index))
    const publicKeys = keys(0, members)
    const group = createGroup({ id: new Uint8Array(32), f, publicKeys, clients: keys(members, other + 1) })
    const crypto = symbolicCrypto(group, 1, nobleBackend.sha256)
    const p = memberOne(members, {})
    const begin = () => {
      for (const peer of [...Array(other + 1).keys()]) if (peer !== 1) p.startSession(peer)
    }
    const seen = { relays: 0, replies: 0 }
    const ask = (by: number, number: number) => {
      const content = { client: soloKey(by), ...commands(2 ** 40, number, 'a') }
      const envelope = signEnvelope({ crypto: crypto(by), group }, PATH, content)
      p.receive(by, PATH, { type: 'REQUEST', envelope })
      const relayed = p.sentOf('RELAY').length - seen.relays
      const said = p.sentOf('REPLY').slice(seen.replies)
      seen.relays += relayed
      seen.replies += said.length
      return { relayed, said: said.map(({ to, message }) => [to, message.outcome]) }
    }
    return { begin, ask, flooding, other, p }
  }

  it('says so to that one, and takes in what another asks', () => {
    const { begin, ask, flooding, other, p } = flooded()
    begin()
    for (let number = 1; number <= PENDING_REQUESTS_MAX; number++)
      expect(ask(flooding, number)).toEqual({ relayed: 1, said: [] })
    expect(ask(flooding, PENDING_REQUESTS_MAX + 1)).toEqual({ relayed: 0, said: [[flooding, FULL]] })
    expect(ask(other, 1)).toEqual({ relayed: 1, said: [] })
    expect(p.faults).toEqual([])
  })

  it('says nothing of what waits there already', () => {
    const { begin, ask, flooding } = flooded()
    begin()
    for (let number = 1; number <= PENDING_REQUESTS_MAX; number++) ask(flooding, number)
    expect(ask(flooding, 1)).toEqual({ relayed: 0, said: [] })
  })

  it('says nothing before it serves', () => {
    const { ask, flooding } = flooded()
    for (let number = 1; number <= PENDING_REQUESTS_MAX + 1; number++)
      expect(ask(flooding, number).said).toEqual([])
  })
})

describe('what was executed', () => {
  const SEVEN = { sequence: 7, digest: new Uint8Array(32) }
  function state() {
    const solo = new Solo({ members: MEMBERS, make: () => undefined })
    const values = new Map<string, Uint8Array>()
    const store = {
      put: (key: string, value: Uint8Array) => void values.set(key, value),
      delete: (key: string) => void values.delete(key),
      restored: () => [],
      read() {}
    }
    const applied: string[] = []
    const machine = {
      apply(command: Uint8Array) {
        applied.push(new TextDecoder().decode(command))
        return command
      }
    }
    const bounds = { sessionWindow: 8, sessionPool: 2, poolIdleCommands: 8, writtenBytesPerTurn: 1 }
    const replicated = new ReplicatedState(solo.env, store, machine, bounds)
    replicated.resume(() => {})
    const read = (encoded: Uint8Array) => readEnvelope(crypto(0), encoded, 8)!
    const execute = (sequence: number, ...envelopes: Uint8Array[]) =>
      replicated.execute({ ...SEVEN, sequence }, envelopes.map(read))
    return { applied, execute, answersTo: (encoded: Uint8Array) => replicated.answersTo(read(encoded)) }
  }

  it('is executed once, ordered twice in one batch and in another one (known failures 11 and 20)', () => {
    const { applied, execute } = state()
    const both = signed(commands(7 * 1024, 1, 'a', 'b'))
    execute(7, signed(open()))
    expect(execute(8, both, both).answered.map(({ number }) => number)).toEqual([1, 2, 1, 2])
    execute(9, both, signed(commands(7 * 1024, 2, 'c')))
    expect(applied).toEqual(['a', 'b'])
  })

  it('and of two that its client signs under one number the first that is ordered (known failure 20)', () => {
    const { applied, execute, answersTo } = state()
    const [one, other] = [signed(commands(7168, 1, 'a')), signed(commands(7168, 1, 'b'))]
    execute(7, signed(open()))
    for (const envelope of [other, one, other])
      expect(execute(8, envelope).answered.map(({ reply }) => reply.result)).toEqual([utf8('b')])
    expect(applied).toEqual(['b'])
    expect(answersTo(one)?.map(({ reply }) => reply.result)).toEqual([utf8('b')])
  })

  it('has its place in its batch, across envelopes', () => {
    const { execute } = state()
    const { applied } = execute(7, signed(open()), signed(commands(7 * 1024, 1, 'a', 'b')), signed(open(), 5))
    expect(applied.map(({ index, number }) => [index, number])).toEqual([
      [1, 1],
      [2, 2]
    ])
  })

  it('is told as bytes of its own, which hold on to nothing else of the batch', () => {
    const { execute } = state()
    const { applied } = execute(7, signed(open()), signed(commands(7 * 1024, 1, 'a', 'bc')))
    expect(applied.map(({ command }) => command)).toEqual([utf8('a'), utf8('bc')])
    expect(applied.map(({ command }) => command.buffer.byteLength)).toEqual([1, 2])
  })

  it('names a session by the place of what opened it', () => {
    const { execute } = state()
    const { answered } = execute(7, signed(open(), 5), signed(open()))
    expect(answered.map(({ reply }) => readSessionResult(reply.result)?.session)).toEqual([7168, 7169])
  })

  it('is answered without being ordered; what was not is ordered', () => {
    const { execute, answersTo } = state()
    const [one, two] = [signed(commands(7168, 1, 'a')), signed(commands(7168, 1, 'a', 'b'))]
    expect(answersTo(one)).toBeUndefined()
    execute(7, signed(open()), one)
    expect(answersTo(one)?.map(({ number, reply }) => [number, reply.kind])).toEqual([[1, 'result']])
    expect(answersTo(two)).toBeUndefined()
  })

  it('has no session that was there before, and is not there now', () => {
    const { execute, answersTo } = state()
    execute(7, signed(open()))
    execute(8, signed(open(7168)))
    expect(answersTo(signed(commands(7168, 1, 'a')))?.map(({ reply }) => reply.kind)).toEqual(['no-session'])
    expect(answersTo(signed(commands(9 * 1024, 1, 'a')))).toBeUndefined()
  })

  it('answers at once which session is in the slot, to who wants to replace another one', () => {
    const { execute, answersTo } = state()
    execute(7, signed(open()))
    const [answer] = answersTo(signed(open(3))) ?? []
    expect(readSessionResult(answer!.reply.result)).toMatchObject({ done: false, session: 7168 })
    expect(answersTo(signed(open(7168)))).toBeUndefined()
  })
})
