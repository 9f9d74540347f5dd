/** A budget of work: filled by time, emptied by work. */
import { expect, test } from 'vitest'
import { Budget } from '../../src/links/budget.ts'
import { VirtualTime } from './virtual-time.ts'

const SECOND = 1000

function budgetIn(time: VirtualTime): Budget {
  return new Budget(
    time.clock((handler) => handler()),
    { perSecond: 100_000, burst: 50_000 }
  )
}

/** How much it takes until it is spent, in pieces of 1,000 microseconds. */
function left(budget: Budget): number {
  let pieces = 0
  for (; !budget.isSpent; pieces++) budget.spend(1000)
  return pieces
}

test('it holds its burst, and no more however long it rests', () => {
  const time = new VirtualTime()
  const budget = budgetIn(time)
  expect(left(budget)).toBe(50)
  time.advance(3600 * SECOND)
  expect(left(budget)).toBe(50)
})

test('who rests with some of it left finds that and its burst, and never two of them', () => {
  for (const spent of [1, 25, 49, 50]) {
    const time = new VirtualTime()
    const budget = budgetIn(time)
    left(budget)
    time.advance(SECOND)
    expect(budget.isSpent).toBe(false)
    budget.spend(spent * 1000)
    time.advance(3600 * SECOND)
    expect(left(budget)).toBe(50 - spent + 50)
  }
})

test('time fills it, and in the long run nobody gets more than that', () => {
  const time = new VirtualTime()
  const budget = budgetIn(time)
  let pieces = left(budget)
  for (let i = 0; i < 1000; i++) {
    time.advance(10)
    pieces += left(budget)
  }
  expect(pieces).toBe(50 + (10 * SECOND * 100) / SECOND)
})

test('work that costs more than there is leaves a debt, which is waited off to the millisecond', () => {
  const time = new VirtualTime()
  const budget = budgetIn(time)
  expect(budget.waitMs).toBe(0)
  budget.spend(250_000)
  expect(budget.isSpent).toBe(true)
  expect(budget.waitMs).toBe(2001)
  time.advance(2000)
  expect(budget.isSpent).toBe(true)
  time.advance(1)
  expect(budget.isSpent).toBe(false)
  expect(budget.waitMs).toBe(0)
})

test('what was of use is given back, up to the burst', () => {
  const budget = budgetIn(new VirtualTime())
  budget.spend(50_000)
  expect(budget.isSpent).toBe(true)
  budget.earn(10_000)
  expect(left(budget)).toBe(10)
  budget.earn(1_000_000)
  expect(left(budget)).toBe(50)
})

test('a clock that is set back gives nothing and takes nothing', () => {
  const time = new VirtualTime()
  const budget = budgetIn(time)
  time.advance(SECOND)
  left(budget)
  time.now -= SECOND / 2
  expect(budget.isSpent).toBe(true)
  time.now += 10
  expect(left(budget)).toBe(1)
})
