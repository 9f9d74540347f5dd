/** What readers and writers find: the order of values, of operations, and of several writers. */
import { describe, expect, it } from 'vitest'
import type { OpenOperation } from '../../src/exchange/operation.ts'
import { TIMESTAMP_JUMP_MAX } from '../../src/registers/constants.ts'
import type { RegisterId } from '../../src/registers/register.ts'
import { sharedBy, soleWriter } from '../../src/registers/register.ts'
import { asked } from '../exchange/asked.ts'
import { found, type GroupOptions, RegisterGroup, text } from './group.ts'

class Stage extends RegisterGroup {
  readonly writer = this.client(0)
  readonly other = this.client(1)
  readonly reader = this.client(2)
  readonly register = soleWriter(this.publicKey(this.writer), 'register')
  readonly shared = sharedBy([this.publicKey(this.writer), this.publicKey(this.other)], 'shared')

  wrote(client: number, value: string, register: RegisterId) {
    const write = this.write(client, register, value)
    this.run()
    return write.result
  }

  reads(client: number, register: RegisterId) {
    const read = this.read(client, register)
    this.run()
    return found(read)
  }

  /** The only members that a client hears are these. */
  hears(members: readonly number[]): void {
    this.held = (from, _to, { type }) =>
      type === 'WRITE' && from === this.writer ? true : from < this.n && !members.includes(from)
  }
}

describe.each([4, 5, 6, 7])('a write that has reached one of %i members', (n) => {
  function begun(register: 'regular' | 'atomic'): Stage {
    const stage = new Stage({ n, register })
    stage.wrote(stage.writer, 'old', stage.register)
    stage.held = (from, to, { type }) => type === 'WRITE' && from === stage.writer && to !== 0
    stage.write(stage.writer, stage.register, 'new')
    stage.run()
    return stage
  }
  const quorum = ({ group }: Stage) => group.quorum.byzantine

  it('may be read from a regular register, and then its predecessor again', () => {
    const stage = begun('regular')
    stage.hears(stage.group.ranks.slice(0, quorum(stage)))
    expect(stage.reads(stage.reader, stage.register)).toBe('new')
    stage.hears(stage.group.ranks.slice(n - quorum(stage)))
    expect(stage.reads(stage.other, stage.register)).toBe('old')
  })

  it('is read from an atomic register for good, once it was read', () => {
    const stage = begun('atomic')
    stage.hears(stage.group.ranks.slice(0, quorum(stage)))
    expect(stage.reads(stage.reader, stage.register)).toBe('new')
    stage.hears(stage.group.ranks.slice(n - quorum(stage)))
    expect(stage.reads(stage.other, stage.register)).toBe('new')
  })

  it('is returned by an atomic read once a quorum has it, not before', () => {
    const stage = begun('atomic')
    const acknowledging = stage.group.ranks.slice(0, quorum(stage) - 1)
    stage.held = (from, _to, { type }) =>
      (type === 'WRITE' && from === stage.writer) || (type === 'ACK' && !acknowledging.includes(from))
    expect(stage.reads(stage.reader, stage.register)).toBeUndefined()
    stage.held = () => false
    stage.run()
    const kept = stage.group.ranks.map((member) => stage.node(member).storage.kept(stage.register))
    expect(kept.map((value) => value?.timestamp)).toEqual(stage.group.ranks.map(() => 2))
  })

  it('returns once a quorum has acknowledged it, not before', () => {
    const stage = new Stage({ n })
    stage.held = (from, _to, { type }) => type === 'ACK' && from >= quorum(stage) - 1
    const write = stage.write(stage.writer, stage.register, 'a')
    stage.run()
    expect(write.result).toBeUndefined()
    stage.held = (from, _to, { type }) => type === 'ACK' && from >= quorum(stage)
    stage.run()
    expect(write.result).toEqual({ written: true, timestamp: 1 })
  })
})

it('a member acknowledges what is on its disk, not before', () => {
  const stage = new Stage()
  stage.wrote(stage.writer, 'a', stage.register)
  for (const member of [0, 1]) stage.holdDisk(member)
  const write = stage.write(stage.writer, stage.register, 'b')
  stage.run()
  expect(write.result).toBeUndefined()
  for (const member of [0, 1]) {
    stage.crash(member)
    stage.start(member)
    expect(stage.node(member).storage.kept(stage.register)?.timestamp).toBe(1)
  }
  stage.run()
  expect(write.result).toEqual({ written: true, timestamp: 2 })
})

describe('writers of a shared register', () => {
  it('go beyond what the others have written', () => {
    const stage = new Stage({ register: 'shared' })
    expect(stage.wrote(stage.writer, 'a', stage.shared)).toEqual({ written: true, timestamp: 1 })
    expect(stage.wrote(stage.other, 'b', stage.shared)).toEqual({ written: true, timestamp: 2 })
    expect(stage.wrote(stage.other, 'c', stage.shared)).toEqual({ written: true, timestamp: 3 })
    expect(stage.wrote(stage.writer, 'd', stage.shared)).toEqual({ written: true, timestamp: 4 })
    expect(stage.reads(stage.reader, stage.shared)).toBe('d')
  })

  it('at the same moment are ordered by their places', () => {
    const stage = new Stage({ register: 'shared' })
    stage.write(stage.writer, stage.shared, 'a')
    stage.write(stage.other, stage.shared, 'b')
    stage.run()
    const second = stage.signer(stage.writer).ownIndex(stage.shared) === 1 ? 'a' : 'b'
    expect(stage.reads(stage.reader, stage.shared)).toBe(second)
  })

  it('go beyond their own last, though nobody has it: a timestamp is signed for one value', () => {
    for (const register of ['regular', 'shared'] as const) {
      const stage = new Stage({ register, options: { registerBytesPerOwnerMax: 2 } })
      const named = register === 'shared' ? stage.shared : stage.register
      stage.wrote(stage.writer, 'a', named)
      expect(stage.wrote(stage.writer, 'too long', named)).toEqual({
        written: false,
        refusal: 'too many bytes'
      })
      expect(stage.wrote(stage.writer, 'c', named)).toEqual({ written: true, timestamp: 3 })
    }
  })

  it('what members refuse to have written back is read all the same: it may stand in the place of what was complete', () => {
    const stage = new Stage({ register: 'shared' })
    const place = stage.signer(stage.other).ownIndex(stage.shared) ?? 0
    // Complete at members 0, 1 and 3; of these, 3 will lie.
    stage.held = (from, to, { type }) => type === 'WRITE' && from === stage.writer && to === 2
    expect(stage.wrote(stage.writer, 'complete', stage.shared)).toEqual({ written: true, timestamp: 1 })
    // A faulty writer overwrites it at one member, so far on that the one that was missed cannot follow.
    const far = { timestamp: 1 + TIMESTAMP_JUMP_MAX, writer: place, content: 0, value: text('far') }
    const value = stage.signer(stage.other).sign(stage.shared, far)
    stage.tell(stage.other, 0, { type: 'WRITE', call: asked(1), register: stage.shared, value })
    stage.run()
    // Those whom the reader hears are 0, 2 and the liar, which shows the initial value and refuses.
    stage.held = (from, to, { type }) =>
      from === 1 || (from === stage.reader && to === 3) || (from === stage.writer && type === 'WRITE')
    const read = stage.read(stage.reader, stage.shared)
    stage.run()
    const lie = { type: 'VALUE', register: stage.shared, value: null } as const
    stage.tell(3, stage.reader, { ...lie, call: stage.answering(stage.reader, 1) })
    stage.run()
    stage.tell(3, stage.reader, { type: 'REFUSED', call: stage.answering(stage.reader, 2), reason: 2 })
    stage.run()
    expect(found(read)).toBe('far')
    expect(stage.accused).toEqual([])
  })

  it('cannot be kept from writing by a jump beyond the bound: members refuse it, and name nobody', () => {
    const stage = new Stage({ register: 'shared' })
    const place = stage.signer(stage.other).ownIndex(stage.shared) ?? 0
    const writeAt = (timestamp: number) => {
      const far = { timestamp, writer: place, content: 0, value: text('far') }
      const value = stage.signer(stage.other).sign(stage.shared, far)
      for (const member of stage.group.ranks)
        stage.tell(stage.other, member, { type: 'WRITE', call: asked(1), register: stage.shared, value })
      stage.run()
    }
    for (const timestamp of [Number.MAX_SAFE_INTEGER, TIMESTAMP_JUMP_MAX + 1]) writeAt(timestamp)
    expect(stage.reads(stage.reader, stage.shared)).toBe(null)
    expect(stage.wrote(stage.writer, 'a', stage.shared)).toEqual({ written: true, timestamp: 1 })
    writeAt(TIMESTAMP_JUMP_MAX + 1)
    expect(stage.reads(stage.reader, stage.shared)).toBe('far')
    const beyond = { written: true, timestamp: TIMESTAMP_JUMP_MAX + 2 }
    expect(stage.wrote(stage.writer, 'b', stage.shared)).toEqual(beyond)
    expect(stage.accused).toEqual([])
  })
})

describe('operations of one client', () => {
  const staged = (init: GroupOptions = {}) => new Stage(init)

  it('on one register happen in the order of the requests', () => {
    const stage = staged()
    const first = stage.read(stage.writer, stage.register)
    const a = stage.write(stage.writer, stage.register, 'a')
    const second = stage.read(stage.writer, stage.register)
    stage.write(stage.writer, stage.register, 'b')
    const third = stage.read(stage.writer, stage.register)
    stage.run()
    expect([first, second, third].map(found)).toEqual([null, 'a', 'b'])
    expect(a.result).toEqual({ written: true, timestamp: 1 })
  })

  it('on different registers do not wait for each other', () => {
    const stage = staged()
    const second = soleWriter(stage.publicKey(stage.writer), 'second')
    stage.held = (_from, _to, message) => 'register' in message && message.register.name === 'register'
    stage.write(stage.writer, stage.register, 'a')
    expect(stage.wrote(stage.writer, 'b', second)).toEqual({ written: true, timestamp: 1 })
  })

  it('that are given up end at once, or before their turn comes, and are not told of', () => {
    const stage = staged({ register: 'atomic' })
    const returned: string[] = []
    stage.held = (from) => from < stage.n
    const reads: OpenOperation[] = []
    stage.do(stage.reader, ({ register }) => {
      for (const name of ['first', 'second', 'third'])
        reads.push(register.read(stage.register, () => returned.push(name)))
      reads[1]?.abandon()
    })
    // The first one has asked by now.
    stage.do(stage.reader, () => {
      reads[0]?.abandon()
      reads[0]?.abandon()
    })
    // Nobody waits for the answers to what was given up.
    expect(stage.node(stage.reader).storage.state()).toMatchObject({ calls: [{ answered: [] }] })
    stage.held = () => false
    stage.run()
    expect(returned).toEqual(['third'])
    expect(stage.node(stage.reader).register.state()).toMatchObject({ open: 0 })
    expect(stage.node(stage.reader).storage.state()).toMatchObject({ calls: [] })
  })

  it('that write are finished, though given up: the next one does not overtake them', () => {
    const stage = staged()
    stage.do(stage.writer, ({ register }) => register.write(stage.register, text('a'), () => {}).abandon())
    expect(stage.wrote(stage.writer, 'b', stage.register)).toEqual({ written: true, timestamp: 2 })
  })

  it('go on in new sessions with members that had not answered', () => {
    const stage = staged()
    stage.wrote(stage.writer, 'a', stage.register)
    stage.held = (from) => from < stage.n
    const read = stage.read(stage.reader, stage.register)
    const write = stage.write(stage.writer, stage.register, 'b')
    stage.run()
    for (const member of stage.group.ranks)
      for (const client of [stage.reader, stage.writer]) stage.session(client, member)
    stage.held = () => false
    stage.run()
    expect(found(read)).toMatch(/^[ab]$/)
    expect(write.result).toEqual({ written: true, timestamp: 2 })
  })
})

it('a member is a client as well: it reads and writes what it keeps itself', () => {
  const stage = new Stage({ register: 'atomic' })
  const own = soleWriter(stage.publicKey(2), 'of a member')
  expect(stage.wrote(2, 'a', own)).toEqual({ written: true, timestamp: 1 })
  expect([0, 2, stage.reader].map((process) => stage.reads(process, own))).toEqual(['a', 'a', 'a'])
})
