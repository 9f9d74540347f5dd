import type { MultiaddrConnection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { GroupFile } from '../../src/crypto/group-file.ts'
import { nobleBackend } from '../../src/crypto/noble-backend.ts'
import { boundedConnections } from '../../src/libp2p/bounded-connections.ts'
import { peersOf } from '../../src/libp2p/identity.ts'
import {
  WAITING_CONNECTIONS_MAX,
  WAITING_ELSEWHERE_MAX,
  WAITING_MS_MAX
} from '../../src/libp2p/waiting-room.ts'

const key = (number: number): Uint8Array =>
  nobleBackend.publicKey(Uint8Array.from({ length: 32 }, (_, i) => (i < 2 ? number >> (8 * i) : 1)))

const founded = (clients = 1): GroupFile => ({
  genesis: { version: 1, name: 'ab'.repeat(16), f: 1, publicKeys: [1, 2, 3, 4].map(key) },
  addresses: [1, 2, 3, 4].map((member) => [
    `/ip4/10.0.0.${member}/tcp/9100`,
    `/ip6/fd00::${member}/tcp/9100`
  ]),
  clients: Array.from({ length: clients }, (_, client) => key(100 + client))
})

interface Connection extends EventTarget {
  readonly remoteAddr: ReturnType<typeof multiaddr>
  aborted: string | undefined
  abort(error: Error): void
}

const connectionFrom = (address: string): Connection =>
  Object.assign(new EventTarget(), {
    remoteAddr: multiaddr(`${address}/tcp/40000`),
    aborted: undefined as string | undefined,
    abort(this: Connection, { message }: Error) {
      this.aborted = message
      this.dispatchEvent(new Event('close'))
    }
  })

/** The room behind the gater's doors, as libp2p passes connections through them. */
function open(group = founded()) {
  const { connectionGater } = boundedConnections(group)
  const [member] = peersOf(group)
  const enter = (address: string) => {
    const connection = connectionFrom(address)
    connectionGater.denyInboundConnection?.(connection as unknown as MultiaddrConnection)
    return connection
  }
  return {
    enter,
    fill: (address: string, count: number = WAITING_CONNECTIONS_MAX) =>
      Array.from({ length: count }, () => enter(address)),
    says: (connection: Connection, peer: PeerId = member!) =>
      connectionGater.denyInboundEncryptedConnection?.(peer, connection as unknown as MultiaddrConnection)
  }
}

const areCut = (connections: readonly Connection[]) => connections.map(({ aborted }) => aborted !== undefined)

const MEMBERS = '/ip4/10.0.0.2'
const ELSEWHERE = '/ip4/192.0.2.1'
const parts = [
  [MEMBERS, WAITING_CONNECTIONS_MAX],
  [ELSEWHERE, WAITING_ELSEWHERE_MAX]
] as const

describe('the room for connections that have not said who they are', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test.each(parts)('is left by the oldest when it is full, never by the newest (%s)', (address, max) => {
    const room = open()
    const strangers = room.fill(address, max)
    expect(areCut(strangers)).not.toContain(true)
    const newest = room.enter(address)
    expect(areCut(strangers)).toEqual(strangers.map((_, i) => i === 0))
    expect(newest.aborted).toBeUndefined()
  })

  test.each([MEMBERS, ELSEWHERE])(
    'is left by whoever has not said it in time, and then nothing is kept (%s)',
    (address) => {
      const room = open()
      const silent = room.enter(address)
      vi.advanceTimersByTime(WAITING_MS_MAX - 1)
      expect(silent.aborted).toBeUndefined()
      vi.advanceTimersByTime(1)
      expect(silent.aborted).toBe('did not say in time who it is')
      expect(vi.getTimerCount()).toBe(0)
    }
  )

  test('has no place for those who have said it, or are gone', () => {
    const room = open()
    const members = room.fill(MEMBERS, WAITING_CONNECTIONS_MAX / 2)
    for (const connection of members) room.says(connection)
    const gone = room.fill(MEMBERS, WAITING_CONNECTIONS_MAX / 2)
    for (const connection of gone) connection.dispatchEvent(new Event('close'))
    const others = room.fill(MEMBERS)
    vi.advanceTimersByTime(WAITING_MS_MAX - 1)
    expect(areCut([...members, ...gone, ...others])).not.toContain(true)
    vi.advanceTimersByTime(1)
    expect(areCut([...members, ...gone])).not.toContain(true)
    expect(areCut(others)).not.toContain(false)
  })

  test('has a part for the addresses of the group file, by whichever family of IP a connection comes', () => {
    const room = open()
    const members = ['/ip4/10.0.0.1', '/ip6/fd00::4', '/ip6/::ffff:10.0.0.3'].map(room.enter)
    const strangers = room.fill(ELSEWHERE)
    expect(areCut(strangers)).toContain(true)
    expect(areCut(members)).not.toContain(true)
  })

  test('has it for where a process of the group was last, too, and for no other place of a stranger', () => {
    const group = founded()
    const [, , , , client] = peersOf(group)
    const room = open(group)
    room.says(room.enter('/ip4/198.51.100.1'), client)
    room.says(room.enter('/ip4/198.51.100.2'), client)
    const [strange] = peersOf({ ...founded(), genesis: { ...group.genesis, publicKeys: [key(50)] } })
    room.says(room.enter('/ip4/198.51.100.3'), strange)
    const left = room.enter('/ip4/198.51.100.1')
    const known = room.enter('/ip4/198.51.100.2')
    const stranger = room.enter('/ip4/198.51.100.3')
    room.fill(ELSEWHERE)
    expect(areCut([left, known, stranger])).toEqual([true, false, true])
  })

  test('is as large as the group, so that all may come at once', () => {
    const room = open(founded(400))
    const all = room.fill(ELSEWHERE, 404)
    expect(areCut(all)).not.toContain(true)
    room.enter(ELSEWHERE)
    expect(areCut(all.slice(0, 2))).toEqual([true, false])
  })
})

describe('boundedConnections', () => {
  test('asks the gater that it is given, too', async () => {
    const asked: string[] = []
    const { connectionGater } = boundedConnections(founded(), {
      denyInboundConnection: () => asked.push('inbound') > 0,
      denyInboundEncryptedConnection: () => asked.push('encrypted') > 0,
      denyDialPeer: () => asked.push('dial') > 0
    })
    const connection = connectionFrom(MEMBERS) as unknown as MultiaddrConnection
    const [peer] = peersOf(founded())
    expect(connectionGater.denyInboundConnection?.(connection)).toBe(true)
    expect(connectionGater.denyInboundEncryptedConnection?.(peer!, connection)).toBe(true)
    expect(connectionGater.denyDialPeer?.(peer!)).toBe(true)
    expect(asked).toEqual(['inbound', 'encrypted', 'dial'])
  })

  test('leaves room for as many connections as a large group may have', () => {
    const { connectionManager } = boundedConnections(founded(400))
    expect(connectionManager.maxConnections).toBeGreaterThanOrEqual(4 * 404)
    expect(boundedConnections(founded()).connectionManager.maxConnections).toBe(300)
  })
})
