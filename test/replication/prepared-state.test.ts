/** A state that others had is taken in a little at a time, and is nobody's before it is whole. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { Solo } from '../../src/laboratory/solo.ts'
import { type FetchedPart, readParts } from '../../src/replication/kept-states.ts'
import { StateMap } from '../../src/replication/managed-state.ts'
import { type PreparedState, ReplicatedState } from '../../src/replication/replicated-state.ts'

const BOUNDS = { sessionWindow: 8, sessionPool: 2, poolIdleCommands: 8, writtenBytesPerTurn: 1024 }

function member(bounds = BOUNDS) {
  const solo = new Solo({ members: 4, make: () => undefined })
  const values = new Map<string, Uint8Array>()
  const store = {
    put: (key: string, value: Uint8Array) => void values.set(key, value),
    delete: (key: string) => void values.delete(key),
    restored: () => [],
    read: (key: string, then: (value: Uint8Array | undefined) => void) => then(values.get(key))
  }
  const turns: (() => void)[] = []
  const clock = {
    now: () => 0,
    setTimer: (_: number, run: () => void) => {
      turns.push(run)
      return { cancel() {} }
    }
  }
  const env = { ...solo.env, clock, group: solo.group, crypto: solo.env.crypto }
  const state = new ReplicatedState(env, store, { apply: (command) => command }, bounds)
  state.resume(() => {})
  /** The next turn. */
  const turn = () => turns.shift()?.()
  return { solo, values, state, turn }
}

/** As many keys as fill several turns, and what a member has of them on its disk. */
function fetched() {
  const { solo, state } = member({ ...BOUNDS, writtenBytesPerTurn: 2 ** 30 })
  const map = new StateMap(solo.env.crypto.hash)
  for (let key = 0; key < 40; key++) map.set(utf8(`key ${key}`), new Uint8Array(256).fill(key))
  let digest = new Uint8Array()
  state.kept.write(2, map.takeChanged(), (whole) => {
    digest = Uint8Array.from(whole)
  })
  const parts: FetchedPart[] = []
  for (const part of readParts(state.kept.listOf(digest) ?? utf8('')) ?? [])
    state.kept.readPart(part.name, part.body.root, (encoded) => {
      parts.push({ ...part, encoded: encoded ?? utf8(''), kept: false })
    })
  return { parts, digest, content: map.state() }
}

const contentOf = ({ state }: ReturnType<typeof member>) => state.state().managed

describe('a state that takes several turns', () => {
  it('is prepared in as many, and shows when it is installed', () => {
    const { parts, digest, content } = fetched()
    const one = member()
    const before = new Map(one.values)
    let prepared: PreparedState | undefined
    one.state.prepare(parts, (whole) => {
      prepared = whole
    })
    let turns = 1
    for (; prepared === undefined && turns < 100; turns++) {
      expect(one.state.isPreparing).toBe(true)
      one.turn()
    }
    expect(turns).toBeGreaterThanOrEqual(10)
    expect(one.state.isPreparing).toBe(false)
    expect(contentOf(one)).toEqual([])
    expect(one.values).toEqual(before)
    if (prepared !== undefined) one.state.install(2, prepared)
    expect(contentOf(one)).toEqual(content)
    expect(one.state.kept.listOf(digest)).toBeDefined()
  })

  it('is given up when nobody needs it any more, and another one takes its place', () => {
    const { parts } = fetched()
    const { state, turn } = member()
    const whole: string[] = []
    state.prepare(parts, () => whole.push('first'))
    turn()
    state.giveUp()
    expect(state.isPreparing).toBe(false)
    for (let turns = 0; turns < 100; turns++) turn()
    expect(whole).toEqual([])
    state.prepare(parts, () => whole.push('second'))
    state.prepare(parts.slice(1), () => whole.push('third'))
    for (let turns = 0; turns < 100; turns++) turn()
    expect(whole).toEqual(['third'])
  })
})

it('a small one is there at once', () => {
  const { parts } = fetched()
  const { state } = member()
  const whole: number[] = []
  state.prepare(parts.slice(0, 1), (prepared) => whole.push(prepared.parts.length))
  expect(whole).toEqual([1])
})
