/** Clients of a group over libp2p: processes with a key of their own and no rank. */

import { generateKeyPair, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { peerIdFromPrivateKey, peerIdFromPublicKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { describe, expect, onTestFinished, test } from 'vitest'
import { windowMessages } from '../../src/broadcast/windows.ts'
import { concatBytes, utf8 } from '../../src/core/bytes.ts'
import { encode } from '../../src/core/shapes.ts'
import { genesisShape, groupFromGenesis } from '../../src/crypto/genesis.ts'
import { OPERATIONS_OPEN_MAX } from '../../src/exchange/constants.ts'
import { Host, type HostIndications } from '../../src/libp2p/host.ts'
import { membersOf, toPrivateKey } from '../../src/libp2p/identity.ts'
import { OPERATION_WAITERS_MAX } from '../../src/libp2p/register-service.ts'
import type { TransportComponents } from '../../src/libp2p/transport.ts'
import { boundedYamux } from '../../src/libp2p/transport-muxer.ts'
import type { Carrier } from '../../src/links/carrier.ts'
import { Ports } from '../../src/links/ports.ts'
import { storageMessages } from '../../src/registers/authenticated-storage.ts'
import { registerTerms } from '../../src/registers/constants.ts'
import { soleWriter } from '../../src/registers/register.ts'
import { registerBodyMessages } from '../../src/registers/register-bodies.ts'
import { openMemoryStore } from '../../src/store/memory-store.ts'
import { asked } from '../exchange/asked.ts'
import { HANGS_MS, until } from '../waiting.ts'
import {
  allConnected,
  clientConnected,
  clientReady,
  type FoundedWithClients,
  failure,
  foundWithClients,
  publicKeyOf,
  startClient
} from './client-support.ts'
import { allReady, blamed, serviceOf, startGroup, startMember, stop } from './service-support.ts'

async function groupWithClients(clients: number) {
  const founded = await foundWithClients(4, clients)
  const members = await startGroup(founded)
  await allConnected(members)
  return { founded, members, keys: founded.clientSeeds.map(publicKeyOf) }
}

const SHORT_MS = 50

describe('a register', () => {
  test('is written by its owner and read by everybody: its writer, another client, a member', async () => {
    const { founded, members, keys } = await groupWithClients(2)
    const [writer, reader] = await Promise.all([0, 1].map((client) => startClient(founded, client)))
    await Promise.all([writer!, reader!].map(clientReady))
    const own = writer!.service.register('greeting')
    expect(await own.read()).toEqual({ value: null, timestamp: 0 })
    expect(await own.write(utf8('hello'))).toEqual({ timestamp: 1 })
    expect(await own.write(Buffer.from('hello again'))).toEqual({ timestamp: 2 })
    const written = { value: utf8('hello again'), timestamp: 2 }
    expect(await own.read()).toEqual(written)
    const asRead = reader!.service.register('greeting', { writer: keys[0]! })
    expect(await asRead.read()).toEqual(written)
    expect(await asRead.read({ consistency: 'regular' })).toEqual(written)
    const atMember = serviceOf(members[2]!).register('greeting', { writer: keys[0]! })
    expect(await atMember.read()).toEqual(written)
    // Its own register of that name is another one.
    expect(await reader!.service.register('greeting').read()).toEqual({ value: null, timestamp: 0 })
    for (const node of members) expect(blamed(serviceOf(node))).toEqual([])
    expect(blamed(writer!.service)).toEqual([])
  })

  test('with one writer costs a write and a regular read one round trip each, with several a write two', async () => {
    const { founded, keys } = await groupWithClients(2)
    const client = await startClient(founded, 0)
    await clientConnected(client)
    const messages = async (operation: () => Promise<unknown>) => {
      const before = client.service.status().counts.messagesOut
      await operation()
      return client.service.status().counts.messagesOut - before
    }
    const own = client.service.register('own')
    const shared = client.service.register('shared', { writers: keys })
    // The first write of a store that knows nothing asks whether it has lost something.
    await own.write(utf8('a'))
    await shared.write(utf8('a'))
    expect(await messages(() => own.write(utf8('b')))).toBe(4)
    expect(await messages(() => own.read({ consistency: 'regular' }))).toBe(4)
    expect(await messages(() => shared.write(utf8('b')))).toBe(8)
  })

  test('has its owner as bytes, as a public key or as a peer id', async () => {
    const { founded, keys } = await groupWithClients(2)
    const [own, reader] = await Promise.all([0, 1].map((client) => startClient(founded, client)))
    await Promise.all([own!, reader!].map(clientReady))
    const publicKey = publicKeyFromRaw(keys[0]!)
    await own!.service.register('r').write(utf8('a'))
    await own!.service.store().put('k', utf8('b'))
    for (const writer of [keys[0]!, Buffer.from(keys[0]!), publicKey, peerIdFromPublicKey(publicKey)]) {
      expect((await reader!.service.register('r', { writer }).read()).value).toEqual(utf8('a'))
      expect((await reader!.service.store({ writers: [writer] }).get('k')).value).toEqual(utf8('b'))
    }
  })

  test('is written by several in turn, a member among them, and nothing is lost', async () => {
    const { founded, members, keys } = await groupWithClients(2)
    const clients = await Promise.all([0, 1].map((client) => startClient(founded, client)))
    await Promise.all(clients.map(clientReady))
    const writers = [...keys, founded.group.genesis.publicKeys[3]!]
    const services = [...clients.map(({ service }) => service), serviceOf(members[3]!)]
    const registers = services.map((service) => service.register('shared', { writers }))
    for (let round = 0; round < 2; round++) {
      for (const [at, register] of registers.entries()) {
        const { timestamp } = await register.write(utf8(`${round} of ${at}`))
        expect(timestamp).toBe(3 * round + at + 1)
        for (const other of registers) expect((await other.read()).value).toEqual(utf8(`${round} of ${at}`))
      }
    }
  })

  test('is refused to one that is no writer of it, and nothing is sent', async () => {
    const { founded, keys } = await groupWithClients(2)
    const client = await startClient(founded, 1)
    await clientConnected(client)
    const { messagesOut } = client.service.status().counts
    const register = client.service.register('greeting', { writer: keys[0]! })
    const refused = register.write(utf8('mine'))
    await expect(refused).rejects.toThrow('this process is no writer of greeting')
    expect(await failure(refused)).toEqual({ name: 'InvalidParametersError', definite: true })
    expect(client.service.status().counts.messagesOut).toBe(messagesOut)
  })

  test('takes no value that is too long, and no name that no message carries', async () => {
    const { founded } = await groupWithClients(1)
    const { service } = await startClient(founded, 0)
    const tooLong = service.register('x').write(new Uint8Array(64 * 1024 + 1))
    expect(await failure(tooLong)).toEqual({ name: 'InvalidParametersError', definite: true })
    expect(() => service.register('x'.repeat(257))).toThrow('at most 256')
    expect(() => service.register('\ud800')).toThrow('well-formed')
    expect(() => service.register('x', { writer: new Uint8Array(31) })).toThrow('32 bytes')
    for (const writer of [null, 'x', {}, { type: 'RSA', raw: new Uint8Array(32) }] as never[])
      expect(() => service.register('x', { writer })).toThrow('register: a writer is an Ed25519 public key')
    const rsa = await generateKeyPair('secp256k1')
    expect(() => service.store({ writers: [rsa.publicKey] })).toThrow(
      'store: a writer is an Ed25519 public key'
    )
    expect(() => service.register('x', { writer: peerIdFromPrivateKey(rsa) })).toThrow(
      /not the peer id 16Uiu\w+, /
    )
    expect(() => service.register('x', { writers: [] })).toThrow('1 to 16 writers')
  })
})

describe('a client without a data folder', () => {
  test('reads, and does not write unless it is told to by name', async () => {
    const { founded } = await groupWithClients(1)
    const client = await startClient(founded, 0, {})
    await clientReady(client)
    const register = client.service.register('greeting')
    expect(await register.read()).toEqual({ value: null, timestamp: 0 })
    const refused = register.write(utf8('x'))
    await expect(refused).rejects.toThrow("name durability 'memory'")
    expect(await failure(refused)).toEqual({ name: 'InvalidParametersError', definite: true })
  })

  test('does not write under its key in another life', async () => {
    const { founded } = await groupWithClients(1)
    const first = await startClient(founded, 0)
    await clientReady(first)
    await first.service.register('greeting').write(utf8('x'))
    await first.stop()
    const second = await startClient(founded, 0)
    await clientReady(second)
    const refused = second.service.register('greeting').write(utf8('y'))
    await expect(refused).rejects.toMatchObject({ refusal: 'store lost', definite: true })
    expect((await second.service.register('greeting').read()).value).toEqual(utf8('x'))
  })
})

describe('who is let in', () => {
  test('nobody who is no client in the group file; a member uses its own service', async () => {
    const founded = await foundWithClients(4, 1)
    const stranger = { ...founded, clientSeeds: [new Uint8Array(32).fill(7)] }
    await expect(startClient(stranger, 0)).rejects.toThrow('none of the 1 clients')
    await expect(startClient({ ...founded, clientSeeds: founded.seeds }, 0)).rejects.toThrow('is a member')
  })

  test('a client of members that keep no registers is told that they run another stack', async () => {
    const founded = await foundWithClients(4, 1)
    const members = await startGroup(founded, () => ({ registers: false }))
    await allReady(members)
    const { service } = await startClient(founded, 0)
    await until('it is told', () =>
      service.faults.some(({ fault }) => fault.detail.includes('another stack'))
    )
    expect(service.connectedMembers).toEqual([])
    expect(await failure(serviceOf(members[0]!).register('x').read())).toEqual({
      name: 'InvalidParametersError',
      definite: true
    })
  })
})

describe('an operation', () => {
  test('is given up in time, or by its signal; a write may take effect all the same', async () => {
    const founded = await foundWithClients(4, 2)
    const { service } = await startClient(founded, 0)
    const register = service.register('greeting')
    const timedOut = register.read({ timeout: SHORT_MS })
    await expect(timedOut).rejects.toThrow('no quorum of members within 50 ms')
    expect(await failure(timedOut)).toEqual({ name: 'TimeoutError', definite: true })
    const reason = new Error('changed my mind')
    const abort = new AbortController()
    const read = register.read({ signal: abort.signal })
    const write = register.write(utf8('late'), { signal: abort.signal })
    abort.abort(reason)
    expect(await failure(read)).toEqual({ name: 'AbortError', definite: true })
    expect(await failure(write)).toEqual({ name: 'AbortError', definite: false })
    await expect(write).rejects.toMatchObject({ cause: reason })
    const early = register.write(utf8('never'), { signal: abort.signal })
    expect(await failure(early)).toEqual({ name: 'AbortError', definite: true })
    // The members come: what was given up is finished before anything later.
    await startGroup(founded)
    expect(await register.read()).toEqual({ value: utf8('late'), timestamp: 1 })
  })

  test('waits while too many are under way; one more than may wait is refused, and all of them go on', async () => {
    const founded = await foundWithClients(4, 1)
    const { service } = await startClient(founded, 0)
    const read = (at: number) => service.register(`${at}`).read({ timeout: HANGS_MS })
    const reads = Array.from({ length: OPERATIONS_OPEN_MAX + OPERATION_WAITERS_MAX }, (_, at) => read(at))
    expect(service.status()).toMatchObject({
      operations: OPERATIONS_OPEN_MAX,
      waiting: OPERATION_WAITERS_MAX
    })
    expect(await failure(read(-1))).toEqual({ name: 'WindowFullError', definite: true })
    await startGroup(founded)
    const results = await Promise.all(reads)
    expect(results.every(({ value }) => value === null)).toBe(true)
    expect(service.status()).toMatchObject({ operations: 0, waiting: 0 })
  })

  test('ends with the service; nothing of one that waited was sent', async () => {
    const founded = await foundWithClients(4, 1)
    const client = await startClient(founded, 0)
    const { service } = client
    const writes = Array.from({ length: OPERATIONS_OPEN_MAX + 1 }, (_, at) =>
      service.register(`${at}`).write(utf8('x'))
    )
    const failures = Promise.all([writes[0]!, writes.at(-1)!].map(failure))
    for (const write of writes) write.catch(() => {})
    await client.stop()
    expect(await failures).toEqual([
      { name: 'OperationInterruptedError', definite: false },
      { name: 'OperationInterruptedError', definite: true }
    ])
    expect(await failure(service.register('x').read())).toEqual({ name: 'NotStartedError', definite: true })
  })
})

describe('a Byzantine client', () => {
  /** Its own links, and on them nothing that keeps the rules. */
  async function traitor({ group: file, clientSeeds }: FoundedWithClients) {
    const [seed] = clientSeeds as [Uint8Array]
    const node = await createLibp2p({
      privateKey: toPrivateKey(seed),
      addresses: { listen: [] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [boundedYamux()],
      services: { parts: (components: TransportComponents) => ({ components }) }
    })
    onTestFinished(() => stop(node))
    const group = groupFromGenesis(file.genesis, [publicKeyOf(seed)])
    const sessions = new Set<number>()
    const indications: HostIndications = {
      fault() {},
      landmark() {},
      opened() {},
      closed() {},
      sessionStarted: (peer) => sessions.add(peer),
      sessionEnded() {},
      estranged() {},
      reconciled() {},
      lagging() {},
      cutOff() {},
      recovered() {},
      stopped() {}
    }
    const carriers: Carrier[] = []
    const host = new Host(
      {
        components: node.services.parts.components,
        group,
        self: group.n,
        secretKey: seed,
        members: membersOf(file),
        genesis: encode(genesisShape, file.genesis),
        authenticator: 'hmac',
        store: openMemoryStore(),
        incarnation: 1,
        earlierLives: []
      },
      indications,
      ({ env }) => {
        const ports = new Ports(env)
        const terms = registerTerms({})
        const deaf = { deliver() {}, resync() {} }
        ports.open('authenticated-data', storageMessages, deaf, { audience: 'everybody', terms })
        ports.open('key-value-store/bodies', registerBodyMessages, deaf, { audience: 'everybody' })
        ports.open('key-value-store/storage', storageMessages, deaf, { audience: 'everybody', terms })
        const attach = (carrier: Carrier) => {
          carriers.push(carrier)
          ports.attach(carrier)
        }
        return { openPorts: ports.openPorts, indications: ports.indications, attach, start() {} }
      }
    )
    onTestFinished(() => host.stop())
    await host.start()
    await until('it is connected', () => sessions.size === 4)
    return (to: number, port: number, message: Uint8Array) =>
      host.input(() => carriers[0]?.send(to, concatBytes(Uint8Array.of(port), message)))
  }

  test('writes no register of another: members refuse what its writer has not signed', async () => {
    const { founded, members, keys } = await groupWithClients(2)
    const victim = await startClient(founded, 1)
    await clientReady(victim)
    await victim.service.register('greeting').write(utf8('mine'))
    const send = await traitor(founded)
    const forged = storageMessages.encode({
      type: 'WRITE',
      call: asked(1),
      register: soleWriter(keys[1]!, 'greeting'),
      value: {
        timestamp: 9,
        writer: 0,
        content: 0,
        value: utf8('forged'),
        signature: new Uint8Array(64).fill(1)
      }
    })
    for (const rank of [0, 1, 2, 3]) send(rank, 0, forged)
    const named = () =>
      members.every((node) =>
        serviceOf(node).faults.some(
          ({ fault: { process, kind, certainty } }) =>
            process === 4 && kind === 'invalid-signature' && certainty === 'certain'
        )
      )
    await until('all members name it', named)
    expect((await victim.service.register('greeting').read()).value).toEqual(utf8('mine'))
  })

  test('does not speak to the members’ own ports, nor broadcast', async () => {
    const { founded, members } = await groupWithClients(1)
    const send = await traitor(founded)
    send(2, 3, windowMessages.encode({ type: 'STATUS', bases: [9, 9, 9, 9] }))
    await until('it is named', () => serviceOf(members[2]!).faults.length > 0)
    expect(serviceOf(members[2]!).faults[0]?.fault).toMatchObject({
      process: 4,
      kind: 'protocol-violation',
      certainty: 'certain',
      detail: expect.stringContaining('a client speaks to byzantine-reliable-channel/broadcast/windows')
    })
  })
})

test('members count the clients that are connected, and members alone are a quorum', async () => {
  const founded = await foundWithClients(4, 3)
  const member = await startMember(founded, 0)
  const clients = await Promise.all([0, 1, 2].map((client) => startClient(founded, client)))
  await until('the member has the clients', () => serviceOf(member).status().clients === 3)
  // Each end has its session when it has heard from the other: the clients' ends may come later.
  await until('the clients have the member', () =>
    clients.every(({ service }) => service.connectedMembers.length === 1)
  )
  expect(serviceOf(member).connectedMembers).toEqual([])
  expect(serviceOf(member).ready).toBe(false)
  for (const { service } of clients) expect(service.connectedMembers).toEqual([0])
})
