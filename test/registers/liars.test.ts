/**
 * Members that lie about what they keep: each line of what such members were seen to do elsewhere, with the defence that
 * it must not get past. Those that lie are the first ones: their answers come first.
 */
import { describe, expect, it } from 'vitest'
import type { ProcessId } from '../../src/core/group.ts'
import { type RegisterId, soleWriter } from '../../src/registers/register.ts'
import type { SignedValue } from '../../src/registers/signed-value.ts'
import { asked, unasked } from '../exchange/asked.ts'
import {
  answering,
  found,
  type GroupOptions,
  type Lie,
  RegisterGroup,
  type StorageMessage,
  text
} from './group.ts'

const SIZES = [4, 5, 6, 7]

/** A register with one value written, one client that wrote it, one that reads; the first f members lie. */
class Stage extends RegisterGroup {
  readonly writer = this.client(0)
  readonly reader = this.client(1)
  readonly register: RegisterId = soleWriter(this.publicKey(this.writer), 'register')
  readonly liars: readonly ProcessId[]

  constructor(init: GroupOptions = {}) {
    super(init)
    this.liars = this.group.ranks.slice(0, this.group.f)
  }

  wrote(value: string): this {
    const write = this.write(this.writer, this.register, value)
    this.run()
    expect(write.result).toMatchObject({ written: true })
    return this
  }

  everyLiar(lie: Lie): this {
    for (const liar of this.liars) this.lie(liar, lie)
    return this
  }

  /** So many correct members say nothing for now: with one more than may be missing, no quorum can come about. */
  silence(correct: number, to: ProcessId, answers: StorageMessage['type'] = 'VALUE'): void {
    this.held = (from, receiver, { type }) =>
      type === answers && receiver === to && this.liars.length <= from && from < this.liars.length + correct
  }

  /** What the writer signs, or would. */
  signed(timestamp: number, value: string, register = this.register, by = this.writer): SignedValue {
    return this.signer(by).sign(register, { timestamp, writer: 0, content: 0, value: text(value) })
  }

  kept(member: ProcessId, register = this.register): SignedValue | null {
    return this.node(member).storage.kept(register)
  }
}

/** As many correct members as must be silent for a quorum to need a liar. */
const short = ({ n, group }: RegisterGroup): number => n - group.f - group.quorum.byzantine + 1

/** The read returns nothing while only liars could complete its quorum, and the last value once correct members speak. */
function doesNotCount(stage: Stage, value: string | null): void {
  stage.silence(short(stage), stage.reader)
  const read = stage.read(stage.reader, stage.register)
  stage.run()
  expect(found(read)).toBeUndefined()
  stage.held = () => false
  stage.run()
  expect(found(read)).toBe(value)
}

describe.each(SIZES)('of n = %i members, the f that lie', (n) => {
  const garbage = new Uint8Array(64).fill(1)

  it('invent a high timestamp: it is not counted, and they are named (known failure 8)', () => {
    const stage = new Stage({ n }).wrote('a')
    stage.everyLiar(
      answering((answer) => ({
        ...answer,
        value: { timestamp: 2 ** 40, writer: 0, content: 0, value: text('x'), signature: garbage }
      }))
    )
    doesNotCount(stage, 'a')
    expect(stage.accused).toEqual(stage.liars)
    expect(stage.faults.map(({ kind }) => kind)).toEqual(stage.liars.map(() => 'invalid-signature'))
  })

  it('raise the timestamp of what was really written: its signature does not cover it', () => {
    const stage = new Stage({ n }).wrote('a')
    stage.everyLiar(
      answering((answer) => ({ ...answer, value: answer.value && { ...answer.value, timestamp: 9 } }))
    )
    doesNotCount(stage, 'a')
    expect(stage.accused).toEqual(stage.liars)
  })

  it('put other bytes under the signature, or say that they are something else', () => {
    for (const change of [{ value: text('x') }, { content: 1, value: text('') }, { content: 2 }]) {
      const stage = new Stage({ n }).wrote('a')
      stage.everyLiar(
        answering((answer) => ({ ...answer, value: answer.value && { ...answer.value, ...change } }))
      )
      doesNotCount(stage, 'a')
      expect(stage.accused).toEqual(stage.liars)
    }
  })

  it('serve an old signed value: whichever members are asked, the last one written is read (known failure 8)', () => {
    const stage = new Stage({ n }).wrote('old')
    const old = stage.kept(n - 1)
    stage.everyLiar(answering((answer) => ({ ...answer, value: old })))
    const { byzantine } = stage.group.quorum
    // The write reaches the liars, and as many correct members as a quorum needs beside them.
    const reached = stage.group.ranks.slice(0, byzantine)
    stage.held = (from, to, { type }) => type === 'WRITE' && from === stage.writer && !reached.includes(to)
    stage.wrote('new')
    for (const asked of subsets(stage.group.ranks, byzantine)) {
      stage.held = (from, to, { type }) =>
        type === 'WRITE' || (to === stage.reader && from < n && !asked.includes(from))
      const read = stage.read(stage.reader, stage.register)
      stage.run()
      expect(found(read), `asked ${asked}`).toBe('new')
    }
    expect(stage.accused).toEqual([])
  })

  it('acknowledge what nobody wrote: it is not counted, and they are named (known failure 8)', () => {
    const stage = new Stage({ n })
    stage.everyLiar((message) =>
      message.type === 'ACK'
        ? { ...message, call: { ...message.call, question: new Uint8Array(32) } }
        : message
    )
    stage.silence(short(stage), stage.writer, 'ACK')
    const write = stage.write(stage.writer, stage.register, 'a')
    stage.run()
    expect(write.result).toBeUndefined()
    stage.held = () => false
    stage.run()
    expect(write.result).toEqual({ written: true, timestamp: 1 })
    expect(stage.accused).toEqual(stage.liars)
  })

  it('replay the answer to an earlier read: it answers that one alone (known failure 8)', () => {
    const stage = new Stage({ n }).wrote('old')
    let earlier: StorageMessage | undefined
    stage.everyLiar(
      answering((answer) => {
        earlier ??= answer
        return earlier
      })
    )
    expect(found(readNow(stage))).toBe('old')
    stage.wrote('new')
    doesNotCount(stage, 'new')
    // It may have been late: nobody is accused.
    expect(stage.accused).toEqual([])
  })

  it('answer twice: the first answer of a member counts, and no second one (known failure 9)', () => {
    const stage = new Stage({ n }).wrote('a')
    stage.everyLiar((message) => [message, message, message])
    stage.silence(short(stage) + stage.group.f, stage.reader)
    const read = stage.read(stage.reader, stage.register)
    stage.run()
    expect(found(read)).toBeUndefined()
  })

  it('acknowledge twice: it counts once', () => {
    const stage = new Stage({ n })
    stage.everyLiar((message) => [message, message, message])
    stage.silence(short(stage) + stage.group.f, stage.writer, 'ACK')
    const write = stage.write(stage.writer, stage.register, 'a')
    stage.run()
    expect(write.result).toBeUndefined()
  })

  it("answer with another register's value, under its own name or under the name that was asked for", () => {
    for (const underAskedName of [false, true]) {
      const stage = new Stage({ n }).wrote('a')
      const other = soleWriter(stage.publicKey(stage.writer), 'other')
      for (const value of ['x', 'y', 'z']) {
        stage.write(stage.writer, other, value)
        stage.run()
      }
      stage.everyLiar(
        answering((answer) => ({
          ...answer,
          register: underAskedName ? answer.register : other,
          value: stage.kept(n - 1, other)
        }))
      )
      doesNotCount(stage, 'a')
      expect(stage.accused).toEqual(stage.liars)
    }
  })

  it('say that another register has its initial value: that is no answer', () => {
    const stage = new Stage({ n }).wrote('a')
    const other = soleWriter(stage.publicKey(stage.writer), 'other')
    stage.everyLiar(answering((answer) => ({ ...answer, register: other, value: null })))
    doesNotCount(stage, 'a')
    expect(stage.accused).toEqual(stage.liars)
  })

  it('make up an initial value: timestamp 0 comes with no value, even if the writer has signed it (known failure 8)', () => {
    for (const signature of [garbage, undefined]) {
      const stage = new Stage({ n })
      const madeUp = stage.signed(0, 'x')
      stage.everyLiar(
        answering((answer) => ({ ...answer, value: { ...madeUp, signature: signature ?? madeUp.signature } }))
      )
      doesNotCount(stage, null)
      expect(stage.accused).toEqual(stage.liars)
    }
  })

  it('deny every value: what a quorum has is still read', () => {
    const stage = new Stage({ n }).wrote('a')
    stage.everyLiar(answering((answer) => ({ ...answer, value: null })))
    expect(found(readNow(stage))).toBe('a')
  })

  it('show a new value to one reader and deny it to the next: f + 1 that have it do not spare the write-back', () => {
    const stage = new Stage({ n, register: 'atomic' }).wrote('old')
    const old = stage.kept(n - 1)
    const { f, quorum, ranks } = stage.group
    stage.held = (from, to, { type }) => type === 'WRITE' && from === stage.writer && to > f
    stage.write(stage.writer, stage.register, 'new')
    stage.run()
    const hearing = (members: readonly ProcessId[]) => {
      stage.held = (from, to, { type }) =>
        (type === 'WRITE' && from === stage.writer) ||
        (type === 'VALUE' && to !== stage.writer && !members.includes(from))
    }
    hearing(ranks.slice(0, quorum.byzantine))
    expect(found(readNow(stage))).toBe('new')
    stage.everyLiar(answering((answer) => ({ ...answer, value: old })))
    hearing([...stage.liars, ...ranks.slice(n - quorum.byzantine + f)])
    expect(found(readNow(stage, stage.client(2)))).toBe('new')
  })

  it('answer what is longer than members keep, signed by a faulty writer: the reader is neither fooled nor blamed', () => {
    const stage = new Stage({ n, register: 'atomic', options: { valueBytesMax: 4 } }).wrote('a')
    const long = stage.signed(2, 'longer')
    stage.everyLiar(answering((answer) => ({ ...answer, value: long })))
    doesNotCount(stage, 'a')
    expect(stage.accused).toEqual(stage.liars)
  })

  it('lie in every answer and every session, or refuse for ever: operations of others end all the same (known failure 9)', () => {
    const stage = new Stage({ n }).wrote('a')
    stage.everyLiar((message) =>
      message.type === 'VALUE'
        ? [
            { ...message, value: { ...stage.signed(5, 'x'), signature: garbage } },
            { type: 'SERVING' },
            message
          ]
        : message.type === 'ACK' || message.type === 'KEYS'
          ? [{ type: 'REFUSED', call: message.call, reason: 0 }, { type: 'SERVING' }]
          : message
    )
    for (const value of ['b', 'c', 'd']) {
      stage.wrote(value)
      for (const liar of stage.liars) stage.session(liar, stage.reader)
      expect(found(readNow(stage))).toBe(value)
    }
    expect(stage.accused).toEqual(stage.liars)
  })

  it('refuse what they are asked to write: fewer than n - q + 1 refusals end nothing', () => {
    const stage = new Stage({ n })
    stage.everyLiar((message) =>
      message.type === 'ACK' ? { type: 'REFUSED', call: message.call, reason: 1 } : message
    )
    stage.wrote('a')
    expect(stage.accused).toEqual([])
  })

  it('speak without being asked, or as nobody but members may: nothing changes', () => {
    const stage = new Stage({ n }).wrote('a')
    const read = stage.read(stage.reader, stage.register)
    const stolen = { ...stage.signed(3, 'x'), signature: garbage }
    // Another client answers in the place of members, of whom none has answered yet.
    for (let call = 0; call < 4; call++)
      stage.tell(stage.client(2), n - 1, {
        type: 'VALUE',
        call: unasked(call),
        register: stage.register,
        value: stolen
      })
    for (const liar of stage.liars) stage.tell(liar, stage.reader, { type: 'ACK', call: unasked(77) })
    stage.run()
    expect(found(read)).toBe('a')
    expect(stage.accused).toEqual([stage.client(2)])
  })
})

it('a member that says for ever that it serves is asked again once in a session', () => {
  const stage = new Stage()
  const [liar = 0] = stage.liars
  let asked = 0
  stage.held = (from, to, { type }) => {
    if (type === 'READ' && from === stage.reader && to === liar) asked++
    return from < stage.n && from !== liar && to === stage.reader
  }
  stage.lie(liar, () => [])
  stage.read(stage.reader, stage.register)
  stage.run()
  for (let i = 0; i < 100; i++) stage.tell(liar, stage.reader, { type: 'SERVING' })
  stage.run()
  expect(asked).toBeLessThanOrEqual(2)
})

function readNow(stage: Stage, reader = stage.reader) {
  const read = stage.read(reader, stage.register)
  stage.run()
  return read
}

function subsets<T>(of: readonly T[], size: number): T[][] {
  if (size === 0) return [[]]
  return of.flatMap((first, index) => subsets(of.slice(index + 1), size - 1).map((rest) => [first, ...rest]))
}

describe('out of their places', () => {
  it('a client that is asked names who takes it for a member, and answers nothing', () => {
    const stage = new Stage().wrote('a')
    const value = stage.signed(2, 'b')
    const { register } = stage
    for (const message of [
      { type: 'READ', call: asked(1), register },
      { type: 'WRITE', call: asked(2), register, value },
      { type: 'LIST', call: asked(3), writers: register.writers, after: null, limit: 1 }
    ] as const) {
      stage.tell(0, stage.reader, message)
      stage.run()
    }
    expect(stage.faults.map(({ by, process, kind, certainty }) => [by, process, kind, certainty])).toEqual(
      [1, 2, 3].map(() => [stage.reader, 0, 'protocol-violation', 'certain'])
    )
  })

  it('members that answer a write with a value are named, and their acknowledgements count after it', () => {
    const stage = new Stage({ n: 7 })
    stage.everyLiar((message) =>
      message.type === 'ACK'
        ? [{ type: 'VALUE', call: message.call, register: stage.register, value: null }, message]
        : message
    )
    stage.wrote('a')
    expect(stage.accused).toEqual(stage.liars)
    expect(stage.faults.map(({ kind }) => kind)).toEqual(stage.liars.map(() => 'protocol-violation'))
  })
})
