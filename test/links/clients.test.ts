/** Sessions between members and clients. Members are 0 and 1, clients 2 and 3; a client calls itself 2 in any case. */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { CLIENT_WIRE_RANK, encodeHandshakeContext, encodeSessionContext } from '../../src/links/contexts.ts'
import { type Frame as LinkFrame, openFrame } from '../../src/links/frames.ts'
import {
  AUTHENTICATIONS,
  AuthenticatedCluster,
  type AuthenticatedClusterInit
} from './authenticated-cluster.ts'
import { type Frame, keyOf, testGroup, withClients } from './harness.ts'

const MEMBERS = [0, 1]
const CLIENTS = [2, 3]

describe.each(AUTHENTICATIONS)('clients, %s, cryptography %s', (authenticator, cryptography) => {
  const start = (init: Partial<AuthenticatedClusterInit> = {}) =>
    new AuthenticatedCluster({ members: 2, clients: 2, authenticator, cryptography, ...init }).start()

  const sessions = (cluster: AuthenticatedCluster, at: number) =>
    [...MEMBERS, ...CLIENTS].filter((peer) => cluster.links(at).count('sessionStarted', peer) > 0)

  /** All that anybody was delivered. */
  const delivered = (cluster: AuthenticatedCluster) =>
    cluster.nodes.map(({ links }) => links.indications.filter(({ name }) => name === 'deliver'))

  /** Every member and every client have said something to each other, and a client and a member had another life. */
  const eventful = () => {
    const cluster = start()
    const exchange = (text: string) => {
      for (const member of MEMBERS) {
        for (const client of CLIENTS) {
          cluster.say(member, client, `${text} of ${member} for ${client}`)
          cluster.say(client, member, `${text} of ${client} for ${member}`)
        }
      }
      cluster.time.advance(2000)
    }
    exchange('first')
    cluster.reborn(2)
    exchange('second')
    cluster.reborn(0)
    exchange('third')
    cluster.time.advance(2000)
    return cluster
  }

  it('a client has a session with every member, and none with another client', () => {
    const cluster = start()
    for (const client of CLIENTS) expect(sessions(cluster, client)).toEqual(MEMBERS)
    for (const member of MEMBERS) expect(sessions(cluster, member)).toEqual([1 - member, ...CLIENTS])
    for (const { rank } of cluster.nodes) expect(cluster.faults(rank)).toEqual([])
  })

  it('reliable delivery and FIFO delivery, both ways, whatever number a process calls a client by', () => {
    const base = testGroup(2)
    // Member 1 lists the clients the other way round.
    const groupOf = (rank: number) => withClients(base, rank >= 2 ? [rank] : rank === 0 ? [2, 3] : [3, 2])
    const cluster = start({ groupOf })
    for (const member of MEMBERS) {
      cluster.say(3, member, 'a', 'b')
      cluster.say(member, 3, 'c', 'd')
    }
    cluster.time.advance(1000)
    expect(cluster.links(0).delivered(3)).toEqual(['a', 'b'])
    expect(cluster.links(1).delivered(2)).toEqual(['a', 'b'])
    for (const member of MEMBERS) expect(cluster.links(3).delivered(member)).toEqual(['c', 'd'])
    for (const { rank } of cluster.nodes) expect(cluster.faults(rank)).toEqual([])
  })

  it('the member initiates, also when it is the client that comes back', () => {
    const cluster = eventful()
    const initiators = new Set(cluster.sent('INIT').map(({ from }) => from))
    expect([...initiators].sort()).toEqual(MEMBERS)
  })

  it('a restart of a client begins a new session, though nothing of it is remembered', () => {
    const cluster = start()
    for (const life of [9, 3, 1]) {
      cluster.reborn(2, { life, amnesia: true })
      cluster.time.advance(2000)
      cluster.say(2, 0, `life ${life}`)
      cluster.time.advance(1000)
    }
    expect(cluster.links(0).delivered(2)).toEqual(['life 9', 'life 3', 'life 1'])
    expect(cluster.faults(0)).toEqual([])
    expect(cluster.faults(2)).toEqual([])
  })

  it('a client refuses a member that lives with less than it had stored', () => {
    const cluster = start()
    cluster.time.advance(1000)
    cluster.reborn(0, { life: 5 })
    cluster.time.advance(2000)
    cluster.crash(1)
    cluster.reborn(0, { life: 8, previous: 1 })
    cluster.time.advance(20_000)
    cluster.say(0, 2, 'from the past')
    cluster.time.advance(1000)
    expect(cluster.faults(2)).toContain('amnesia suspected')
    expect(cluster.links(2).delivered(0)).toEqual([])
    // What a client says of it is one word against the other.
    expect(cluster.faults(0)).toContain('protocol-violation suspected')
    expect(cluster.faults(0)).not.toContain('amnesia suspected')
  })

  it('every frame ever sent, replayed: no delivery, and no established session ends', () => {
    const cluster = eventful()
    const before = delivered(cluster)
    const ended = cluster.nodes.map(({ links }) =>
      links.indications.filter(({ name }) => name === 'sessionEnded')
    )
    const frames = [...cluster.recorded]
    for (const frame of [...frames, ...frames.reverse()]) {
      cluster.inject(frame)
      cluster.time.advance(1)
    }
    cluster.time.advance(30_000)
    expect(delivered(cluster)).toEqual(before)
    expect(
      cluster.nodes.map(({ links }) => links.indications.filter(({ name }) => name === 'sessionEnded'))
    ).toEqual(ended)
  })

  it('a client passes neither for a member nor for another client: each frame from or to another is refused', () => {
    const cluster = eventful()
    const before = delivered(cluster)
    for (const { from, to, bytes } of [...cluster.recorded]) {
      for (const { rank } of cluster.nodes) {
        if (rank !== from) cluster.inject({ from: rank, to, bytes })
        if (rank !== to) cluster.inject({ from, to: rank, bytes })
      }
    }
    cluster.time.advance(30_000)
    expect(delivered(cluster)).toEqual(before)
    for (const { rank } of cluster.nodes) {
      expect(cluster.faults(rank).filter((fault) => !fault.endsWith('suspected'))).toEqual([])
    }
  })

  it('a frame is not reflected: neither to its sender, nor from a client’s session into a member’s', () => {
    const cluster = eventful()
    const before = delivered(cluster)
    for (const { from, to, bytes } of [...cluster.recorded]) cluster.inject({ from: to, to: from, bytes })
    cluster.time.advance(30_000)
    expect(delivered(cluster)).toEqual(before)
  })

  it('another fingerprint for clients is named, and concerns no member', () => {
    const print = (clients: boolean, rank: number) => Uint8Array.of(clients ? rank : 9)
    const fingerprintOf = (rank: number, peer: number) => print(rank >= 2 || peer >= 2, rank >= 2 ? 7 : 8)
    const cluster = start({ fingerprintOf })
    cluster.time.advance(2000)
    expect(sessions(cluster, 0)).toEqual([1])
    expect(cluster.faults(2)).toContain('protocol-violation suspected')
    expect(cluster.node(0).faults.every(({ process }) => process >= 2)).toBe(true)
  })
})

describe('a Byzantine client between a member and another client', () => {
  /**
   * Client 3 hands client 2's nonce to the member as its own, so that both sessions of the member are under the same
   * nonces and lives; then it gives client 2 what the member says to it.
   */
  it.each(AUTHENTICATIONS)(
    'cannot pass on what a member says to it, %s, cryptography %s',
    (authenticator, cryptography) => {
      const cluster = new AuthenticatedCluster({ members: 1, clients: 2, authenticator, cryptography })
      const { tagBytes } = cluster
      const bodyOf = ({ bytes }: Frame) => openFrame(bytes, tagBytes)!.frame as LinkFrame
      const [victim, traitor] = [1, 2]
      const held: Frame[] = []
      cluster.network.passes = (frame) => {
        held.push(frame)
        return false
      }
      cluster.startOne(0)
      cluster.startOne(victim)
      const init = held.find(
        ({ to, bytes }) => to === traitor && bodyOf({ from: 0, to, bytes }).type === 'INIT'
      )!
      // As from the member: the victim knows no better than to verify it.
      cluster.inject({ from: 0, to: victim, bytes: init.bytes })
      const accepted = held.filter((frame) => frame.from === victim && bodyOf(frame).type === 'ACCEPT')
      expect(accepted).toEqual([])
      expect(cluster.faults(victim)).toContain(
        authenticator === 'hmac' ? 'invalid-mac suspected' : 'invalid-signature suspected'
      )
    }
  )
})

describe('what a link between a member and a client is bound to', () => {
  it('a client is one number on the wire; the keys say which client it is', () => {
    expect(CLIENT_WIRE_RANK).toBe(2 ** 53 - 1)
    const context = encodeHandshakeContext('links', CLIENT_WIRE_RANK, 0)
    expect(toHex(context)).not.toBe(toHex(encodeHandshakeContext('links', 0, CLIENT_WIRE_RANK)))
  })

  it('the session context names the direction, and ranks as on the wire', () => {
    const group = withClients(testGroup(2), [2])
    const end = (rank: number) => ({ rank, nonce: keyOf(rank % 200).slice(0, 16), incarnation: 1 })
    const terms = {
      path: 'links',
      group,
      fingerprint: Uint8Array.of(1),
      initiator: end(0),
      responder: end(CLIENT_WIRE_RANK)
    }
    const there = encodeSessionContext(terms, 0, CLIENT_WIRE_RANK)
    expect(toHex(there)).not.toBe(toHex(encodeSessionContext(terms, CLIENT_WIRE_RANK, 0)))
  })
})
