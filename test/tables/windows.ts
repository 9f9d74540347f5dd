/** Retention, the windows of a session and budgets of work: small ones, whole. */

import { withDefaults } from '../../src/broadcast/constants.ts'
import {
  bytesBetween,
  exceeds,
  mayDrop,
  oldest,
  type Retained,
  retainedBytes,
  retainedFrom
} from '../../src/broadcast/retention.ts'
import { createGroup } from '../../src/core/group.ts'
import { Budget } from '../../src/links/budget.ts'
import {
  EARLIER_LIVES_MAX,
  LINK_FRAMES_IN_FLIGHT,
  LINK_REORDER_BYTES_MAX
} from '../../src/links/constants.ts'
import { remembers } from '../../src/links/own-lives.ts'
import { ReceiveWindow } from '../../src/links/receive-window.ts'
import { product, sequences } from './inputs.ts'
import type { Row, Table } from './table.ts'

/** What is kept, as sizes of the instances, the last of which is just below the base. */
interface Kept {
  readonly sizes: readonly number[]
  readonly retained: Retained
}

/** Up to four instances of 0 to 2 bytes, after one that is gone; what the others have reported. */
function* kept(highest: readonly number[] = [0, 0, 0, 0]): Generator<Kept> {
  for (const sizes of sequences([0, 1, 2], 4)) {
    const totals = [3]
    for (const size of sizes) totals.push((totals.at(-1) as number) + size)
    yield { sizes, retained: { base: sizes.length + 1, totals, highest } }
  }
}

const bounds = (retentionCountMax: number, retentionBytesMax: number) => ({
  ...withDefaults({}),
  windowInstances: 1,
  windowBytesMax: 1,
  retentionCountMax,
  retentionBytesMax
})
const BOUNDS = [...product([0, 1, 2, 5], [0, 1, 3, 9])].map((of) => bounds(...of))

const sum = (sizes: readonly number[]) => sizes.reduce((bytes, size) => bytes + size, 0)
const told = ({ sizes, retained }: Kept) => `sizes ${sizes}, base ${retained.base}`

/** By its definition: more than the bounds lie between it and the base. */
function isBeyond({ sizes, retained }: Kept, sequence: number, base: number, of: ReturnType<typeof bounds>) {
  const to = Math.min(base, retained.base)
  const between = sizes.slice(sequence - 1, Math.max(sequence - 1, to - 1))
  return to > sequence && (to - sequence > of.retentionCountMax || sum(between) > of.retentionBytesMax)
}

const groups = [4, 7].map((n) => {
  const publicKeys = Array.from({ length: n }, (_, rank) => new Uint8Array(32).fill(rank))
  return createGroup({ id: new Uint8Array(32), f: Math.floor((n - 1) / 3), publicKeys })
})

export const windows: Table = {
  *'the bytes of retained instances are the sum of their sizes'(): Generator<Row> {
    for (const one of kept()) {
      const { sizes, retained } = one
      yield [oldest(retained) === 1 && retainedBytes(retained) === sum(sizes), () => told(one)]
      for (let from = 1; from <= retained.base; from++)
        for (let to = from; to <= retained.base; to++)
          yield [
            bytesBetween(retained, from, to) === sum(sizes.slice(from - 1, to - 1)),
            () => `${told(one)}: from ${from} to ${to}`
          ]
    }
  },
  *'an instance is dropped exactly if it is beyond the retention of 2f + 1, this process by its own base'(): Generator<Row> {
    for (const group of groups)
      for (const highest of product(...group.ranks.slice(0, 4).map(() => [0, 3, 5])))
        for (const [of, self] of product([bounds(1, 9), bounds(2, 1)], [0, 3]))
          for (const sizes of [
            [1, 1, 1, 1],
            [2, 0, 0, 2]
          ]) {
            const reported = [...highest, ...group.ranks.slice(4).map((rank) => (rank % 2 === 0 ? 5 : 2))]
            const totals = [0]
            for (const size of sizes) totals.push((totals.at(-1) as number) + size)
            const one = { sizes, retained: { base: 5, totals, highest: reported } }
            for (let sequence = 1; sequence <= 5; sequence++) {
              const beyond = reported.filter((base, peer) =>
                isBeyond(one, sequence, peer === self ? 5 : base, of)
              )
              const isRight = isBeyond(one, sequence, 5, of) && beyond.length >= 2 * group.f + 1
              yield [
                mayDrop(one.retained, sequence, self, group, of) === isRight,
                () => `${told(one)}, reported ${reported}, ${sequence} at member ${self}`
              ]
            }
          }
  },
  *'what is retained by its own bounds begins with the first instance from which on they hold'(): Generator<Row> {
    for (const one of kept())
      for (const limits of BOUNDS) {
        let right = 1
        while (isBeyond(one, right, one.retained.base, limits)) right++
        const from = retainedFrom(one.retained, limits)
        yield [
          from === right,
          () =>
            `${told(one)}, at most ${limits.retentionCountMax} and ${limits.retentionBytesMax} bytes: from ${from}`
        ]
      }
  },
  *'the base waits exactly if a window more than the bounds is kept'(): Generator<Row> {
    for (const one of kept())
      for (const limits of BOUNDS) {
        const isRight =
          one.sizes.length > limits.retentionCountMax + 1 || sum(one.sizes) > limits.retentionBytesMax + 1
        yield [exceeds(one.retained, limits) === isRight, () => told(one)]
      }
  },
  *'frames in any order are handed on in theirs, each of them once'(): Generator<Row> {
    for (const arrivals of sequences([0, 1, 2, 3, 4], 5)) {
      const window = new ReceiveWindow()
      const delivered: number[] = []
      const known = new Set<number>()
      for (const sequence of arrivals) {
        const right = sequence === 0 ? 'beyond' : known.has(sequence) ? 'duplicate' : 'new'
        const admitted = window.admits(sequence, 1)
        yield [admitted === right, () => `${sequence} in ${arrivals}: ${admitted}`]
        if (admitted !== 'new') continue
        known.add(sequence)
        window.accept(sequence, [Uint8Array.from([sequence])], 1, ([one]) => delivered.push(one?.[0] ?? 0))
      }
      let last = 0
      while (known.has(last + 1)) last++
      const right = Array.from({ length: last }, (_, index) => index + 1)
      yield [String(delivered) === String(right), () => `${arrivals}: delivered ${delivered}`]
      const waiting = [...known].filter((sequence) => sequence > last).sort()
      yield [
        window.received === last &&
          String(window.waiting) === String(waiting) &&
          window.bytes === waiting.length,
        () => `${arrivals}: received ${window.received}, waiting ${window.waiting}, ${window.bytes} bytes`
      ]
    }
  },
  *'a frame waits within the window and its bytes, and the next one always has room'(): Generator<Row> {
    for (const filled of [0, 1, LINK_REORDER_BYTES_MAX]) {
      const window = new ReceiveWindow()
      if (filled > 0) window.accept(2, [], filled, () => {})
      for (const [sequence, bytes] of product(
        [1, 3, LINK_FRAMES_IN_FLIGHT, LINK_FRAMES_IN_FLIGHT + 1],
        [0, 1, LINK_REORDER_BYTES_MAX]
      )) {
        const hasRoom = sequence === 1 || filled + bytes <= LINK_REORDER_BYTES_MAX
        const right = sequence > LINK_FRAMES_IN_FLIGHT ? 'beyond' : hasRoom ? 'new' : 'no-room'
        const admitted = window.admits(sequence, bytes)
        yield [admitted === right, () => `frame ${sequence} of ${bytes} bytes beside ${filled}: ${admitted}`]
      }
    }
  },
  *'a budget holds what time has filled in and nothing has spent, at most its burst'(): Generator<Row> {
    const BURST = 4
    const steps = [
      ['spend', 3],
      ['spend', 9],
      ['earn', 2],
      ['pass', 1],
      ['pass', 50],
      ['pass', -2]
    ] as const
    for (const done of sequences(steps, 4)) {
      let now = 1000
      let left = BURST
      let seen: number | undefined
      const budget = new Budget(
        { now: () => now, setTimer: () => ({ cancel() {} }) },
        { perSecond: 1000, burst: BURST }
      )
      for (const [what, much] of done) {
        if (what === 'pass') now += much
        else if (what === 'earn') {
          budget.earn(much)
          left = Math.min(BURST, left + much)
        } else {
          budget.spend(much)
          left -= much
        }
        // The clock is read only when all is spent, so what it holds then is what counts.
        if (left <= 0) {
          left = Math.min(BURST, left + Math.max(0, now - (seen ?? now)))
          seen = now
        }
        const wait = left > 0 ? 0 : 1 - left
        yield [
          budget.isSpent === left <= 0 && budget.waitMs === wait,
          () => `${done.map((one) => one.join(' ')).join(', ')}: ${budget.waitMs} ms to wait, not ${wait}`
        ]
      }
    }
  },
  *'a store remembers the lives that it lists, those before a full list, and that there was none'(): Generator<Row> {
    const full = Array.from({ length: EARLIER_LIVES_MAX }, (_, index) => 10 + 2 * index)
    for (const lives of [[], [3], [3, 5], full.slice(1), full])
      for (let life = 0; life < 12 + 2 * EARLIER_LIVES_MAX; life++) {
        const isRight = life === 0 || lives.includes(life) || (lives === full && life < 10)
        yield [
          remembers(lives, life) === isRight,
          () => `life ${life} of ${lives.length} from ${lives[0]} on`
        ]
      }
  }
}
