import { expect, test } from 'vitest'
import { BoundedCache } from '../../src/crypto/bounded-cache.ts'

test('a cache computes each value once, and forgets the least recently used beyond its bound', () => {
  const computed: string[] = []
  const cache = new BoundedCache<string | undefined>(2)
  const get = (key: string) =>
    cache.getOrCompute(key, () => {
      computed.push(key)
      return key === 'nothing' ? undefined : key
    })

  get('a')
  get('nothing')
  expect([get('a'), get('nothing'), get('a')]).toEqual(['a', undefined, 'a'])
  expect(computed).toEqual(['a', 'nothing'])

  get('c') // evicts "nothing", which was used before "a"
  expect(cache.size).toBe(2)
  get('a')
  get('nothing')
  expect(computed).toEqual(['a', 'nothing', 'c', 'nothing'])
  expect(cache.size).toBe(2)
})
