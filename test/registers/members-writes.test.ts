/** What a turn of a member writes is in proportion to what it took in: of the worst message of each kind. */
import { describe, expect, test } from 'vitest'
import type { Message } from '../../src/core/messages.ts'
import type { StableStore } from '../../src/core/store.ts'
import { encodeReference } from '../../src/exchange/body.ts'
import { BODY_BYTES_MAX } from '../../src/exchange/constants.ts'
import { REGISTER_NAME_CHARACTERS_MAX } from '../../src/registers/constants.ts'
import { soleWriter } from '../../src/registers/register.ts'
import { CONTENT } from '../../src/registers/signed-value.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { asked } from '../exchange/asked.ts'
import { KeyValueGroup } from './key-value-group.ts'

/** Messages of one kind, each the cheapest for who sends it. */
const COUNT = 200

class Stage extends KeyValueGroup {
  readonly client0 = this.group.n
  readonly key0 = this.key(0)

  /** Bytes of keys and values that the first member is asked to write, and how many writes, while `act` happens. */
  writes(act: () => void) {
    const store = this.at(0).env.store as { -readonly [K in keyof StableStore]: StableStore[K] }
    const { put, delete: remove } = store
    let bytes = 0
    let count = 0
    store.put = (key, value) => {
      bytes += key.length + value.length
      count++
      put(key, value)
    }
    store.delete = (key) => {
      bytes += key.length
      count++
      remove(key)
    }
    act()
    Object.assign(store, { put, delete: remove })
    return { bytes, count }
  }

  value(name: string, timestamp: number, value: Uint8Array, content: number = CONTENT.value) {
    return this.signed(0, soleWriter(this.key0, name), timestamp, value, content)
  }
}

const LONG = 'n'.repeat(REGISTER_NAME_CHARACTERS_MAX)
const root = (i: number) => new SeededRandom(i, 'root').bytes(32)
const reference = (i: number, size: number) => encodeReference({ size, root: root(i) })

const KINDS: Record<string, (stage: Stage, i: number) => Message> = {
  'WRITE of nothing, over and over': (stage, i) => ({
    type: 'WRITE',
    call: asked(i),
    register: soleWriter(stage.key0, 'x'),
    value: stage.value('x', i, new Uint8Array(0))
  }),
  'WRITE of a new register with a long name': (stage, i) => ({
    type: 'WRITE',
    call: asked(i),
    register: soleWriter(stage.key0, `${i}${LONG}`.slice(0, LONG.length)),
    value: stage.value(`${i}${LONG}`.slice(0, LONG.length), 1, new Uint8Array(0))
  }),
  'WRITE of a reference to the largest body': (stage, i) => ({
    type: 'WRITE',
    call: asked(i),
    register: soleWriter(stage.key0, 'x'),
    value: stage.value('x', i, reference(i, BODY_BYTES_MAX), CONTENT.body)
  }),
  'WRITE of a value over a reference, by turns': (stage, i) => ({
    type: 'WRITE',
    call: asked(i),
    register: soleWriter(stage.key0, 'x'),
    value:
      i % 2 === 0
        ? stage.value('x', i, new Uint8Array(0))
        : stage.value('x', i, reference(i, BODY_BYTES_MAX), CONTENT.body)
  }),
  READ: (stage, i) => ({ type: 'READ', call: asked(i), register: soleWriter(stage.key0, 'x') }),
  LIST: (stage, i) => ({ type: 'LIST', call: asked(i), writers: [stage.key0], after: null, limit: 128 }),
  'FETCH of nothing': (stage, i) => ({
    type: 'FETCH',
    transfer: asked(i),
    subject: soleWriter(stage.key0, 'x'),
    root: root(i),
    index: 0
  }),
  'WRITE of an unknown writer': (stage, i) => ({
    type: 'WRITE',
    call: asked(i),
    register: soleWriter(root(i), 'x'),
    value: stage.value('x', i, new Uint8Array(0))
  })
}

describe('a member writes in proportion to what it takes in', () => {
  test.each(Object.keys(KINDS))('%s', (kind) => {
    const stage = new Stage()
    stage.lies(stage.client0, (message) => (message.type === 'MISSING' ? undefined : message))
    const messages = Array.from({ length: COUNT }, (_, i) => KINDS[kind]?.(stage, i + 1) as Message)
    const before = stage.bytesTo(0)
    const { bytes, count } = stage.writes(() => {
      for (const message of messages) stage.forge(stage.client0, 0, message)
      stage.run()
      stage.passTime(5000)
    })
    const brought = stage.bytesTo(0) - before
    expect(brought).toBeGreaterThan(COUNT * 30)
    expect(count).toBeLessThanOrEqual(3 * COUNT)
    expect(bytes).toBeLessThan(4 * brought)
    if (/of a new|over and over|reference/.test(kind)) expect(count).toBeGreaterThanOrEqual(COUNT)
    else expect(count).toBe(0)
  })
})
