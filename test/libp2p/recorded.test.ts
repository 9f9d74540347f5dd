/** The service records its member where it is asked to: each life by itself. */
import { expect, test, vi } from 'vitest'
import { silent } from '../../src/adversary/silent.ts'
import { utf8 } from '../../src/core/bytes.ts'
import type { Journal } from '../../src/core/process.ts'
import { MemberReplay } from '../../src/laboratory/replayed-member.ts'
import { until } from '../waiting.ts'
import { allReady, collect, found, serviceOf, startGroup, startMember } from './service-support.ts'

const disk = vi.hoisted(() => ({ broken: false }))

vi.mock('../../src/store/memory-store.ts', async (original) => {
  const { openMemoryStore } = await original<typeof import('../../src/store/memory-store.ts')>()
  return {
    openMemoryStore() {
      const store = openMemoryStore()
      const journal: Journal = {
        append: (batch, done) =>
          disk.broken ? done(new Error('no disk')) : store.journal.append(batch, done)
      }
      return { ...store, journal }
    }
  }
})

function replay(lines: readonly string[]) {
  const member = new MemberReplay({ name: 'file' })
  for (const line of lines) member.line(line)
  return member.end()
}

test('a member in a group is recorded, and each start begins a recording of its own', async () => {
  const founded = await found(4)
  const lives: string[][] = []
  const record = (line: string) => {
    if (line.startsWith('{"format"')) lives.push([])
    lives.at(-1)?.push(line)
  }
  const nodes = await startGroup(founded, (rank) => (rank === 2 ? { record } : {}))
  await allReady(nodes)
  const recorded = nodes[2]!
  const deliveries = collect(serviceOf(recorded))
  await serviceOf(recorded).broadcast(utf8('a'))
  await serviceOf(nodes[0]!).broadcast(utf8('b'))
  await until('both are delivered', () => deliveries.length === 2)
  await recorded.stop()
  await recorded.start()
  await recorded.stop()
  expect(lives).toHaveLength(2)
  for (const [life, lines] of lives.entries()) {
    expect(replay(lines)).toMatchObject({ difference: undefined, ending: 'stopped' })
    expect(lines.some((line) => line.includes('"name":"broadcast"'))).toBe(life === 0)
  }
})

test('what a member does with registers is recorded and replayed, what it is refused and what it gives up too', async () => {
  const founded = await found(4)
  const lines: string[] = []
  const record = (line: string) => lines.push(line)
  const nodes = await startGroup(founded, (rank) => (rank === 2 ? { record } : {}))
  await allReady(nodes)
  const service = serviceOf(nodes[2]!)
  const register = service.register('notes')
  await register.write(utf8('a'))
  await expect(register.write(new Uint8Array(70_000))).rejects.toThrow('at most')
  const given = new AbortController()
  const aborted = register.read({ signal: given.signal })
  given.abort()
  await expect(aborted).rejects.toThrow('aborted')
  expect(await register.read({ consistency: 'regular' })).toEqual({ value: utf8('a'), timestamp: 1 })
  await serviceOf(nodes[0]!).register('of another').write(utf8('b'))
  await nodes[2]!.stop()
  expect(replay(lines)).toMatchObject({ difference: undefined, ending: 'stopped' })
  const of = (name: string) => lines.filter((line) => line.includes(`"name":"${name}"`)).length
  expect([of('write'), of('read'), of('readRegular')]).toEqual([2, 1, 1])
  expect(lines.filter((line) => line.startsWith('{"input":"abandon"'))).toHaveLength(1)
  expect(lines.some((line) => /"did":"[a-z]*o/.test(line))).toBe(true)
})

test('a write that fails ends the recording with its cause', async () => {
  const lines: string[] = []
  const node = await startMember(await found(1), 0, { record: (line) => lines.push(line) })
  const service = serviceOf(node)
  const stopped = new Promise((resolve) => service.addEventListener('crash', resolve))
  disk.broken = true
  await expect(service.broadcast(utf8('a'))).rejects.toThrow('no disk')
  disk.broken = false
  await stopped
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ end: 'crashed', cause: 'no disk' })
  expect(replay(lines)).toMatchObject({ difference: undefined, ending: 'crashed' })
})

test('a Byzantine member is not recorded', async () => {
  await expect(startMember(await found(1), 0, { behaviour: silent, record() {} })).rejects.toThrow(
    'record: a Byzantine member is not recorded, only a correct one'
  )
})
