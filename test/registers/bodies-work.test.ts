/** References to bodies, whatever size they speak of, cost a member what they bring. */
import { describe, expect, test } from 'vitest'
import type { ProcessId } from '../../src/core/group.ts'
import type { Message } from '../../src/core/messages.ts'
import { isBulk, type StableStore } from '../../src/core/store.ts'
import { BodyTree, encodeReference } from '../../src/exchange/body.ts'
import type { CallId } from '../../src/exchange/call-id.ts'
import {
  BODY_BYTES_MAX,
  CHUNK_BYTES,
  CHUNKS_READ_MAX,
  CHUNKS_SERVED_MAX
} from '../../src/exchange/constants.ts'
import { PEER_WORK_BURST_US } from '../../src/links/constants.ts'
import { BODIES_STAGED_MAX, BODY_GIVEN_UP_MS, LISTED_KEY_US } from '../../src/registers/constants.ts'
import type { GetResult } from '../../src/registers/key-value-store.ts'
import { soleWriter, type WriteResult } from '../../src/registers/register.ts'
import { CONTENT } from '../../src/registers/signed-value.ts'
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { asked } from '../exchange/asked.ts'
import { type GroupInit, KeyValueGroup } from './key-value-group.ts'

const MIB = 1024 * 1024
const MEMBER = 0

class Stage extends KeyValueGroup {
  readonly attacker = this.group.n
  readonly honest = this.group.n + 1
  /** What the first member was asked to write, but for bulk that it puts. */
  written = { puts: 0, bytes: 0, deleted: 0 }
  #call = 1_000_000

  constructor(init: GroupInit = {}) {
    super(init)
    this.watch()
  }

  /** Says nothing to whoever asks it for a chunk, not even that it has none. */
  mute(process: ProcessId): void {
    this.lies(process, (message) => (message.type === 'MISSING' ? undefined : message))
  }

  watch(): void {
    const store = this.at(MEMBER).env.store as { -readonly [K in keyof StableStore]: StableStore[K] }
    const put = store.put
    const remove = store.delete
    store.put = (key, value) => {
      if (!isBulk(key)) {
        this.written.puts++
        this.written.bytes += key.length + value.length
      }
      put(key, value)
    }
    store.delete = (key) => {
      this.written.deleted++
      remove(key)
    }
  }

  /** A WRITE of a reference to what does not exist. */
  reference(signer: number, key: string, timestamp: number, size = BODY_BYTES_MAX) {
    const register = soleWriter(this.key(signer), key)
    const root = new SeededRandom(timestamp, `${signer}/${key}`).bytes(32)
    const value = this.signed(signer, register, timestamp, encodeReference({ size, root }), CONTENT.body)
    return { type: 'WRITE', call: asked(++this.#call), register, value }
  }

  put(key: string, value: Uint8Array): WriteResult {
    return this.ask((returned) => this.client(1).put(this.key(1), key, value, returned))
  }

  get(key: string): GetResult {
    return this.ask((returned) => this.client(1).get(this.key(1), key, returned))
  }

  /** What the first member sends to a process, from now on. */
  answersTo(process: ProcessId): Message[] {
    const answers: Message[] = []
    this.lies(MEMBER, (message, to) => {
      if (to === process) answers.push(message)
      return message
    })
    return answers
  }

  get named() {
    return [...this.members.values()]
      .flatMap(({ faults }) => faults)
      .filter(({ certainty }) => certainty !== 'suspected')
  }
}

const valueWith = (size: number) => new SeededRandom(1, 'value').bytes(size)

describe('references to bodies that do not exist', () => {
  test('cost a few small writes each, whatever size they speak of, and keep nobody else waiting', () => {
    const stage = new Stage()
    const count = 1000
    for (let i = 1; i <= count; i++) stage.forge(stage.attacker, MEMBER, stage.reference(0, 'body', i))
    stage.mute(stage.attacker)
    stage.run()
    // The attack has reached its target, which asks for chunks that nobody gives it.
    expect(stage.carried.get('FETCH')).toBeGreaterThan(0)
    expect(stage.put('honest', valueWith(MIB))).toMatchObject({ written: true })
    expect(stage.get('honest').value).toHaveLength(MIB)
    // What is beyond its budget has been taken in by then.
    stage.passTime(20_000)
    expect(stage.written.puts).toBeGreaterThanOrEqual(count)
    expect(stage.written.puts).toBeLessThan(2 * count + 100)
    expect(stage.written.deleted).toBeLessThan(2 * count + 100)
    expect(stage.named).toEqual([])
  })

  test('the control: chunks that came are dropped, those and few others', () => {
    const stage = new Stage()
    const chunks = 100
    const body = valueWith(chunks * CHUNK_BYTES)
    const tree = new BodyTree(stage.at(MEMBER).env.crypto.hash, body)
    const register = soleWriter(stage.key(0), 'body')
    const value = stage.signed(0, register, 1, encodeReference(tree.reference), CONTENT.body)
    let given = 0
    stage.mute(stage.attacker)
    stage.lies(MEMBER, (message, to) => {
      if (message.type === 'FETCH' && to === stage.attacker && given < 40) {
        given++
        const index = message.index as number
        const transfer = message.transfer as CallId
        stage.forge(stage.attacker, MEMBER, { type: 'CHUNK', transfer, index, ...tree.chunk(index) })
      }
      return message
    })
    stage.forge(stage.attacker, MEMBER, { type: 'WRITE', call: asked(1), register, value })
    stage.run()
    const bulk = () => [...stage.at(MEMBER).disk.keys()].filter(isBulk).length
    expect(bulk()).toBe(40)
    stage.forge(stage.attacker, MEMBER, stage.reference(0, 'body', 2))
    stage.run()
    expect(bulk()).toBe(0)
    expect(stage.written.deleted).toBeLessThan(40 + 20)
  })

  test('a restart drops what may have come of them, not what they speak of', () => {
    const stage = new Stage()
    stage.mute(stage.attacker)
    for (let i = 0; i < 3; i++) stage.forge(stage.attacker, MEMBER, stage.reference(0, `${i}`, 1))
    stage.run()
    stage.crash(MEMBER)
    stage.start(MEMBER)
    // Three records, and of chunks none.
    expect(stage.at(MEMBER).process.counts.writes).toBeLessThan(10)
    expect([...stage.at(MEMBER).disk.keys()].filter((key) => key.includes('staged/'))).toEqual([])
  })

  test('so many wait of one process, whoever has signed them, and of one signer', () => {
    const stage = new Stage({ clients: 4 })
    stage.mute(stage.attacker)
    const answers = stage.answersTo(stage.attacker)
    const half = BODIES_STAGED_MAX / 2
    for (let i = 0; i < half + 4; i++) {
      stage.forge(stage.attacker, MEMBER, stage.reference(0, `${i}`, 1, MIB))
      stage.forge(stage.attacker, MEMBER, stage.reference(2, `${i}`, 1, MIB))
    }
    stage.run()
    expect(answers.filter(({ type }) => type === 'REFUSED')).toHaveLength(8)
    // Whose key signed some of them is not kept from its own.
    expect(stage.put('a', valueWith(MIB))).toMatchObject({ written: true })
    stage.forge(stage.group.n + 3, MEMBER, stage.reference(2, 'another', 1, MIB))
    stage.run()
    expect(answers.filter(({ type }) => type === 'REFUSED')).toHaveLength(8)
  })

  test('so many wait that one signer has signed, whoever brings them', () => {
    const stage = new Stage({ clients: 4 })
    const bringers = [0, 2, 3].map((client) => stage.group.n + client)
    for (const bringer of bringers) stage.mute(bringer)
    let count = 0
    stage.lies(MEMBER, (message) => {
      if (message.type === 'REFUSED') count++
      return message
    })
    const each = 30
    for (const [index, bringer] of bringers.entries())
      for (let i = 0; i < each; i++) stage.forge(bringer, MEMBER, stage.reference(0, `${index}/${i}`, 1, MIB))
    stage.run()
    expect(count).toBe(bringers.length * each - BODIES_STAGED_MAX)
    expect(stage.named).toEqual([])
  })

  test('are given up when nothing has come for long, and whoever waits is told; what comes slowly is not', () => {
    const options = { bodyBytesTotalMax: 12 * MIB }
    const stage = new Stage({ options })
    const answers = stage.answersTo(stage.attacker)
    stage.mute(stage.attacker)
    stage.forge(stage.attacker, MEMBER, stage.reference(0, 'body', 1, 6 * MIB))
    stage.run()
    // Its room is reserved: a second one finds none.
    stage.forge(stage.attacker, MEMBER, stage.reference(0, 'more', 1, 6 * MIB))
    stage.run()
    expect(answers.filter(({ type }) => type === 'REFUSED').map(({ reason }) => reason)).toEqual([1])
    // An honest writer whose chunks come one in a long while.
    const late: Message[] = []
    let isLate = true
    stage.lies(stage.honest, (message, to) => {
      if (message.type !== 'CHUNK' || to !== MEMBER || !isLate) return message
      late.push(message)
      return undefined
    })
    expect(stage.put('slow', valueWith(4 * CHUNK_BYTES))).toMatchObject({ written: true })
    for (let chunk = 0; chunk < 4; chunk++) {
      stage.passTime(BODY_GIVEN_UP_MS - 1000)
      isLate = false
      stage.forge(stage.honest, MEMBER, late.shift() as Message)
      stage.run()
      isLate = true
    }
    expect([...stage.at(MEMBER).disk.keys()].filter(isBulk)).toHaveLength(4)
    // The attacker's was given up long ago.
    expect(answers.filter(({ type }) => type === 'REFUSED').map(({ reason }) => reason)).toEqual([1, 4])
    expect(stage.at(MEMBER).landmarks.filter((name) => name === 'body-given-up')).toHaveLength(1)
    stage.forge(stage.attacker, MEMBER, stage.reference(0, 'more', 2, 6 * MIB))
    stage.run()
    expect(answers.filter(({ type }) => type === 'REFUSED')).toHaveLength(2)
    expect(stage.named).toEqual([])
  })

  test('fill the disk of nobody else: the total has a share for each', () => {
    const stage = new Stage({ clients: 3, options: { bodyBytesTotalMax: 24 * MIB } })
    stage.mute(stage.attacker)
    for (let i = 0; i < BODIES_STAGED_MAX; i++)
      stage.forge(stage.attacker, MEMBER, stage.reference(0, `${i}`, 1, MIB))
    stage.run()
    stage.silence(1)
    expect(stage.put('honest', valueWith(MIB))).toMatchObject({ written: true })
    expect([...stage.at(MEMBER).disk.keys()].filter(isBulk).length).toBeGreaterThan(0)
  })
})

test('a reader has room for what came of a body, not for what a reference says', () => {
  const stage = new Stage()
  stage.put('body', valueWith(MIB))
  stage.passTime(1000)
  const huge = new BodyTree(stage.at(MEMBER).env.crypto.hash, new Uint8Array(BODY_BYTES_MAX))
  const register = soleWriter(stage.key(1), 'body')
  const value = stage.signed(1, register, 9, encodeReference(huge.reference), CONTENT.body)
  let given = 0
  // It says that it has the largest body, signed by its faulty writer, and hands over one chunk.
  stage.lies(MEMBER, (message) => {
    if (message.type === 'VALUE') return { ...message, value }
    if (message.type !== 'MISSING' || given > 0) return undefined
    given++
    const { transfer, index } = message as { transfer: CallId; index: number } & Message
    return { type: 'CHUNK', transfer, index, ...huge.chunk(index) }
  })
  const results: GetResult[] = []
  stage.client(1).get(stage.key(1), 'body', (result) => results.push(result))
  stage.at(stage.honest).process.input(() => {})
  const before = process.memoryUsage().arrayBuffers
  let most = before
  stage.run(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers)
    return false
  })
  expect(given).toBe(1)
  expect(results.map((result) => result.value?.length)).toEqual([MIB])
  expect(most - before).toBeLessThan(BODY_BYTES_MAX / 2)
})

describe('what is answered', () => {
  test('counts for who asks: it waits beyond its budget, nobody else does, and all is answered in time', () => {
    const stage = new Stage()
    const value = valueWith(60 * 1024)
    expect(stage.put('large', value)).toMatchObject({ written: true })
    const answers = () => stage.carried.get('VALUE') ?? 0
    const before = answers()
    const reads = 2000
    const register = soleWriter(stage.key(1), 'large')
    for (let call = 1; call <= reads; call++)
      stage.forge(stage.attacker, MEMBER, { type: 'READ', call: asked(call), register })
    stage.run()
    // Two hundred and fifty milliseconds of work, and not two thousand answers.
    expect(answers() - before).toBeGreaterThan(100)
    expect(answers() - before).toBeLessThan(1000)
    expect(stage.get('large').value).toEqual(value)
    const others = answers()
    stage.passTime(30_000)
    expect(answers() - others).toBeGreaterThan(1000)
    stage.run()
    expect(answers() - before).toBeGreaterThanOrEqual(reads)
    expect(stage.named).toEqual([])
  })

  test('keys count too, each of them: lists wait beyond the budget, and all are answered in time', () => {
    const stage = new Stage()
    const keys = 128
    for (let key = 0; key < keys; key++) stage.put(`${key}`, new Uint8Array(1))
    stage.run()
    const answers = () => stage.carried.get('KEYS') ?? 0
    const lists = 1500
    const list = { type: 'LIST', writers: [stage.key(1)], after: null, limit: keys }
    for (let call = 1; call <= lists; call++)
      stage.forge(stage.attacker, MEMBER, { ...list, call: asked(call) })
    stage.run()
    expect(answers()).toBeGreaterThan(100)
    expect(answers()).toBeLessThan(PEER_WORK_BURST_US / (keys * LISTED_KEY_US))
    stage.passTime(20_000)
    expect(answers()).toBe(lists)
    expect(stage.named).toEqual([])
  })

  test('chunks count although their session ends, and no more of them are read at once than the disk is asked for', () => {
    const stage = new Stage({ clients: 12, diskMs: 150 })
    const body = valueWith(MIB)
    stage.ask((returned) => stage.client(1).put(stage.key(1), 'body', body, returned))
    stage.passTime(10_000)
    const { store } = stage.at(MEMBER).env as {
      store: { -readonly [K in keyof StableStore]: StableStore[K] }
    }
    const read = store.read
    let reading = 0
    let most = 0
    let total = 0
    store.read = (key, then) => {
      total++
      most = Math.max(most, ++reading)
      read(key, (value) => {
        reading--
        then(value)
      })
    }
    const { reference } = new BodyTree(stage.at(MEMBER).env.crypto.hash, body)
    const fetch = (transfer: number) => ({
      type: 'FETCH',
      transfer: asked(transfer),
      subject: soleWriter(stage.key(1), 'body'),
      root: reference.root,
      index: transfer % 16
    })
    for (let client = 2; client < 12; client++) {
      for (let i = 0; i < CHUNKS_SERVED_MAX; i++) stage.forge(stage.group.n + client, MEMBER, fetch(i))
    }
    stage.carried.clear()
    stage.passTime(10_000)
    expect(most).toBe(CHUNKS_READ_MAX)
    expect(stage.carried.get('CHUNK')).toBe(10 * CHUNKS_SERVED_MAX)
    // Sessions again and again, in each of them what may be asked for: of the disk no more is asked than time gives.
    total = 0
    const seconds = 6
    for (let session = 0; session < 10 * seconds; session++) {
      stage.connect(stage.group.n + 2)
      for (let i = 0; i < CHUNKS_SERVED_MAX; i++) stage.forge(stage.group.n + 2, MEMBER, fetch(i))
      stage.passTime(100)
    }
    stage.passTime(2000)
    expect(total).toBeGreaterThan(100)
    // Were it not for its budget, it would be as many as were asked for.
    expect(total).toBeLessThan((10 * seconds * CHUNKS_SERVED_MAX * 2) / 3)
    expect(stage.named).toEqual([])
  })
})
