/** Deliveries that wait for the application: each is given, and acknowledged by who was given it, and not before. */
import { beforeEach, describe, expect, test } from 'vitest'
import type { Delivery } from '../../src/broadcast/delivery-log.ts'
import { DeliveryQueue } from '../../src/libp2p/delivery-queue.ts'
import type { DeliveriesOptions } from '../../src/libp2p/service.ts'

const delivery = (position: number): Delivery => ({
  type: 'delivery',
  position,
  sender: 0,
  sequence: position,
  payload: new Uint8Array(0)
})
const done = { done: true, value: undefined }

let acknowledged: number[]
let queue: DeliveryQueue

beforeEach(() => {
  acknowledged = []
  queue = new DeliveryQueue((position) => acknowledged.push(position))
  queue.begin('disk')
})

const push = (...positions: number[]) => positions.map((position) => queue.push(delivery(position)))
const consume = (options: DeliveriesOptions = {}) => queue.consume(options)[Symbol.asyncIterator]()
const positionOf = async (next: Promise<IteratorResult<Delivery>>) => (await next).value?.position

describe('an iteration', () => {
  test('acknowledges one when the next is asked for, and not before', async () => {
    const consumer = consume()
    push(0, 1)
    expect((await consumer.next()).value).toEqual(delivery(0))
    expect(acknowledged).toEqual([])
    await consumer.next()
    expect(acknowledged).toEqual([0])
    const waiting = consumer.next()
    expect(acknowledged).toEqual([0, 1])
    push(2)
    expect((await waiting).value).toEqual(delivery(2))
    expect(queue.size).toBe(1)
  })

  test('refuses a second question while one is open', async () => {
    const consumer = consume()
    const first = consumer.next()
    await expect(consumer.next()).rejects.toThrow('asked for')
    queue.end()
    expect(await first).toEqual(done)
  })

  test('fails with what stopped the process, once', async () => {
    const during = consume()
    push(0)
    await during.next()
    queue.end(new Error('a bug'))
    await expect(during.next()).rejects.toThrow('a bug')
    expect(await during.next()).toEqual(done)
    const later = consume()
    await expect(later.next()).rejects.toThrow('a bug')
    expect(await later.next()).toEqual(done)
    queue.begin('memory')
    push(0)
    expect(await positionOf(consume().next())).toBe(0)
  })

  test.each(['memory', 'disk'] as const)(
    'ends with the life it began in, though a new one has begun before it asks: nothing of that is acknowledged (%s)',
    async (durability) => {
      queue.begin(durability)
      const consumer = consume()
      push(0)
      await consumer.next()
      queue.end()
      queue.begin(durability)
      push(0, 1)
      expect(await consumer.next()).toEqual(done)
      expect(acknowledged).toEqual([])
      expect(await positionOf(consume().next())).toBe(0)
    }
  )
})

describe('a signal', () => {
  const reason = new Error('enough')
  const aborted = { name: 'AbortError', definite: true, cause: reason }
  const ways: readonly (readonly [string, (abort: AbortController) => Promise<AsyncIterator<Delivery>>])[] = [
    [
      'before the iteration begins',
      async (abort) => {
        abort.abort(reason)
        return consume({ signal: abort.signal })
      }
    ],
    [
      'before anything is asked for',
      async (abort) => {
        const consumer = consume({ signal: abort.signal })
        abort.abort(reason)
        return consumer
      }
    ],
    [
      'while what was given is being dealt with',
      async (abort) => {
        const consumer = consume({ signal: abort.signal })
        await consumer.next()
        abort.abort(reason)
        return consumer
      }
    ]
  ]

  test.each(ways)(
    'that aborts %s: the next one fails with an AbortError, and then it is over',
    async (_, way) => {
      push(0, 1)
      const consumer = await way(new AbortController())
      await expect(consumer.next()).rejects.toMatchObject(aborted)
      expect(await consumer.next()).toEqual(done)
      expect(acknowledged).toEqual([])
      expect(await positionOf(consume().next())).toBe(0)
    }
  )

  test('that aborts while the next is waited for ends it in the same way', async () => {
    const abort = new AbortController()
    const consumer = consume({ signal: abort.signal })
    const waiting = consumer.next()
    abort.abort(reason)
    await expect(waiting).rejects.toMatchObject(aborted)
    expect(await consumer.next()).toEqual(done)
  })

  test('that aborts makes room for another consumer at once, and also if nobody asks any more', async () => {
    push(0)
    consume({ signal: AbortSignal.abort(reason) })
    const abort = new AbortController()
    const consumer = consume({ signal: abort.signal })
    await consumer.next()
    abort.abort(reason)
    expect(await positionOf(consume().next())).toBe(0)
    await expect(consumer.next()).rejects.toMatchObject(aborted)
    expect(acknowledged).toEqual([])
  })

  test('that aborts after the application has left says nothing', async () => {
    const abort = new AbortController()
    const consumer = consume({ signal: abort.signal })
    await consumer.return?.()
    abort.abort(reason)
    expect(await consumer.next()).toEqual(done)
  })
})

describe('after', () => {
  test('nothing up to it is given, whether it came before or comes later; it is acknowledged with what follows', async () => {
    push(5, 6)
    const consumer = consume({ after: 7 })
    expect(push(7, 8)).toEqual([false, true])
    expect(await positionOf(consumer.next())).toBe(8)
    expect(acknowledged).toEqual([])
    void consumer.next()
    expect(acknowledged).toEqual([8])
  })

  test('it is acknowledged at once where nothing follows: the senders may be waiting for that', async () => {
    push(5, 6)
    const waiting = consume({ after: 7 }).next()
    expect(acknowledged).toEqual([])
    push(7)
    expect(acknowledged).toEqual([7])
    push(8)
    expect(await positionOf(waiting)).toBe(8)
  })

  test('one that is too high can be taken back: nothing is lost', async () => {
    const wrong = consume({ after: 9 })
    push(5, 6)
    const waiting = wrong.next()
    await wrong.return?.()
    expect(await waiting).toEqual(done)
    push(7)
    expect(acknowledged).toEqual([])
    const right = consume({ after: 4 })
    for (const position of [5, 6, 7]) expect(await positionOf(right.next())).toBe(position)
    expect(acknowledged).toEqual([5, 6])
  })

  test('so can one that was too high by one, after something beyond it was given', async () => {
    push(5, 6, 7)
    const wrong = consume({ after: 6 })
    expect(await positionOf(wrong.next())).toBe(7)
    await wrong.return?.()
    expect(await positionOf(consume({ after: 5 }).next())).toBe(6)
  })

  test('one that no life has got to is refused', () => {
    queue.begin('disk', 5)
    expect(() => consume({ after: 5 })).toThrow('after: 5 was not delivered yet, in no life; the next is 5')
    consume({ after: 4 }).return?.()
    push(5)
    expect(() => consume({ after: 6 })).toThrow('the next is 6')
    consume({ after: 5 })
  })

  test('one below what this life has acknowledged is refused, for what lies between is gone', async () => {
    push(0, 1, 2)
    const consumer = consume()
    for (let i = 0; i < 3; i++) await consumer.next()
    await consumer.return?.()
    expect(() => consume({ after: 0 })).toThrow('after: 1 was acknowledged in this life')
    expect(await positionOf(consume({ after: 1 }).next())).toBe(2)
  })

  test('in memory, takes no position of another life', async () => {
    queue.begin('memory')
    expect(() => consume({ after: 0 })).toThrow('another life')
    push(0, 1)
    expect(await positionOf(consume({ after: 0 }).next())).toBe(1)
  })

  test.each([1.5, Number.NaN, -2, Number.POSITIVE_INFINITY, '3', null])('%s is none', (after) => {
    expect(() => consume({ after: after as number })).toThrow(/^after: expected a position, or -1 for none/)
  })

  test('a signal of another type is refused', () => {
    expect(() => consume({ signal: {} as AbortSignal })).toThrow(/^signal: expected an AbortSignal/)
  })
})

describe('an acknowledgement by position', () => {
  test('covers what was given, by iteration or as events, beside a consumer', async () => {
    push(0, 1, 2, 3, 4)
    const consumer = consume()
    await consumer.next()
    queue.told(2)
    queue.acknowledge(2)
    queue.acknowledge(1)
    expect(await positionOf(consumer.next())).toBe(3)
    expect(acknowledged).toEqual([2])
    queue.acknowledge(3)
    expect(acknowledged).toEqual([2, 3])
  })

  test.each([1, 4, 5, -1, 0.5, Number.NaN])('of %s, which nobody was given, is refused', async (position) => {
    push(0, 1, 2, 3, 4)
    expect(() => queue.acknowledge(0)).toThrow('position: 0 was not delivered yet; nothing was')
    await consume().next()
    expect(() => queue.acknowledge(position)).toThrow(`${position} was not delivered yet; the last was 0`)
    expect(acknowledged).toEqual([])
  })
})
