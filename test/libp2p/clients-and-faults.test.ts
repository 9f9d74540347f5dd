/** Registers over libp2p while members fail, come back, or come back with less than they had. */
import { cp, rm } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import type { CreateClientInit } from '../../src/libp2p/byzantine-client.ts'
import { until } from '../waiting.ts'
import {
  allConnected,
  clientConnected,
  failure,
  foundWithClients,
  publicKeyOf,
  startClient
} from './client-support.ts'
import { dataFolder, type MemberNode, serviceOf, startMember, stop } from './service-support.ts'

const SHORT_MS = 400
const SHORT = { timeout: SHORT_MS }

/** A group on disk, a writer and a reader. */
async function onDisk(ofWriter: Partial<CreateClientInit> = { durability: 'memory' }) {
  const founded = await foundWithClients(4, 2)
  const folders = await Promise.all(founded.seeds.map(() => dataFolder()))
  const start = (rank: number) => startMember(founded, rank, { data: folders[rank]! })
  const members = await Promise.all(founded.seeds.map((_, rank) => start(rank)))
  await allConnected(members)
  const [writer, reader] = await Promise.all([startClient(founded, 0, ofWriter), startClient(founded, 1)])
  // With all of them: who has never met a member cannot tell that it has lost something.
  await Promise.all([writer, reader].map(clientConnected))
  const own = writer.service.register('greeting')
  const asRead = reader.service.register('greeting', { writer: publicKeyOf(founded.clientSeeds[0]!) })
  return { founded, folders, members, start, writer, reader, own, asRead }
}

test('one member stopped: operations go on; two: they wait, and end as soon as one is back', async () => {
  const { members, start, own, asRead } = await onDisk()
  await stop(members[3]!)
  await own.write(utf8('with three'))
  expect((await asRead.read()).value).toEqual(utf8('with three'))
  await stop(members[2]!)
  expect(await failure(asRead.read(SHORT))).toEqual({ name: 'TimeoutError', definite: true })
  expect(await failure(own.write(utf8('with two'), SHORT))).toEqual({
    name: 'TimeoutError',
    definite: false
  })
  const waiting = asRead.read()
  await start(3)
  await waiting
  // The write that was given up is finished, and then one more.
  expect(await own.write(utf8('with three again'))).toEqual({ timestamp: 3 })
  expect((await asRead.read()).value).toEqual(utf8('with three again'))
})

test('a member that restarts with its folder has what it acknowledged, and serves', async () => {
  const { members, start, own, asRead } = await onDisk()
  await stop(members[0]!)
  await own.write(utf8('kept'))
  await stop(members[3]!)
  members[3] = await start(3)
  await stop(members[2]!)
  members[0] = await start(0)
  // A quorum now needs member 3, and member 0, which has missed the write.
  expect((await asRead.read()).value).toEqual(utf8('kept'))
})

describe('a member that comes back with less than it had (known failure 18)', () => {
  const isNamed = (node: MemberNode) =>
    serviceOf(node).faults.some(({ fault: { kind, process } }) => kind === 'amnesia' && process === 3)

  test.each(['an emptied folder', 'an older copy of its folder'])(
    '%s: it serves nobody, and is told why',
    async (how) => {
      const { folders, members, start, own, asRead, reader } = await onDisk()
      const folder = folders[3]!
      await stop(members[3]!)
      if (how !== 'an emptied folder') {
        await cp(folder, `${folder}-copy`, { recursive: true })
        members[3] = await start(3)
        await allConnected(members)
        await clientConnected(reader)
        await own.write(utf8('seen by it'))
        await stop(members[3]!)
      }
      await rm(folder, { recursive: true })
      if (how !== 'an emptied folder') await cp(`${folder}-copy`, folder, { recursive: true })
      const amnesiac = await start(3)
      await until('members name it', () => members.slice(0, 3).every(isNamed))
      await until('the reader names it', () =>
        reader.service.faults.some(({ fault }) => fault.kind === 'amnesia' && fault.process === 3)
      )
      await until('it learns of it', () => isNamed(amnesiac))
      expect(serviceOf(amnesiac).connectedMembers).toEqual([])
      await own.write(utf8('without it'))
      await stop(members[2]!)
      // The reader, with whom it has no session, would need it for a quorum.
      expect(await failure(asRead.read(SHORT))).toEqual({ name: 'TimeoutError', definite: true })
    }
  )

  test('a client that has met nobody before gets no answer from it either', async () => {
    const { founded, folders, members, start, reader } = await onDisk()
    await reader.stop()
    await stop(members[3]!)
    await rm(folders[3]!, { recursive: true })
    await start(3)
    await until('members name it', () => members.slice(0, 3).every(isNamed))
    await stop(members[2]!)
    const stranger = await startClient({ ...founded, clientSeeds: founded.clientSeeds }, 1, {})
    await until('it has a session with it', () => stranger.service.connectedMembers.includes(3))
    await until('and with the others', () => stranger.service.connectedMembers.length === 3)
    const read = stranger.service.register('greeting').read(SHORT)
    expect(await failure(read)).toEqual({ name: 'TimeoutError', definite: true })
  })
})

test('a write that its client did not live to finish is finished by the next life', async () => {
  const data = await dataFolder()
  const { founded, members, start, writer, own, asRead } = await onDisk({ data })
  await own.write(utf8('finished'))
  await Promise.all([stop(members[2]!), stop(members[3]!)])
  const { writes } = writer.service.status().counts
  const unfinished = failure(own.write(utf8('unfinished')))
  await until('it is durable', () => writer.service.status().counts.writes > writes)
  await writer.stop()
  expect(await unfinished).toEqual({ name: 'OperationInterruptedError', definite: false })
  const next = await startClient(founded, 0, { data })
  expect(next.service.incarnation).toBeGreaterThan(writer.service.incarnation)
  expect(next.service.status().resuming).toBe(1)
  await start(2)
  await until('it is finished', () => next.service.status().resuming === 0)
  expect(await asRead.read()).toEqual({ value: utf8('unfinished'), timestamp: 2 })
  expect(await next.service.register('greeting').write(utf8('next'))).toEqual({ timestamp: 3 })
})
