/** What signed registers cost: messages, verifications, batches. */
import { describe, expect, it } from 'vitest'
import type { RegisterId } from '../../src/registers/register.ts'
import { sharedBy, soleWriter } from '../../src/registers/register.ts'
import { asked } from '../exchange/asked.ts'
import { answering, type GroupOptions, RegisterGroup, type StorageMessage, text } from './group.ts'

class Stage extends RegisterGroup {
  readonly writer = this.client(0)
  readonly reader = this.client(1)
  readonly register = soleWriter(this.publicKey(this.writer), 'register')
  readonly shared = sharedBy([this.publicKey(this.writer), this.publicKey(this.reader)], 'shared')

  /** Messages on the links, by type, while `act` happens. */
  count(act: () => void): Partial<Record<StorageMessage['type'], number>> {
    const counts: Partial<Record<StorageMessage['type'], number>> = {}
    // Nothing is held: each message is asked for once, as it is delivered.
    this.held = (_from, _to, { type }) => {
      counts[type] = (counts[type] ?? 0) + 1
      return false
    }
    act()
    this.held = () => false
    return counts
  }

  wrote(value: string, register: RegisterId = this.register): void {
    const write = this.write(this.writer, register, value)
    this.run()
    expect(write.result).toMatchObject({ written: true })
  }

  readNow(register: RegisterId = this.register): void {
    const read = this.read(this.reader, register)
    this.run()
    expect(read.result).toBeDefined()
  }

  get spent() {
    return this.group.ranks.map((member) => {
      const { crypto, process } = this.node(member)
      return { verified: crypto.verified, commits: process.counts.commits, writes: process.counts.writes }
    })
  }
}

describe.each([4, 5, 6, 7])('at n = %i', (n) => {
  const staged = (init: GroupOptions) => {
    const stage = new Stage({ n, ...init })
    stage.wrote('first', init.register === 'shared' ? stage.shared : stage.register)
    return stage
  }

  it('a write costs 2n messages; at each member one verification, one record, one batch', () => {
    const stage = staged({})
    const before = stage.spent
    const signed = stage.node(stage.writer).crypto.signed
    expect(stage.count(() => stage.wrote('a'))).toEqual({ WRITE: n, ACK: n })
    stage.spent.forEach(({ verified, commits, writes }, member) => {
      expect(verified - (before[member]?.verified ?? 0)).toBe(1)
      expect(commits - (before[member]?.commits ?? 0)).toBe(1)
      expect(writes - (before[member]?.writes ?? 0)).toBe(1)
    })
    expect(stage.node(stage.writer).crypto.signed - signed).toBe(1)
  })

  it('a first write costs 2n messages more: the writer asks whether it has lost its store', () => {
    const stage = new Stage({ n })
    expect(stage.count(() => stage.wrote('a'))).toEqual({ READ: n, VALUE: n, WRITE: n, ACK: n })
  })

  it('a read costs 2n messages and, however many say the same, one verification; nothing at a disk', () => {
    const stage = staged({})
    const before = stage.spent
    expect(stage.count(() => stage.readNow())).toEqual({ READ: n, VALUE: n })
    expect(stage.node(stage.reader).crypto.verified).toBe(1)
    expect(stage.spent).toEqual(before)
    stage.readNow()
    expect(stage.node(stage.reader).crypto.verified).toBe(1)
  })

  it('an atomic read costs as much where nothing is being written, else 4n messages', () => {
    const stage = staged({ register: 'atomic' })
    expect(stage.count(() => stage.readNow())).toEqual({ READ: n, VALUE: n })
    stage.held = (_from, to, { type }) => type === 'WRITE' && to !== 0
    stage.write(stage.writer, stage.register, 'b')
    stage.run()
    const held = stage.wire.splice(0)
    expect(stage.count(() => stage.readNow())).toEqual({ READ: n, VALUE: n, WRITE: n, ACK: n })
    stage.wire.push(...held)
    stage.run()
    // What was written back and what was written are the same: members verified it once.
    expect(stage.spent.map(({ verified }) => verified)).toEqual(stage.group.ranks.map(() => 2))
  })

  it('a write of a shared register costs 4n messages', () => {
    const stage = staged({ register: 'shared' })
    expect(stage.count(() => stage.wrote('b', stage.shared))).toEqual({ READ: n, VALUE: n, WRITE: n, ACK: n })
  })

  it('distinct false answers cost one verification each, and the same one no more than one', () => {
    const stage = staged({})
    const { f } = stage.group
    const forged = (mark: number) => ({ timestamp: 7, writer: 0, content: 0, value: text('x'), mark })
    for (let liar = 0; liar < f; liar++)
      stage.lie(
        liar,
        answering((answer) => {
          const { mark, ...value } = forged(liar)
          return { ...answer, value: { ...value, signature: new Uint8Array(64).fill(mark) } }
        })
      )
    stage.readNow()
    expect(stage.node(stage.reader).crypto.verified).toBe(f + 1)
    stage.readNow()
    stage.readNow()
    expect(stage.node(stage.reader).crypto.verified).toBe(f + 1)
  })

  it('what a member has, or has higher, it verifies no more and writes no more', () => {
    const stage = staged({})
    const old = stage.node(0).storage.kept(stage.register)
    stage.wrote('b')
    const kept = stage.node(0).storage.kept(stage.register)
    const before = stage.spent
    for (const value of [old, kept, old, kept])
      for (const member of stage.group.ranks)
        if (value !== null)
          stage.tell(stage.reader, member, { type: 'WRITE', call: asked(9), register: stage.register, value })
    expect(stage.count(() => stage.run())).toEqual({ WRITE: 4 * n, ACK: 4 * n })
    expect(stage.spent).toEqual(before)
  })
})

it('a member syncs many writes of one moment in one batch', () => {
  const stage = new Stage()
  stage.wrote('first')
  const before = stage.spent[0]?.commits ?? 0
  stage.holdDisk(0)
  for (let name = 0; name < 50; name++)
    stage.write(stage.writer, soleWriter(stage.publicKey(stage.writer), `register ${name}`), 'a')
  stage.run()
  stage.sync(0)
  // The first one is in flight alone, the others gather behind it.
  expect((stage.spent[0]?.commits ?? 0) - before).toBe(2)
})
