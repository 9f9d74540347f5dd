/** Times of puts, where the last writer wins: no store gives one twice, and a clock that is no clock is refused. */
import { describe, expect, test } from 'vitest'
import { CLOCK_MS_MAX, TIME_MS_MAX } from '../../src/leaderless/constants.ts'
import type { LeaderlessStore } from '../../src/leaderless/leaderless-store.ts'
import type { LeaderlessOptions } from '../../src/leaderless/requests.ts'
import { bytesOf, Cluster, textsOf, versionsOf } from './cluster.ts'

const lastWriterWins = { conflicts: 'last-writer-wins' } as const
const nothingSeen = { clock: [], time: 0 }

describe('no store gives a time twice', () => {
  /** Two puts that one client asks for in one turn, and what a get returns once both are acknowledged. */
  function bothInOneTurn(seed: number, second: 'put' | 'delete', options: LeaderlessOptions) {
    const cluster = new Cluster({ n: 3, seed, options })
    cluster.run(100)
    let acknowledged = 0
    const returned = () => void acknowledged++
    cluster.ask(3, (store) => {
      store.put('k', bytesOf('first'), {}, returned)
      if (second === 'put') store.put('k', bytesOf('second'), {}, returned)
      else store.delete('k', { context: nothingSeen }, returned)
    })
    cluster.run(3000)
    expect(acknowledged).toBe(2)
    const result = cluster.get(3, 'k')
    return { values: textsOf(result), deleted: result.deleted }
  }

  test.each(['put', 'delete'] as const)('of a put and a %s in one turn, the second wins', (second) => {
    const won = second === 'put' ? { values: ['second'], deleted: false } : { values: [], deleted: true }
    for (let seed = 1; seed <= 20; seed++) expect(bothInOneTurn(seed, second, lastWriterWins)).toEqual(won)
  })

  test('control: the two are concurrent, and siblings where siblings are kept', () => {
    expect(bothInOneTurn(1, 'put', {}).values).toEqual(['first', 'second'])
  })

  test('though the clock is set back', () => {
    let now = 1_000_000
    const cluster = new Cluster({ n: 3, options: { ...lastWriterWins, wallClockMs: () => now } })
    cluster.put(3, 'k', 'first')
    now = 5
    cluster.put(3, 'k', 'second')
    expect(textsOf(cluster.get(3, 'k'))).toEqual(['second'])
  })

  test('though the process crashes in between, and comes back within the millisecond', () => {
    const cluster = new Cluster({ n: 3, options: { ...lastWriterWins, wallClockMs: () => 1_000_000 } })
    for (const value of ['first', 'second', 'third']) cluster.put(3, 'k', value)
    cluster.crash(3)
    cluster.start(3)
    cluster.put(3, 'k', 'fourth')
    expect(textsOf(cluster.get(3, 'k'))).toEqual(['fourth'])
  })

  test('twice with one context, the second wins', () => {
    const cluster = new Cluster({ n: 3, options: { ...lastWriterWins, wallClockMs: () => 7 } })
    cluster.put(3, 'k', 'zero')
    const { context } = cluster.get(3, 'k')
    for (const value of ['first', 'second']) cluster.put(3, 'k', value, { context })
    expect(textsOf(cluster.get(3, 'k'))).toEqual(['second'])
  })
})

describe('a clock that gives no milliseconds', () => {
  const wrong: readonly (readonly [string, () => unknown])[] = [
    ['nanoseconds', () => 1.8e18],
    ['microseconds', () => 1.8e15],
    ['one beyond the bound', () => CLOCK_MS_MAX + 1],
    ['infinity', () => Number.POSITIVE_INFINITY],
    ['no number', () => Number.NaN],
    ['a time before 1970', () => -5],
    ['a bigint', () => 5n],
    ['a text', () => '5'],
    ['nothing', () => undefined],
    ['a very long text', () => 'x'.repeat(10 ** 6)]
  ]

  test.each(wrong)(
    '%s: refused to who puts, in one short line; nothing is begun, and the store goes on',
    (_, clock) => {
      let now: () => unknown = clock
      const options = { ...lastWriterWins, wallClockMs: () => now() as number }
      const cluster = new Cluster({ n: 3, options })
      cluster.run(100)
      let returned = 0
      const attempt = (store: LeaderlessStore) =>
        messageOf(() => store.put('k', bytesOf('x'), {}, () => void returned++))
      cluster.ask(3, (store) => {
        const message = attempt(store)
        expect(message).toMatch(
          /^InvalidParametersError: wallClockMs: expected 0 to 281474976710656 milliseconds, not /
        )
        expect(message.length).toBeLessThan(200)
      })
      cluster.run(3000)
      expect(returned).toBe(0)
      now = () => 1_000_000.5
      cluster.put(3, 'k', 'good')
      expect([textsOf(cluster.get(3, 'k')), cluster.faults]).toEqual([['good'], []])
    }
  )

  test('one that throws: the caller of put is told, and the store goes on', () => {
    let broken = true
    const wallClockMs = () => {
      if (broken) throw new Error('no battery')
      return 5
    }
    const cluster = new Cluster({ n: 3, options: { ...lastWriterWins, wallClockMs } })
    cluster.ask(3, (store) => expect(() => store.put('k', bytesOf('x'), {}, () => {})).toThrow('no battery'))
    broken = false
    cluster.put(3, 'k', 'good')
    expect(textsOf(cluster.get(3, 'k'))).toEqual(['good'])
  })
})

describe('at the end of the range', () => {
  /**
   * Two puts that know nothing of each other, X1 and X2, and one that replaces X1 and meets X2 first: with times that
   * cannot grow any more, each would take another one away, and nothing would be left anywhere.
   */
  function threePuts(wall: number): Cluster {
    const options = { ...lastWriterWins, replicas: 5, r: 1, w: 1, sloppy: true, antiEntropyPeriodMs: 300 }
    const cluster = new Cluster({
      n: 5,
      clients: 3,
      seed: 5,
      options: { ...options, wallClockMs: () => wall }
    })
    const up = (...members: number[]) => {
      for (let rank = 0; rank < 5; rank++)
        if (cluster.isUp(rank) && !members.includes(rank)) cluster.crash(rank)
      cluster.run(5)
      for (const rank of members) if (!cluster.isUp(rank)) cluster.start(rank)
      cluster.run(1500)
    }
    up(0)
    cluster.put(5, 'k', 'X1')
    up(1)
    cluster.put(6, 'k', 'X2')
    up(1, 3)
    up(0)
    const { context } = cluster.get(7, 'k')
    cluster.run(1500)
    up(2)
    cluster.put(7, 'k', 'Z', { context })
    for (const members of [
      [2, 4],
      [0, 1],
      [2, 3],
      [0, 1, 4],
      [0, 1, 2, 3, 4]
    ])
      up(...members)
    return cluster
  }

  test.each([1_800_000_000_000, CLOCK_MS_MAX])(
    'a put that replaces another one has a higher time and stays, at a clock of %d',
    (wall) => {
      const cluster = threePuts(wall)
      for (let rank = 0; rank < 5; rank++) expect(versionsOf(cluster.stored(rank, 'k'))).toEqual(['Z'])
    }
  )

  test('a put for which no time is left is refused, and the store goes on with other keys', () => {
    const cluster = new Cluster({ n: 3, options: { ...lastWriterWins, wallClockMs: () => 5 } })
    const context = { clock: [], time: TIME_MS_MAX }
    cluster.ask(3, (store) =>
      expect(() => store.put('k', bytesOf('x'), { context }, () => {})).toThrow(/no time is left/)
    )
    cluster.put(3, 'k', 'last', { context: { clock: [], time: TIME_MS_MAX - 1 } })
    cluster.put(3, 'other', 'x')
    expect(cluster.get(3, 'other')).toMatchObject({ values: [bytesOf('x')], context: { time: 5 } })
    cluster.crash(3)
    cluster.start(3)
    cluster.put(3, 'other', 'y')
    expect(textsOf(cluster.get(3, 'other'))).toEqual(['y'])
  })
})

describe('what an application hands over is checked where it enters', () => {
  const refused: readonly (readonly [string, object])[] = [
    ['conflicts', { conflicts: 'first-writer-wins' }],
    ['wallClockMs', { wallClockMs: 5 }],
    ['keysMax', { keysMax: Number.NaN }],
    ['keysMax', { keysMax: 0 }],
    ['valueBytesMax', { valueBytesMax: Number.POSITIVE_INFINITY }],
    ['antiEntropyPeriodMs', { antiEntropyPeriodMs: 0 }],
    ['antiEntropyPeriodMs', { antiEntropyPeriodMs: Number.NaN }],
    ['antiEntropyPeriodMs', { antiEntropyPeriodMs: 2 ** 31 }],
    ['replicas', { replicas: '3' }],
    ['r', { r: 1.5 }],
    ['sloppy', { sloppy: 'yes' }]
  ]

  test.each(refused)('the option %s: %o is refused', (name, options) => {
    const message = messageOf(() => new Cluster({ n: 3, options: options as LeaderlessOptions }))
    expect(message).toMatch(new RegExp(`^InvalidParametersError: ${name}: expected `))
  })

  const contexts: readonly unknown[] = [
    null,
    5,
    {},
    { clock: [], time: Number.NaN },
    { clock: [], time: -1 },
    { clock: [{ rank: 0 }], time: 1 },
    { clock: [null], time: 1 },
    { clock: [{ rank: 0, counter: Number.POSITIVE_INFINITY }], time: 1 },
    { clock: 'x', time: 1 },
    { clock: new Array(10 ** 6).fill({ rank: 0, counter: 1 }), time: 1 }
  ]
  const calls: readonly (readonly [string, (store: LeaderlessStore) => unknown])[] = [
    ['a key of another type', (store) => store.get(5 as never, {}, () => {})],
    ['a value of another type', (store) => store.put('k', 'text' as never, {}, () => {})],
    ['no value', (store) => store.put('k', undefined as never, {}, () => {})],
    ['sloppy of another type', (store) => store.get('k', { r: 1, sloppy: 1 as never }, () => {})],
    ...contexts.map(
      (context, number) =>
        [
          `the context ${number}`,
          (store: LeaderlessStore) => store.put('k', bytesOf('x'), { context: context as never }, () => {})
        ] as const
    )
  ]

  test.each(calls)('%s is refused to the caller, and the process goes on', (_, call) => {
    const cluster = new Cluster({ n: 3, options: lastWriterWins })
    cluster.run(100)
    cluster.ask(3, (store) => expect(messageOf(() => call(store))).toMatch(/^InvalidParametersError: /))
    cluster.put(3, 'k', 'good')
    expect(textsOf(cluster.get(3, 'k'))).toEqual(['good'])
  })
})

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return String(error)
  }
  return 'nothing was thrown'
}
