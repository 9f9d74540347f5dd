/** Clients that write what they may not, or twice; writers that crash, or come back without their store. */

import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../src/core/fault.ts'
import { sharedBy, soleWriter } from '../../src/registers/register.ts'
import type { SignedValue } from '../../src/registers/signed-value.ts'
import { verifyEvidence } from '../../src/stacks/evidence.ts'
import { asked } from '../exchange/asked.ts'
import { found, type GroupOptions, RegisterGroup, text } from './group.ts'

const SIZES = [4, 5, 6, 7]

class Stage extends RegisterGroup {
  readonly writer = this.client(0)
  readonly other = this.client(1)
  readonly reader = this.client(2)
  readonly register = soleWriter(this.publicKey(this.writer), 'register')
  readonly shared = sharedBy([this.publicKey(this.writer), this.publicKey(this.other)], 'shared')

  /** Shows a value to members as whoever sends it, correct or not. */
  show(from: number, register: Stage['register'], value: SignedValue, to = this.group.ranks): void {
    for (const member of to) this.tell(from, member, { type: 'WRITE', call: asked(1000), register, value })
    this.run()
  }

  signedBy(client: number, register: Stage['register'], timestamp: number, value: string, writer = 0) {
    return this.signer(client).sign(register, { timestamp, writer, content: 0, value: text(value) })
  }

  kept(register = this.register): (SignedValue | null)[] {
    return this.group.ranks.map((member) => this.node(member).storage.kept(register))
  }

  wrote(client: number, value: string, register = this.register): this {
    const write = this.write(client, register, value)
    this.run()
    expect(write.result).toMatchObject({ written: true })
    return this
  }

  reads(client = this.reader, register = this.register): string | null | undefined {
    const read = this.read(client, register)
    this.run()
    return found(read)
  }
}

describe('a client that is not the writer', () => {
  const stage = () => {
    const made = new Stage()
    return made.wrote(made.writer, 'a')
  }

  it('is refused by its own stack', () => {
    const made = stage()
    expect(() => made.write(made.other, made.register, 'x')).toThrow('this process is no writer of register')
  })

  it.each<[string, (made: Stage) => SignedValue]>([
    ['its own signature', (made) => made.signedBy(made.other, made.register, 2, 'x')],
    [
      "the writer's signature of another value",
      (made) => ({ ...(made.kept()[0] as SignedValue), timestamp: 2, value: text('x') })
    ],
    [
      "the writer's signature, at a higher timestamp",
      (made) => ({ ...(made.kept()[0] as SignedValue), timestamp: 2 })
    ],
    [
      "the writer's signature for another register",
      (made) => made.signedBy(made.writer, soleWriter(made.publicKey(made.writer), 'other'), 2, 'x')
    ],
    [
      'a place among the writers that does not exist',
      (made) => made.signedBy(made.other, made.register, 2, 'x', 1)
    ]
  ])('writes nothing with %s, and every member names it', (_, sign) => {
    const made = stage()
    const before = made.kept()
    made.show(made.other, made.register, sign(made))
    expect(made.kept()).toEqual(before)
    expect(made.accused).toEqual([made.other])
    expect(new Set(made.faults.map(({ by }) => by))).toEqual(new Set(made.group.ranks))
    expect(made.reads()).toBe('a')
  })

  it('may show what the writer did sign: that is what readers do', () => {
    const made = stage()
    made.show(made.other, made.register, made.signedBy(made.writer, made.register, 2, 'b'))
    expect(made.accused).toEqual([])
    expect(made.reads()).toBe('b')
  })
})

describe('a client that is not listed among the writers of a shared register', () => {
  it('writes nothing, in its own place or in that of one who is (known failure 8)', () => {
    const stage = new Stage({ register: 'shared' })
    stage.wrote(stage.writer, 'a', stage.shared)
    expect(() => stage.write(stage.reader, stage.shared, 'x')).toThrow('this process is no writer of shared')
    const copied = stage.kept(stage.shared)[0] as SignedValue
    for (const value of [
      stage.signedBy(stage.reader, stage.shared, 2, 'x', 0),
      stage.signedBy(stage.reader, stage.shared, 2, 'x', 1),
      stage.signedBy(stage.reader, stage.shared, 2, 'x', 2),
      { ...copied, writer: 1 - copied.writer, timestamp: 2 },
      { ...copied, writer: 1 - copied.writer }
    ])
      stage.show(stage.reader, stage.shared, value)
    expect(stage.accused).toEqual([stage.reader])
    expect(stage.reads(stage.other, stage.shared)).toBe('a')
    expect(stage.kept(stage.shared)).toEqual(stage.group.ranks.map(() => copied))
  })

  it('cannot list itself: that names another register', () => {
    const stage = new Stage({ register: 'shared' })
    stage.wrote(stage.writer, 'a', stage.shared)
    const wider = sharedBy([...stage.shared.writers, stage.publicKey(stage.reader)], stage.shared.name)
    stage.wrote(stage.reader, 'x', wider)
    expect(stage.reads(stage.other, stage.shared)).toBe('a')
  })

  it('names no register by writers out of order or twice: members refuse it, and its own stack does', () => {
    const stage = new Stage()
    const [first, second] = stage.shared.writers as [Uint8Array, Uint8Array]
    for (const writers of [[second, first], [first, first], []]) {
      const register = { writers, name: 'shared' }
      expect(() => stage.read(stage.reader, register)).toThrow('register: expected')
      expect(() => stage.write(stage.writer, register, 'x')).toThrow('register: expected')
      stage.tell(stage.other, 0, { type: 'READ', call: asked(1), register })
    }
    stage.run()
    expect(stage.accused).toEqual([stage.other])
    expect(stage.faults).toHaveLength(3)
  })

  it('names none by a key or a text that no message can carry', () => {
    const stage = new Stage()
    const key = stage.publicKey(stage.writer)
    for (const register of [
      soleWriter(key.subarray(1), 'short key'),
      soleWriter(key, 'x'.repeat(257)),
      soleWriter(key, '\ud800')
    ]) {
      expect(() => stage.read(stage.reader, register)).toThrow('register: expected')
      expect(() => stage.write(stage.writer, register, 'x')).toThrow('register: expected')
    }
    expect(() => sharedBy([key], 'x'.repeat(257))).toThrow('register: expected a name')
    expect(stage.wrote(stage.writer, 'a').reads()).toBe('a')
  })
})

describe.each(SIZES)('a writer that signs two values at one timestamp, among n = %i members', (n) => {
  function equivocated(init: GroupOptions = {}): Stage {
    const stage = new Stage({ n, register: 'atomic', ...init })
    const half = n >> 1
    const [one, two] = ['one', 'two'].map((value) => stage.signedBy(stage.writer, stage.register, 1, value))
    stage.show(stage.writer, stage.register, one as SignedValue, stage.group.ranks.slice(0, half))
    stage.show(stage.writer, stage.register, two as SignedValue, stage.group.ranks.slice(half))
    expect(stage.faults).toEqual([])
    return stage
  }

  it('is proven an equivocator by whoever is shown both; the evidence needs public keys alone (known failure 8)', () => {
    const stage = equivocated({ crypto: 'real' })
    stage.reads()
    expect(stage.faults.length).toBeGreaterThan(0)
    for (const { process, kind, certainty, evidence } of stage.faults) {
      expect({ process, kind, certainty }).toEqual({
        process: stage.writer,
        kind: 'equivocation',
        certainty: 'proven'
      })
      const verdict = verifyEvidence(stage.group, evidence as Evidence)
      expect(verdict).toMatchObject({ proven: true, accused: stage.publicKey(stage.writer) })
    }
  })

  it('does not divide the readers: they agree on one of the two, and so do the members that saw both', () => {
    const stage = equivocated()
    const values = [stage.reader, stage.other, stage.reader].map((client) => stage.reads(client))
    expect(new Set(values).size).toBe(1)
  })

  it('is not proven anything by a signature that is not its own', () => {
    const stage = new Stage({ n })
    stage.wrote(stage.writer, 'a')
    const forged = { ...stage.signedBy(stage.other, stage.register, 1, 'b') }
    stage.show(stage.other, stage.register, forged)
    expect(stage.accused).toEqual([stage.other])
  })

  it('is named in a shared register too; two writers at one timestamp are not', () => {
    const stage = new Stage({ n, register: 'shared' })
    const place = (client: number) => stage.signer(client).ownIndex(stage.shared)
    for (const client of [stage.writer, stage.other])
      stage.show(client, stage.shared, stage.signedBy(client, stage.shared, 1, 'a', place(client)))
    expect(stage.faults).toEqual([])
    // Of two writers at one timestamp, the second in the list has the higher value: the one that members keep.
    const liar = place(stage.writer) === 1 ? stage.writer : stage.other
    stage.show(stage.reader, stage.shared, stage.signedBy(liar, stage.shared, 1, 'b', 1))
    expect(stage.accused).toEqual([liar])
  })
})

it.each([
  ['a', 'b'],
  ['b', 'a']
])('a member keeps the same one of two values at one timestamp: shown %s, then %s', (...values) => {
  const stage = new Stage()
  for (const value of values)
    stage.show(stage.writer, stage.register, stage.signedBy(stage.writer, stage.register, 1, value))
  expect(stage.reads()).toBe('b')
})

describe('a writer that crashes in mid-write', () => {
  it.each([0, 1, 2, 3, 4])('finishes it with the same value, when %i members had it', (reached) => {
    const stage = new Stage()
    stage.wrote(stage.writer, 'a')
    stage.held = (from, to, { type }) =>
      type === 'ACK' || (type === 'WRITE' && from === stage.writer && to >= reached)
    stage.write(stage.writer, stage.register, 'b')
    stage.run()
    const signed = stage.kept().filter((value) => value?.timestamp === 2)
    stage.crash(stage.writer)
    stage.held = () => false
    stage.start(stage.writer)
    expect(stage.node(stage.writer).register.resuming).toBe(1)
    stage.run()
    expect(stage.resumed).toEqual([{ value: text('b'), result: { written: true, timestamp: 2 } }])
    expect(stage.node(stage.writer).register.resuming).toBe(0)
    // Signed once: what was sent before the crash is what is sent after it.
    expect(stage.node(stage.writer).crypto.signed).toBe(0)
    for (const value of signed) expect(stage.kept()[0]).toEqual(value)
    expect(stage.wrote(stage.writer, 'c').reads()).toBe('c')
    expect(stage.accused).toEqual([])
  })

  it('tells nothing that is not durable: neither the value to members, nor the end of the write to its caller', () => {
    const stage = new Stage()
    stage.wrote(stage.writer, 'a')
    stage.holdDisk(stage.writer)
    const write = stage.write(stage.writer, stage.register, 'b')
    stage.run()
    expect(stage.kept().map((value) => value?.timestamp)).toEqual([1, 1, 1, 1])
    stage.crash(stage.writer)
    stage.start(stage.writer)
    stage.run()
    expect(stage.resumed).toEqual([])
    expect(write.result).toBeUndefined()
    expect(stage.wrote(stage.writer, 'c').kept()[0]?.timestamp).toBe(2)
    expect(stage.accused).toEqual([])
  })

  it('tells that a write is complete once that is durable', () => {
    const stage = new Stage()
    stage.held = (_from, _to, { type }) => type === 'ACK'
    const write = stage.write(stage.writer, stage.register, 'a')
    stage.run()
    stage.holdDisk(stage.writer)
    stage.held = () => false
    stage.run()
    expect(write.result).toBeUndefined()
    stage.sync(stage.writer)
    expect(write.result).toEqual({ written: true, timestamp: 1 })
  })

  it('tells that a write was resumed once that is durable: a life later it is not told of another write', () => {
    const stage = new Stage()
    stage.held = (from, _, { type }) => type === 'WRITE' && from === stage.writer
    stage.write(stage.writer, stage.register, 'a')
    stage.run()
    stage.crash(stage.writer)
    stage.held = () => false
    stage.start(stage.writer)
    stage.holdDisk(stage.writer)
    stage.run()
    expect(stage.resumed).toEqual([])
    stage.sync(stage.writer)
    expect(stage.resumed).toHaveLength(1)
  })

  it('finishes it before it writes anything else, and a read of its own finds it', () => {
    const stage = new Stage()
    stage.held = (from, _, { type }) => type === 'WRITE' && from === stage.writer
    stage.write(stage.writer, stage.register, 'a')
    stage.run()
    stage.crash(stage.writer)
    stage.start(stage.writer)
    const read = stage.read(stage.writer, stage.register)
    const write = stage.write(stage.writer, stage.register, 'b')
    stage.run()
    expect([read.result, write.result]).toEqual([undefined, undefined])
    stage.held = () => false
    stage.run()
    expect(found(read)).toBe('a')
    expect(write.result).toEqual({ written: true, timestamp: 2 })
  })

  it('is told what became of it, if members refuse it meanwhile', () => {
    const stage = new Stage({ options: { registersPerOwnerMax: 1 } })
    const second = soleWriter(stage.publicKey(stage.writer), 'second')
    stage.held = (from, _, { type }) => type === 'WRITE' && from === stage.writer
    stage.write(stage.writer, second, 'b')
    stage.run()
    stage.show(stage.reader, stage.register, stage.signedBy(stage.writer, stage.register, 1, 'a'))
    stage.crash(stage.writer)
    stage.held = () => false
    stage.start(stage.writer)
    stage.run()
    expect(stage.resumed).toEqual([
      { value: text('b'), result: { written: false, refusal: 'too many registers' } }
    ])
  })
})

describe('a writer that lost its store', () => {
  it.each(['regular', 'atomic', 'shared'] as const)(
    'does not write a %s register again, in this life or a later one: no timestamp is signed twice',
    (register) => {
      const stage = new Stage({ register })
      const named = register === 'shared' ? stage.shared : stage.register
      stage.wrote(stage.writer, 'a', named)
      stage.disks[stage.writer]?.clear()
      for (let life = 2; life < 5; life++) {
        stage.crash(stage.writer)
        stage.start(stage.writer)
        const write = stage.write(stage.writer, named, 'b')
        stage.run()
        expect(write.result).toEqual({ written: false, refusal: 'store lost' })
        expect(stage.node(stage.writer).crypto.signed).toBe(0)
      }
      expect(stage.reads(stage.reader, named)).toBe('a')
      expect(stage.accused).toEqual([])
    }
  )

  it('may go on in a shared register that another has written since: its timestamps go beyond what a quorum has', () => {
    const stage = new Stage({ register: 'shared' })
    stage.wrote(stage.writer, 'a', stage.shared)
    stage.wrote(stage.other, 'b', stage.shared)
    stage.disks[stage.writer]?.clear()
    stage.crash(stage.writer)
    stage.start(stage.writer)
    stage.wrote(stage.writer, 'c', stage.shared)
    expect(stage.reads(stage.reader, stage.shared)).toBe('c')
    expect(stage.accused).toEqual([])
  })

  it('that comes back with its store, or has never written, writes', () => {
    const stage = new Stage()
    stage.wrote(stage.writer, 'a')
    stage.crash(stage.writer)
    stage.start(stage.writer)
    stage.wrote(stage.writer, 'b')
    stage.wrote(stage.writer, 'first', soleWriter(stage.publicKey(stage.writer), 'second'))
    expect(stage.reads()).toBe('b')
  })
})
