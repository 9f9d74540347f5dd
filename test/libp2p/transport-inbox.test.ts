/** How received frames go up: together under load, at once while they come one by one, and always in order. */
import { expect, test } from 'vitest'
import { Inbox } from '../../src/libp2p/transport-inbox.ts'
import { until } from '../waiting.ts'
import { makeGroup, makeNodes } from './transport-support.ts'

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

function makeInbox() {
  const batches: number[][] = []
  const clock = { nowMs: 0 }
  const inbox = new Inbox(
    {
      frames: (batch) => {
        batches.push(batch.map(({ bytes }) => bytes[0]!))
      }
    },
    () => clock.nowMs
  )
  return { batches, clock, push: (number: number) => inbox.push(0, Uint8Array.of(number)), inbox }
}

test('frames of one turn of the event loop go up together, at its end, in order', async () => {
  const { batches, push } = makeInbox()
  for (let i = 0; i < 5; i++) push(i)
  expect(batches).toEqual([])
  await nextTurn()
  expect(batches).toEqual([[0, 1, 2, 3, 4]])
})

test('after many lone frames the next one goes up at once; one that follows closely waits', async () => {
  const { batches, clock, push } = makeInbox()
  for (let i = 0; i < 20; i++) {
    push(i)
    await nextTurn()
    clock.nowMs++
  }
  expect(batches).toEqual(Array.from({ length: 20 }, (_, i) => [i]))
  push(20)
  expect(batches.at(-1)).toEqual([20])
  push(21)
  expect(batches.at(-1)).toEqual([20])
  await nextTurn()
  expect(batches.at(-1)).toEqual([21])
})

test('what has gone beyond the bound does not wait', () => {
  const batches: number[] = []
  const inbox = new Inbox({ frames: (batch) => batches.push(batch.length) })
  for (let i = 0; i < 3; i++) inbox.push(0, new Uint8Array(600 * 1024))
  expect(batches).toEqual([2])
  for (let i = 0; i < 100_000; i++) inbox.push(0, new Uint8Array(1))
  expect(Math.max(...batches)).toBeLessThan(10_000)
})

test('what waits when a transport stops is lost', async () => {
  const { batches, push, inbox } = makeInbox()
  push(1)
  inbox.clear()
  await nextTurn()
  expect(batches).toEqual([])
})

test('much more than a window goes one way without a word in the other', async () => {
  let received = 0
  const group = await makeGroup(await makeNodes(2), {
    frame: (_, __, bytes) => {
      received += bytes.length
    }
  })
  await until('both are connected', () => group.every(({ events }) => events.length === 1))
  const frame = new Uint8Array(64 * 1024)
  const FRAMES = 100
  for (let i = 0; i < FRAMES; i++) group[0]?.transport.send(1, frame)
  await until('all has arrived', () => received === FRAMES * frame.length)
})
