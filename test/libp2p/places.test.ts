/** Things that come and go: how many are there, which, and that places are used again. */
import { expect, test } from 'vitest'
import { Places } from '../../src/libp2p/places.ts'

test('those that are there are told, and no other', () => {
  const places = new Places<string>()
  const [a, b] = [places.enter('a'), places.enter('b')]
  expect([places.size, places.all()]).toEqual([2, ['a', 'b']])
  places.leave(a)
  expect([places.size, places.all()]).toEqual([1, ['b']])
  places.leave(b)
  expect([places.size, places.all()]).toEqual([0, []])
})

test('however many come and go, there are as many places as were there at once', () => {
  const places = new Places<number>()
  const seen = new Set<number>()
  for (let round = 0; round < 100; round++) {
    const taken = [places.enter(round), places.enter(-round)]
    for (const place of taken) seen.add(place)
    expect(new Set(taken).size).toBe(2)
    for (const place of taken) places.leave(place)
  }
  expect(seen.size).toBe(2)
})
