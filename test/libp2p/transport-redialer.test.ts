import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { TRANSPORT_LIMITS } from '../../src/libp2p/transport-limits.ts'
import { Redialer } from '../../src/libp2p/transport-redialer.ts'
import { testRandom } from './transport-support.ts'

describe('the redialer', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('never gives up; it waits twice as long each time, up to the cap, and starts anew after a success', async () => {
    const times: number[] = []
    let lasts = false
    const redialer = new Redialer(
      [
        async (_, opened) => {
          times.push(performance.now())
          if (!lasts) throw new Error('refused')
          opened()
          await new Promise((resolve) => setTimeout(resolve, 60_000))
        }
      ],
      TRANSPORT_LIMITS,
      testRandom()
    )
    redialer.start()
    await vi.advanceTimersByTimeAsync(3_600_000)
    const waits = times.slice(1).map((time, i) => time - times[i]!)
    expect(waits.length).toBeGreaterThan(700)
    waits.forEach((wait, i) => {
      const full = Math.min(5000, 100 * 2 ** i)
      expect(wait).toBeGreaterThanOrEqual(full / 2)
      expect(wait).toBeLessThanOrEqual(full + 1)
    })
    expect(new Set(waits.slice(10)).size).toBeGreaterThan(100)
    lasts = true
    await vi.advanceTimersByTimeAsync(70_000)
    const last = times.length
    lasts = false
    await vi.advanceTimersByTimeAsync(65_000)
    expect(times[last + 1]! - times[last]!).toBeLessThanOrEqual(201)
    redialer.stop()
    const stopped = times.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(times.length).toBe(stopped)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('aborts a dial that takes too long, and one under way when it is stopped', async () => {
    const signals: AbortSignal[] = []
    const hangs = (signal: AbortSignal) => {
      signals.push(signal)
      return new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')))
      })
    }
    const redialer = new Redialer([hangs], TRANSPORT_LIMITS, testRandom())
    redialer.start()
    await vi.advanceTimersByTimeAsync(10_500)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    redialer.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('gives each of a hundred addresses that hang its turn, and comes back to the first', async () => {
    const turns: number[] = []
    const hangs = (address: number) => (signal: AbortSignal) => {
      turns.push(address)
      return new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    }
    const addresses = Array.from({ length: 100 }, (_, address) => address)
    const redialer = new Redialer(addresses.map(hangs), TRANSPORT_LIMITS, testRandom())
    redialer.start()
    // At least three seconds each, and a moment between them.
    await vi.advanceTimersByTimeAsync(100 * 3_100 + 5_000)
    redialer.stop()
    expect(turns.slice(0, 101)).toEqual([...addresses, 0])
    await vi.advanceTimersByTimeAsync(10_000)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('comes to the one that answers among those that hang, and dials it first from then on', async () => {
    const turns: number[] = []
    const answers = async (_: AbortSignal, opened: () => void) => {
      turns.push(2)
      opened()
      await new Promise((resolve) => setTimeout(resolve, 60_000))
    }
    const hangs = (address: number) => (signal: AbortSignal) => {
      turns.push(address)
      return new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    }
    const redialer = new Redialer([hangs(0), hangs(1), answers], TRANSPORT_LIMITS, testRandom())
    redialer.start()
    // Two of three share the time of one dial.
    await vi.advanceTimersByTimeAsync(2 * 3_334 + 200)
    expect(turns).toEqual([0, 1, 2])
    await vi.advanceTimersByTimeAsync(60_000 + 5_000)
    expect(turns).toEqual([0, 1, 2, 2])
    redialer.stop()
  })

  test('does not stay with an address whose channels end at once', async () => {
    const turns: number[] = []
    const ends = (address: number) => async (_: AbortSignal, opened: () => void) => {
      turns.push(address)
      opened()
    }
    const redialer = new Redialer([ends(0), ends(1)], TRANSPORT_LIMITS, testRandom())
    redialer.start()
    await vi.advanceTimersByTimeAsync(2_000)
    redialer.stop()
    expect(turns.slice(0, 4)).toEqual([0, 1, 0, 1])
  })

  test('does not dial while it is held off, however often that is made longer, and dials again then', async () => {
    const times: number[] = []
    const redialer = new Redialer(
      [
        async () => {
          times.push(performance.now())
          throw new Error('refused')
        }
      ],
      TRANSPORT_LIMITS,
      testRandom()
    )
    redialer.start()
    await vi.advanceTimersByTimeAsync(1000)
    const before = times.length
    expect(before).toBeGreaterThan(1)
    redialer.holdOff(60_000)
    await vi.advanceTimersByTimeAsync(50_000)
    redialer.holdOff(60_000)
    await vi.advanceTimersByTimeAsync(59_000)
    expect(times.length).toBe(before)
    await vi.advanceTimersByTimeAsync(6000)
    expect(times.length).toBeGreaterThan(before)
    redialer.holdOff(60_000)
    redialer.stop()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
