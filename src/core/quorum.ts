/**
 * All quorum arithmetic of the toolkit. Nobody writes `2 * f + 1` in a protocol: at n = 4 floor(n/2)+1, 2f+1,
 * n-f and the smallest integer above (n+f)/2 are all 3, and confusing them is a bug that only n = 5, 6 or 7 shows.
 *
 * n is the number of processes of a group, f the number of them that may be faulty.
 * Source: CGR11 (Cachin, Guerraoui, Rodrigues 2011), sections 4.2, 4.6, 4.7 and 3.10.
 */
import { assert } from './assert.ts'

function assertGroup(n: number, f: number): void {
  assert(Number.isSafeInteger(n) && n >= 1, `n is a positive integer, not ${n}`)
  assert(Number.isSafeInteger(f) && f >= 0 && f < n, `f is an integer with 0 <= f < n, not ${f} of ${n}`)
}

/** The largest f with n > 3f. */
export function byzantineResilience(n: number): number {
  assertGroup(n, 0)
  return Math.floor((n - 1) / 3)
}

/** The largest f with n > 4f. */
export function maskingResilience(n: number): number {
  assertGroup(n, 0)
  return Math.floor((n - 1) / 4)
}

/** The largest f with n > 2f. */
export function crashResilience(n: number): number {
  assertGroup(n, 0)
  return Math.floor((n - 1) / 2)
}

/** More than n/2: two of them intersect. */
export function majority(n: number): number {
  assertGroup(n, 0)
  return Math.floor(n / 2) + 1
}

/** More than (n+f)/2: two of them share a correct process; n - f processes reach one if n > 3f. */
export function byzantineQuorum(n: number, f: number): number {
  assertGroup(n, f)
  return Math.floor((n + f) / 2) + 1
}

/** More than (n+2f)/2: two of them share f+1 correct processes; n - f processes reach one if n > 4f. */
export function maskingQuorum(n: number, f: number): number {
  assertGroup(n, f)
  return Math.floor((n + 2 * f) / 2) + 1
}

/** f + 1: at least one correct process is among them. */
export function oneCorrect(n: number, f: number): number {
  assertGroup(n, f)
  return f + 1
}

/** 2f + 1: a majority of them are correct, so at least f + 1. Double echo delivers at that many READYs. */
export function correctMajority(n: number, f: number): number {
  assertGroup(n, f)
  return 2 * f + 1
}

/** n - f: as many as a process may wait for without waiting for a faulty one. */
export function available(n: number, f: number): number {
  assertGroup(n, f)
  return n - f
}
