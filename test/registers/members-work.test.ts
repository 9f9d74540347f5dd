/** What a message makes a member do is in proportion to what it brings, and counts in the budget of who sent it. */
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import type { Crypto } from '../../src/core/environment.ts'
import { publicKeyOf } from '../../src/core/group.ts'
import { WORK_US } from '../../src/links/constants.ts'
import { LIST_ENTRIES_MAX, type RegisterOptions, TIMESTAMP_JUMP_MAX } from '../../src/registers/constants.ts'
import { MaskingQuorumRegister } from '../../src/registers/masking-quorum-register.ts'
import { type RegisterId, sharedBy, soleWriter } from '../../src/registers/register.ts'
import { type SignedValue, ValueSigner } from '../../src/registers/signed-value.ts'
import { STORAGE_PATH } from '../../src/stacks/compose-registers.ts'
import { asked } from '../exchange/asked.ts'
import { type GroupOptions, RegisterGroup, type StorageMessage, text } from './group.ts'
import { RegisterSolo } from './solo.ts'

class Stage extends RegisterGroup {
  readonly writer = this.client(0)
  readonly other = this.client(1)
  readonly register = soleWriter(this.publicKey(this.writer), 'register')
  readonly member = this.node(0)

  signed(process: number, register: RegisterId, timestamp: number, value = text('value')): SignedValue {
    const writer = register.writers.findIndex((key) => toHex(key) === toHex(this.publicKey(process)))
    return this.signer(process).sign(register, { timestamp, writer, content: 0, value })
  }

  /** What the first member answers to what `from` writes, and how many signatures it verifies for that. */
  writes(from: number, register: RegisterId, value: SignedValue) {
    const before = this.member.crypto.verified
    const answers: StorageMessage[] = []
    this.lie(0, (message) => {
      answers.push(message)
      return message
    })
    this.tell(from, 0, { type: 'WRITE', call: asked(1), register, value })
    this.run()
    return { answer: answers.at(-1)?.type, verified: this.member.crypto.verified - before }
  }
}

describe('nothing is verified of a value', () => {
  it('whose writer nobody knows; of one whose writer is known one signature is', () => {
    const stage = new Stage()
    for (let stranger = 100; stranger < 110; stranger++) {
      const register = soleWriter(new Uint8Array(32).fill(stranger), 'register')
      const value = { ...stage.signed(stage.writer, stage.register, 1), writer: 0 }
      expect(stage.writes(stage.writer, register, value)).toEqual({ answer: 'REFUSED', verified: 0 })
    }
    const value = stage.signed(stage.writer, stage.register, 1)
    expect(stage.writes(stage.writer, stage.register, value)).toEqual({ answer: 'ACK', verified: 1 })
    expect(stage.accused).toEqual([])
  })

  it.each<[string, GroupOptions['options'], number]>([
    ['too many bytes of its owner', { registerBytesPerOwnerMax: 4 }, 1],
    ['too many bytes of all', { registerMemoryBytesMax: 64 }, 1],
    ['too many registers', { registersPerOwnerMax: 0 }, 1],
    ['a leap of timestamps', {}, TIMESTAMP_JUMP_MAX + 1]
  ])('that is refused all the same: %s', (_, options, timestamp) => {
    const stage = new Stage({ options: { ...options } })
    const value = stage.signed(stage.writer, stage.register, timestamp)
    expect(stage.writes(stage.writer, stage.register, value)).toEqual({ answer: 'REFUSED', verified: 0 })
    expect(stage.accused).toEqual([])
  })

  it('that is lower, by another writer, than what is here at its timestamp; one that contradicts it is verified', () => {
    const stage = new Stage({ register: 'shared' })
    const shared = sharedBy([stage.publicKey(stage.writer), stage.publicKey(stage.other)], 'shared')
    const [low, high] = [stage.writer, stage.other].sort(
      (a, b) => stage.signed(a, shared, 1).writer - stage.signed(b, shared, 1).writer
    ) as [number, number]
    expect(stage.writes(high, shared, stage.signed(high, shared, 1, text('b')))).toMatchObject({
      verified: 1
    })
    expect(stage.writes(low, shared, stage.signed(low, shared, 1))).toEqual({ answer: 'ACK', verified: 0 })
    expect(stage.writes(low, shared, stage.signed(high, shared, 1, text('a')))).toEqual({
      answer: 'ACK',
      verified: 1
    })
    expect(stage.faults.map(({ process, certainty }) => [process, certainty])).toEqual([[high, 'proven']])
  })

  it('that names a writer which its register does not have', () => {
    const stage = new Stage()
    const value = { ...stage.signed(stage.writer, stage.register, 1), writer: 3 }
    expect(stage.writes(stage.other, stage.register, value)).toEqual({ answer: undefined, verified: 0 })
    expect(stage.accused).toEqual([stage.other])
  })
})

describe('a LIST', () => {
  it('hashes what it lists once, however often it is asked for, and reads no more of an owner than it lists', () => {
    let hashed = 0
    const counting = (own: Crypto, self: number): Crypto =>
      self !== 0
        ? own
        : {
            ...own,
            hash: (bytes) => {
              if (bytes.length > 1000) hashed++
              return own.hash(bytes)
            }
          }
    const stage = new Stage({ n: 1, watch: counting })
    for (let name = 0; name < 300; name++)
      stage.write(stage.writer, soleWriter(stage.publicKey(stage.writer), `${name}`), new Uint8Array(2000))
    stage.run()
    stage.crash(0)
    stage.start(0)
    stage.run()
    hashed = 0
    const { writers } = stage.register
    const list = { type: 'LIST', call: asked(1), writers, after: null, limit: LIST_ENTRIES_MAX } as const
    stage.tell(stage.other, 0, list)
    stage.run()
    expect(hashed).toBe(LIST_ENTRIES_MAX)
    for (let again = 0; again < 20; again++) stage.tell(stage.other, 0, list)
    stage.run()
    expect(hashed).toBe(LIST_ENTRIES_MAX)
  })
})

const total = 64 * 1024

describe('the memory of a member', () => {
  const fill = (stage: Stage, process: number, bytes: number) => {
    let kept = 0
    for (; kept < 1000; kept++) {
      const register = soleWriter(stage.publicKey(process), `${kept}`)
      const write = stage.write(process, register, new Uint8Array(bytes))
      stage.run()
      if (write.result?.written !== true) {
        expect(write.result).toEqual({ written: false, refusal: 'too many bytes' })
        break
      }
    }
    return kept
  }

  it.each([0, 1000])('has a total, of which each process has a share: values of %i bytes', (bytes) => {
    const stage = new Stage({ options: { registerMemoryBytesMax: total } })
    const first = fill(stage, stage.writer, bytes)
    // Registers count, not only what is written into them.
    expect(first).toBeGreaterThan(5)
    expect(first * (bytes + 1000)).toBeLessThan(total)
    // Nobody can use up what is another's.
    expect(fill(stage, stage.other, bytes)).toBeGreaterThanOrEqual(1)
    expect(stage.accused).toEqual([])
  })

  it('keeps what was acknowledged, after a restart with a smaller total too; what grows is refused then', () => {
    const stage = new Stage({ n: 1, options: { registerMemoryBytesMax: total } })
    const kept = fill(stage, stage.writer, 1000)
    const smaller = new Stage({ n: 1, options: { registerMemoryBytesMax: 1 } })
    for (const [key, value] of stage.disks[0] ?? []) smaller.disks[0]?.set(key, value)
    smaller.crash(0)
    smaller.start(0)
    smaller.run()
    for (let name = 0; name < kept; name++)
      expect(
        smaller.node(0).storage.kept(soleWriter(stage.publicKey(stage.writer), `${name}`))
      ).not.toBeNull()
    const register = soleWriter(smaller.publicKey(smaller.writer), '0')
    const signer = new ValueSigner(smaller.node(smaller.writer).env, STORAGE_PATH, {})
    const value = (timestamp: number, length: number) =>
      signer.sign(register, { timestamp, writer: 0, content: 0, value: new Uint8Array(length) })
    smaller.tell(smaller.writer, 0, { type: 'WRITE', call: asked(1), register, value: value(2, 1001) })
    smaller.run()
    expect(smaller.node(0).storage.kept(register)?.timestamp).toBe(1)
    smaller.tell(smaller.writer, 0, { type: 'WRITE', call: asked(2), register, value: value(3, 1000) })
    smaller.run()
    expect(smaller.node(0).storage.kept(register)?.timestamp).toBe(3)
  })
})

describe('registers without signatures', () => {
  const n = 5
  const alone = (self: number, options: RegisterOptions = {}) =>
    new RegisterSolo({
      n,
      self,
      make: (env, ports, up) => new MaskingQuorumRegister(env, 'masking-quorum-register', ports, options, up)
    })

  it('have a total of memory as well, of which each writer has a share', () => {
    const member = alone(0, { registerMemoryBytesMax: total })
    for (let peer = 1; peer < n; peer++) member.startSession(peer)
    const fill = (writer: number) => {
      for (let kept = 0; ; kept++) {
        const register = soleWriter(publicKeyOf(member.group, writer) as Uint8Array, `${kept}`)
        const value = { timestamp: 1, value: new Uint8Array(0) }
        member.hears(writer, { type: 'WRITE', call: asked(kept), register, value })
        if (member.took('REFUSED').length > 0) return kept
      }
    }
    expect(fill(n)).toBeLessThan(total / 1000)
    expect(fill(n + 1)).toBeGreaterThanOrEqual(1)
    expect(member.faults).toEqual([])
  })

  it('count what is answered, what is refused, and what is asked again for a new session', () => {
    const member = alone(0, { registerBytesPerOwnerMax: 60_000 })
    for (let peer = 1; peer < n; peer++) member.startSession(peer)
    const write = (bytes: number) => {
      const before = member.workUs(n)
      const value = { timestamp: 1, value: new Uint8Array(bytes) }
      member.hears(n, { type: 'WRITE', call: asked(1), register: member.id, value })
      return member.workUs(n) - before
    }
    expect(write(60_001)).toBeGreaterThan(WORK_US.message + WORK_US.refusal)
    expect(write(60_000)).toBeLessThan(WORK_US.message + WORK_US.refusal)
    const before = member.workUs(n)
    member.hears(n, { type: 'READ', call: asked(2), register: member.id })
    expect(member.workUs(n) - before).toBeGreaterThan(0.9 * WORK_US.answered64KiB)

    const client = alone(n)
    for (let peer = 0; peer < n; peer++) client.startSession(peer)
    client.write('v'.repeat(60_000))
    // It asks first whether it has written the register before.
    const call = client.answering(1)
    for (let from = 0; from < n; from++) client.hears(from, { type: 'VALUE', call, value: null })
    expect(client.took('WRITE')).toHaveLength(n)
    const askedOnce = client.workUs(0)
    for (let session = 0; session < 5; session++) client.startSession(0)
    expect(client.took('WRITE')).toHaveLength(5)
    expect(client.workUs(0) - askedOnce).toBeGreaterThan(5 * (WORK_US.session + 0.9 * WORK_US.answered64KiB))
  })
})
