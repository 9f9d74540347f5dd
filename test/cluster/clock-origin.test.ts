/** When the clock of a process began, by that of the machine. */
import { expect, test } from 'vitest'
import { clockOriginMs } from '../../src/cluster/clock-origin.ts'

/** Clocks of which each reading takes a microsecond, but some 40 milliseconds: the process waits for the processor. */
function busy(isSlow: (reading: number) => boolean) {
  const originMs = 5000
  let now = 10
  let readings = 0
  const read = () => {
    now += isSlow(readings++) ? 40 : 0.001
    return now
  }
  return { own: read, shared: () => originMs + read(), originMs }
}

test.each([
  ['at none', () => false],
  ['before the clock of the machine is read', (reading: number) => reading % 6 === 1],
  ['after it was read', (reading: number) => reading % 6 === 2],
  ['at the first of all readings', (reading: number) => reading < 4],
  ['at the last of all', (reading: number) => reading > 6]
])('it is right where the process waits %s', (_, isSlow) => {
  const { own, shared, originMs } = busy(isSlow)
  expect(clockOriginMs(own, shared)).toBeCloseTo(originMs, 2)
})
