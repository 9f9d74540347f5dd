/** The store on another database of the abstract-level family. */
import { MemoryLevel } from 'memory-level'
import { expect, it } from 'vitest'
import { FORMAT_KEY } from '../../src/store/layout.ts'
import { openStoreOn } from '../../src/store/level-store.ts'
import { append, put } from './support.ts'

const database = () => new MemoryLevel<string, Uint8Array>({ keyEncoding: 'utf8', valueEncoding: 'view' })

it('memory-level: gives back what was written, in key order', async () => {
  const level = database()
  const first = await openStoreOn(level, 'the database', { durability: 'memory' })
  await append(first.journal, put('a/2', 2), put('a/1', 1))
  const second = await openStoreOn(level, 'the database', { durability: 'memory' })
  expect(second.durability).toBe('memory')
  expect(second.restored('a/')).toEqual([
    ['1', Uint8Array.of(1)],
    ['2', Uint8Array.of(2)]
  ])
  await second.close()
})

it('memory-level: another format is refused in one line that names the database', async () => {
  const level = database()
  await level.put(FORMAT_KEY, Uint8Array.of(9))
  await expect(openStoreOn(level, 'the database', { durability: 'memory' })).rejects.toMatchObject({
    name: 'StoreFormatError',
    message: expect.stringMatching(/^the database has store format 9, this version of byzkit uses 2 /)
  })
})
