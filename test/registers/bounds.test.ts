/** What is bounded, driven past its bound: nobody's memory grows with what others send. */
import { describe, expect, it } from 'vitest'
import { defaultBackend } from '../../src/crypto/index.ts'
import { OPERATIONS_OPEN_MAX } from '../../src/exchange/constants.ts'
import { REGISTER_WRITERS_MAX } from '../../src/registers/constants.ts'
import { type RegisterId, sharedBy, soleWriter } from '../../src/registers/register.ts'
import { ValueSigner } from '../../src/registers/signed-value.ts'
import { STORAGE_PATH } from '../../src/stacks/compose-registers.ts'
import { asked } from '../exchange/asked.ts'
import { extent } from '../extent.ts'
import { found, RegisterGroup, text } from './group.ts'

class Stage extends RegisterGroup {
  readonly writer = this.client(0)
  readonly other = this.client(1)
  readonly reader = this.client(2)

  named(name: string, client = this.writer) {
    return soleWriter(this.publicKey(client), name)
  }

  wrote(name: string, value: string | Uint8Array, client = this.writer) {
    const write = this.write(client, this.named(name, client), value)
    this.run()
    return write.result
  }

  reads(name: string, client = this.writer) {
    const read = this.read(this.reader, this.named(name, client))
    this.run()
    return found(read)
  }

  restartMembers(): void {
    for (const member of this.group.ranks) this.crash(member)
    for (const member of this.group.ranks) this.start(member)
    this.run()
  }
}

describe('a member keeps', () => {
  it.each([false, true])('so many registers of one owner, before and after a restart: %s', (restarted) => {
    const stage = new Stage({ options: { registersPerOwnerMax: 3 } })
    for (const name of ['a', 'b', 'c']) expect(stage.wrote(name, name)).toMatchObject({ written: true })
    if (restarted) stage.restartMembers()
    expect(stage.wrote('d', 'd')).toEqual({ written: false, refusal: 'too many registers' })
    // What it has it still takes new values for, and others have budgets of their own.
    expect(stage.wrote('a', 'new')).toMatchObject({ written: true })
    expect(stage.wrote('d', 'd', stage.other)).toMatchObject({ written: true })
    expect([stage.reads('a'), stage.reads('d'), stage.reads('d', stage.other)]).toEqual(['new', null, 'd'])
  })

  it.each([false, true])('so many bytes of one owner, before and after a restart: %s', (restarted) => {
    const stage = new Stage({ options: { registerBytesPerOwnerMax: 10 } })
    expect(stage.wrote('a', new Uint8Array(6))).toMatchObject({ written: true })
    expect(stage.wrote('b', new Uint8Array(4))).toMatchObject({ written: true })
    if (restarted) stage.restartMembers()
    expect(stage.wrote('a', new Uint8Array(7))).toEqual({ written: false, refusal: 'too many bytes' })
    expect(stage.wrote('c', new Uint8Array(1))).toEqual({ written: false, refusal: 'too many bytes' })
    expect(stage.wrote('c', new Uint8Array(0))).toMatchObject({ written: true })
    // A shorter value makes room.
    expect(stage.wrote('a', new Uint8Array(2))).toMatchObject({ written: true })
    expect(stage.wrote('b', new Uint8Array(8))).toMatchObject({ written: true })
    expect(stage.wrote('a', new Uint8Array(10), stage.other)).toMatchObject({ written: true })
  })

  it.each([false, true])(
    'as much of one signer, however many lists of writers it invents: %s',
    (restarted) => {
      const stage = new Stage({ options: { registersPerOwnerMax: 3 } })
      const own = stage.publicKey(stage.writer)
      const listed = (mark: number) => sharedBy([own, new Uint8Array(32).fill(mark)], 'name')
      const shows = (register: RegisterId) => {
        const writer = register.writers.indexOf(own)
        const unsigned = { timestamp: 1, writer, content: 0, value: text('value') }
        const value = stage.signer(stage.writer).sign(register, unsigned)
        stage.tell(stage.writer, 0, { type: 'WRITE', call: asked(1), register, value })
        stage.run()
        return stage.node(0).storage.kept(register) !== null
      }
      expect([1, 2, 3].map((mark) => shows(listed(mark)))).toEqual([true, true, true])
      if (restarted) stage.restartMembers()
      expect(shows(listed(4))).toBe(false)
      expect(stage.accused).toEqual([])
      // Others have budgets of their own, and what they overwrite is no longer its.
      expect(stage.wrote('a', 'a', stage.other)).toMatchObject({ written: true })
    }
  )

  it('nothing that somebody signed whom the group does not know', () => {
    const stage = new Stage({ crypto: 'real' })
    const seed = new Uint8Array(32).fill(7)
    const key = defaultBackend.publicKey(seed)
    const { env } = stage.node(stage.writer)
    const crypto = { ...env.crypto, sign: (bytes: Uint8Array) => defaultBackend.sign(seed, bytes) }
    const register = soleWriter(key, 'name')
    const unsigned = { timestamp: 1, writer: 0, content: 0, value: text('value') }
    const value = new ValueSigner({ ...env, crypto }, STORAGE_PATH, {}).sign(register, unsigned)
    expect(stage.signer(0).verify(register, value)).toBe(true)
    stage.tell(stage.writer, 0, { type: 'WRITE', call: asked(1), register, value })
    stage.run()
    expect(stage.node(0).storage.kept(register)).toBeNull()
    expect(stage.accused).toEqual([])
  })

  it('no value that is longer than allowed, though its writer has signed it', () => {
    const stage = new Stage({ options: { valueBytesMax: 8 } })
    expect(() => stage.write(stage.writer, stage.named('a'), new Uint8Array(9))).toThrow(
      'value: at most 8 bytes, not 9'
    )
    const long = { timestamp: 1, writer: 0, content: 0, value: new Uint8Array(9) }
    const value = stage.signer(stage.writer).sign(stage.named('a'), long)
    stage.tell(stage.writer, 0, { type: 'WRITE', call: asked(1), register: stage.named('a'), value })
    stage.run()
    expect(stage.node(0).storage.kept(stage.named('a'))).toBeNull()
    expect(stage.accused).toEqual([stage.writer])
  })
})

describe('a client has', () => {
  it('so many operations under way; one more is refused until one ends', () => {
    const stage = new Stage()
    stage.held = () => true
    for (let i = 0; i < OPERATIONS_OPEN_MAX; i++) stage.read(stage.reader, stage.named(`${i % 7}`))
    expect(() => stage.read(stage.reader, stage.named('a'))).toThrow(/1024 operations/)
    expect(() => stage.write(stage.reader, stage.named('a', stage.reader), 'x')).toThrow(/1024 operations/)
    stage.held = () => false
    stage.run()
    expect(stage.reads('a')).toBeNull()
  })

  it('no more if it asks for all of them in one turn', () => {
    const stage = new Stage()
    let refused = 0
    stage.do(stage.writer, ({ register }) => {
      for (let i = 0; i < OPERATIONS_OPEN_MAX + 10; i++) {
        try {
          if (i % 2 === 0) register.read(stage.named('a'), () => {})
          else register.write(stage.named('a'), text('x'), () => {})
        } catch (error) {
          expect(error).toMatchObject({ name: 'WindowFullError' })
          refused++
        }
      }
    })
    expect(refused).toBe(10)
    stage.run()
    expect(stage.node(stage.writer).register.state()).toMatchObject({ open: 0 })
  })

  it('room again for as many as it had, after a crash with writes under way', () => {
    const stage = new Stage()
    stage.held = (_from, _to, { type }) => type === 'WRITE'
    for (let i = 0; i < 10; i++) stage.write(stage.writer, stage.named(`${i}`), 'x')
    stage.run()
    stage.crash(stage.writer)
    stage.start(stage.writer)
    expect(stage.node(stage.writer).register.state()).toMatchObject({ open: 10 })
    stage.held = () => false
    stage.run()
    expect(stage.node(stage.writer).register.state()).toEqual({ open: 0, incomplete: [] })
  })
})

it('a register has so many writers', () => {
  const keys = Array.from({ length: REGISTER_WRITERS_MAX + 1 }, (_, mark) => new Uint8Array(32).fill(mark))
  expect(sharedBy(keys.slice(1), 'shared').writers).toHaveLength(REGISTER_WRITERS_MAX)
  expect(() => sharedBy(keys, 'shared')).toThrow('expected 1 to 16 writers, not 17')
  expect(() => sharedBy([...keys.slice(0, 2), keys[0] as Uint8Array], 'shared')).toThrow('each of them once')
})

it.each([extent(2000, 10_000)])(
  'a member keeps %i registers, and so does their writer, over a restart of both',
  (count) => {
    const stage = new Stage({ n: 1 })
    const batch = 1000
    for (let first = 0; first < count; first += batch) {
      for (let i = first; i < first + batch; i++)
        stage.write(stage.writer, stage.named(`register ${i}`), `${i}`)
      stage.run()
    }
    stage.restartMembers()
    stage.crash(stage.writer)
    stage.start(stage.writer)
    stage.run()
    expect(stage.node(stage.writer).register.resuming).toBe(0)
    for (let i = 0; i < count; i += 997) expect(stage.reads(`register ${i}`)).toBe(`${i}`)
    expect(stage.wrote(`register ${count - 1}`, 'again')).toEqual({ written: true, timestamp: 2 })
    expect(stage.accused).toEqual([])
  }
)
