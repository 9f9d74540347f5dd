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
})
