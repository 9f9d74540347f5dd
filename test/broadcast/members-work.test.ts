/** What a peer makes a member do counts in that peer's budget, and one turn is no longer than its bounds. */
import { describe, expect, it } from 'vitest'
import { OWED_BYTES_AT_ONCE, OWED_VOTES_BYTES, REPORTED_BASE_US } from '../../src/broadcast/constants.ts'
import { DoubleEcho, type DoubleEchoOptions, sendStatement } from '../../src/broadcast/double-echo.ts'
import { echoStatement } from '../../src/broadcast/echo-certificate.ts'
import { SignedEcho } from '../../src/broadcast/signed-echo.ts'
import type { Crypto } from '../../src/core/environment.ts'
import { PEER_WORK_BURST_US, PEER_WORK_US_PER_SECOND, WORK_US } from '../../src/links/constants.ts'
import { BroadcastSolo, digestOf, payload } from './solo.ts'

const PATH = 'double-echo'
const WINDOWS = `${PATH}/windows`

const doubleEcho = (n: number, options: DoubleEchoOptions = {}) =>
  new BroadcastSolo(n, 0, (env, ports, up) => new DoubleEcho(env, PATH, ports, options, up))

const bytesOf = (sequence: number) => payload(`m${sequence}`)
const send = (sequence: number, signature: Uint8Array | null = null) => ({
  type: 'SEND',
  sequence,
  payload: bytesOf(sequence),
  signature
})

/** How many signatures the process has verified from now on. */
function verifications(solo: BroadcastSolo<unknown>): () => number {
  let count = 0
  const crypto = solo.env.crypto as { -readonly [K in keyof Crypto]: Crypto[K] }
  const { verify } = crypto
  crypto.verify = (...args) => {
    count++
    return verify(...args)
  }
  return () => count
}

/** What a full budget lets verify, and a second more. */
const BURST = Math.ceil(PEER_WORK_BURST_US / (WORK_US.verification + WORK_US.message))
const PER_SECOND = PEER_WORK_US_PER_SECOND / (WORK_US.verification + WORK_US.message)

describe('signatures that a peer makes a member verify', () => {
  const count = 3000

  it('wait beyond its budget if they are bad, and all are verified in time; another peer does not wait', () => {
    const p = doubleEcho(4, { signedSend: true, windowInstances: count })
    p.sessions(PATH)
    const verified = verifications(p)
    for (let i = 0; i < count; i++) p.receive(1, PATH, send(i, new Uint8Array(64)))
    expect(verified()).toBeGreaterThan(BURST / 2)
    expect(verified()).toBeLessThanOrEqual(BURST)
    const statement = sendStatement.bytes(p.group, PATH, 2, { sequence: 0, digest: digestOf(bytesOf(0)) })
    const other = new BroadcastSolo(4, 2, (env, ports, up) => new DoubleEcho(env, PATH, ports, {}, up))
    p.receive(2, PATH, send(0, other.env.crypto.sign(statement)))
    expect(p.sentOf('ECHO').map(({ message }) => message.sender)).toEqual([2, 2, 2])
    const before = verified()
    p.passTime(1000)
    expect(verified() - before).toBeGreaterThan(PER_SECOND / 2)
    expect(verified() - before).toBeLessThan(2 * PER_SECOND)
    p.passTime(10_000)
    expect(verified()).toBe(count + 1)
  })

  it('do not if they are good: what is of use throttles nobody', () => {
    const p = doubleEcho(4, { signedSend: true, windowInstances: count })
    p.sessions(PATH)
    const { crypto } = new BroadcastSolo(4, 1, (env, ports, up) => new DoubleEcho(env, PATH, ports, {}, up))
      .env
    for (let sequence = 0; sequence < count; sequence++) {
      const fields = { sequence, digest: digestOf(bytesOf(sequence)) }
      p.receive(1, PATH, send(sequence, crypto.sign(sendStatement.bytes(p.group, PATH, 1, fields))))
    }
    expect(p.sentOf('ECHO')).toHaveLength(3 * count)
    expect(p.faults).toEqual([])
  })

  it('in certificates count one by one, as far as they are verified', () => {
    const path = 'signed-echo'
    const p = new BroadcastSolo(
      7,
      0,
      (env, ports, up) => new SignedEcho(env, path, ports, { windowInstances: count }, up)
    )
    p.sessions(path)
    const verified = verifications(p)
    const digest = digestOf(payload('m'))
    const signer = (rank: number) =>
      new BroadcastSolo(7, rank, (env, ports, up) => new SignedEcho(env, path, ports, {}, up))
    const cryptos = p.group.ranks.map((rank) => signer(rank).env.crypto)
    for (let sequence = 0; sequence < 1000; sequence++) {
      const certificate = [0, 1, 2, 3, 4].map((rank) => {
        const statement = echoStatement.bytes(p.group, path, rank, { sender: 1, sequence, digest })
        // All but the last one are good.
        const signature = rank === 4 ? new Uint8Array(64) : cryptos[rank]?.sign(statement)
        return { signer: rank, signature: signature ?? new Uint8Array(64) }
      })
      p.receive(1, path, { type: 'FINAL', sequence, digest, certificate })
    }
    expect(verified()).toBeGreaterThan(BURST / 2)
    expect(verified()).toBeLessThan(PEER_WORK_BURST_US / WORK_US.verification + 5)
    p.passTime(20_000)
    expect(verified()).toBe(5 * 1000)
  })

  it('are not asked for in an instance whose sender was named already', () => {
    const p = doubleEcho(7, { signedSend: true })
    p.sessions(PATH)
    const { crypto } = new BroadcastSolo(7, 1, (env, ports, up) => new DoubleEcho(env, PATH, ports, {}, up))
      .env
    const signed = (text: string) =>
      crypto.sign(sendStatement.bytes(p.group, PATH, 1, { sequence: 0, digest: digestOf(payload(text)) }))
    p.receive(1, PATH, { type: 'SEND', sequence: 0, payload: payload('a'), signature: signed('a') })
    const echo = (from: number, text: string) =>
      p.receive(from, PATH, {
        type: 'ECHO',
        sender: 1,
        sequence: 0,
        digest: digestOf(payload(text)),
        signature: signed(text)
      })
    const verified = verifications(p)
    echo(2, 'b')
    expect(p.faults).toMatchObject([{ process: 1, certainty: 'proven' }])
    const once = verified()
    for (const from of [3, 4, 5, 6]) echo(from, `c${from}`)
    expect(verified()).toBe(once)
    expect(p.faults).toHaveLength(1)
  })
})

it('a report counts by how many bases it has', () => {
  const n = 256
  const p = doubleEcho(n)
  const bases = p.group.ranks.map(() => 0)
  const reports = 100
  for (let i = 0; i < reports; i++) p.receive(1, WINDOWS, { type: 'STATUS', bases: bases.map(() => i) })
  expect(p.takenIn(1)?.workUs).toBe(reports * (WORK_US.message + n * REPORTED_BASE_US))
})

describe('what is owed for reports', () => {
  it('at n = 256 with the reports of all others in one turn: that turn ends, and each is served all of it', () => {
    const n = 256
    const windowInstances = 16
    const p = doubleEcho(n, { windowInstances })
    const others = p.group.ranks.slice(1)
    const all = others.length * windowInstances
    for (let sequence = 0; sequence < windowInstances; sequence++)
      for (const sender of others) p.receive(sender, PATH, send(sequence))
    const bases = p.group.ranks.map(() => 0)
    for (const peer of others) p.startSession(peer)
    p.sent.length = 0
    p.receiveAtOnce(others.map((from) => ({ from, path: WINDOWS, message: { type: 'STATUS', bases } })))
    // More than a turn may do, were it done at once.
    expect(others.length * all).toBeGreaterThan(1_000_000)
    expect(p.sent.length).toBeGreaterThan(1000)
    expect(p.sent.length).toBeLessThan(OWED_BYTES_AT_ONCE / OWED_VOTES_BYTES + 2)
    // Some of them are seen to the end, and the others go away.
    const seen = others.slice(-8)
    for (const peer of others.slice(0, -8)) p.startSession(peer)
    p.sent.length = 0
    p.passTime(1000)
    for (const peer of seen) expect(p.sentOf('ECHO').filter(({ to }) => to === peer)).toHaveLength(all)
    expect(p.faults).toEqual([])
  })

  it('totality: who comes back is sent each vote once, those that are cast meanwhile too', () => {
    const windowInstances = 6000
    const p = doubleEcho(4, { windowInstances })
    for (let sequence = 0; sequence < windowInstances; sequence++) p.receive(1, PATH, send(sequence))
    p.sent.length = 0
    p.session(PATH, 2)
    const served = () => p.sentOf('ECHO').filter(({ to }) => to === 2)
    expect(served().length).toBeLessThan(windowInstances)
    const last = windowInstances - 1
    for (const from of [1, 2, 3])
      for (const sequence of [0, last])
        p.receive(from, PATH, { type: 'READY', sender: 1, sequence, digest: digestOf(bytesOf(sequence)) })
    // Served already, and not yet served.
    expect(p.sentOf('READY').map(({ message }) => message.sequence)).toEqual([0])
    p.passTime(100)
    expect(
      served()
        .map(({ message }) => message.sequence)
        .sort((a, b) => Number(a) - Number(b))
    ).toEqual(Array.from({ length: last }, (_, sequence) => sequence))
    // What was delivered meanwhile is answered with READY alone.
    expect(p.sentOf('READY').map(({ message }) => message.sequence)).toEqual([0, last])
    expect(p.faults).toEqual([])
  })

  it('a session that ends takes with it what was still owed in it, and the next one begins anew', () => {
    const windowInstances = 6000
    const p = doubleEcho(4, { windowInstances })
    for (let sequence = 0; sequence < windowInstances; sequence++) p.receive(1, PATH, send(sequence))
    p.session(PATH, 2)
    p.startSession(2)
    p.sent.length = 0
    p.passTime(100)
    expect(p.sentOf('ECHO')).toEqual([])
    p.receive(2, WINDOWS, { type: 'STATUS', bases: [0, 0, 0, 0] })
    p.passTime(100)
    expect(p.sentOf('ECHO')).toHaveLength(windowInstances)
  })
})

it('a broadcast that makes progress throttles nobody, though they have spent almost all and no time passes', () => {
  const count = 4000
  const p = doubleEcho(4, { windowInstances: 64, retentionCountMax: 64 })
  const affordable = Math.floor((0.9 * PEER_WORK_BURST_US) / WORK_US.session)
  for (let session = 0; session < affordable; session++) p.sessions(PATH)
  for (let sequence = 0; sequence < count; sequence++) {
    const digest = digestOf(bytesOf(sequence))
    p.receive(1, PATH, send(sequence))
    for (const from of [1, 2, 3]) {
      p.receive(from, PATH, { type: 'ECHO', sender: 1, sequence, digest, signature: null })
      p.receive(from, PATH, { type: 'READY', sender: 1, sequence, digest })
    }
    p.do((component) => component.acknowledge(1, sequence))
    if (sequence % 32 !== 31) continue
    for (const peer of [1, 2, 3]) p.receive(peer, WINDOWS, { type: 'STATUS', bases: [0, sequence + 1, 0, 0] })
    p.sent.length = 0
  }
  expect(p.delivered).toHaveLength(count)
})
