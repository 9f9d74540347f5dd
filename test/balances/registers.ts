/** What registers count: places, shares, bytes of owners and signers, bodies on their way, operations. */
import { WindowFullError } from '../../src/core/errors.ts'
import { createGroup } from '../../src/core/group.ts'
import { record } from '../../src/core/shapes.ts'
import { isBulk } from '../../src/core/store.ts'
import { BodyTree, encodeReference } from '../../src/exchange/body.ts'
import {
  CHUNK_BYTES,
  CHUNKS_READ_MAX,
  CHUNKS_SERVED_MAX,
  OPERATIONS_OPEN_MAX
} from '../../src/exchange/constants.ts'
import type { OpenOperation } from '../../src/exchange/operation.ts'
import { Slots } from '../../src/exchange/slots.ts'
import { Turns } from '../../src/exchange/turns.ts'
import { Solo } from '../../src/laboratory/solo.ts'
import {
  BODIES_STAGED_MAX,
  BODY_GIVEN_UP_MS,
  LISTS_OPEN_MAX,
  registerBounds
} from '../../src/registers/constants.ts'
import { Counts } from '../../src/registers/counts.ts'
import { FairShares } from '../../src/registers/fair-shares.ts'
import { KeptRegisters } from '../../src/registers/kept-registers.ts'
import { LoggedMajorityVotingRegister } from '../../src/registers/logged-majority-voting-register.ts'
import { MaxRegister, maxRegisterMessages } from '../../src/registers/max-register.ts'
import { type RegisterId, registerShape, soleWriter, type WriteResult } from '../../src/registers/register.ts'
import { CONTENT } from '../../src/registers/signed-value.ts'
import { SignerBudgets, type Weight } from '../../src/registers/signer-budgets.ts'
import { timestampedValueShape } from '../../src/registers/timestamped-value.ts'
import { answerTo, asked } from '../exchange/asked.ts'
import { Cluster } from '../leaderless/cluster.ts'
import { KeyValueGroup } from '../registers/key-value-group.ts'
import { keyOf, RegisterSolo } from '../registers/solo.ts'
import type { Balance } from './balance.ts'

const key = (number: number) => new Uint8Array(32).fill(number)
const group = createGroup({
  id: new Uint8Array(32),
  f: 1,
  publicKeys: [0, 1, 2, 3].map(key),
  clients: [4, 5].map(key)
})

const counts: Balance = {
  name: 'counts: what was added and taken away again is not there',
  counts: ['registers/counts.ts #counts'],
  whole: [0, 0, 0],
  begin() {
    const each = new Counts<number>()
    const added: [number, number][] = []
    return {
      do({ what, much }) {
        added.push([what % 3, much])
        each.add(what % 3, much)
      },
      settle() {
        for (const [name, much] of added.splice(0)) each.add(name, -much)
      },
      left: () => [0, 1, 2].map((name) => each.of(name))
    }
  }
}

const shares: Balance = {
  name: 'shares: when all is given back everybody has its share and the common half',
  counts: ['registers/fair-shares.ts #beyond', 'registers/fair-shares.ts #taken'],
  whole: [
    [
      [true, false, true, true],
      [true, false, true, true],
      [false, false, true, false]
    ],
    undefined,
    [
      [true, false, false, false],
      [true, true, true, false],
      [true, false, false, false]
    ]
  ],
  begin() {
    const sharers = ['a', 'b', 'stranger']
    const total = new FairShares(1000, new Set(['a', 'b']))
    const taken: [string, number][] = []
    const take = (sharer: string, amount: number) => {
      total.take(sharer, amount)
      taken.push([sharer, amount])
    }
    const settle = () => {
      for (const [sharer, amount] of taken.splice(0)) total.take(sharer, -amount)
    }
    return {
      do({ what, much }) {
        const [first] = taken
        if (what % 3 < 2) take(sharers[what % sharers.length] as string, much % 600)
        else if (first !== undefined) total.take(first[0], -(taken.shift()?.[1] ?? 0))
      },
      settle,
      left: () => [
        sharers.map((sharer) => [750, 751, 500, 501].map((amount) => total.hasRoom(sharer, amount))),
        take('a', 750),
        sharers.map((sharer) => [0, 1, 250, 251].map((amount) => total.hasRoom(sharer, amount)))
      ]
    }
  }
}

const LIMITS = { registersPerOwnerMax: 8, registerBytesPerOwnerMax: 1000 }
const NONE: Weight = { registers: 0, bytes: 0, memory: 0, bodies: 0 }

const signers: Balance = {
  name: 'budgets of signers: when all is given back each may have as many registers and bytes as ever',
  counts: ['registers/signer-budgets.ts taken.registers', 'registers/signer-budgets.ts taken.bytes'],
  whole: [0, 1, 2, 3, 4, 5].map(() =>
    ['registers', 'bytes', 'bytes', 'bytes'].flatMap((what) => ['room', `too many ${what}`])
  ),
  begin() {
    const bounds = registerBounds({ ...LIMITS, registerMemoryBytesMax: 6000, bodyBytesTotalMax: 12_000 })
    const budgets = new SignerBudgets(group, bounds)
    const taken: [Uint8Array, Weight][] = []
    const settle = () => {
      for (const [signer, weight] of taken.splice(0)) budgets.take(signer, weight, -1)
    }
    return {
      do({ what, much }) {
        const first = taken[0]
        const weight = { registers: what % 2, bytes: much % 300, memory: much % 700, bodies: much % 900 }
        if (what % 3 > 0) {
          taken.push([key(what % 6), weight])
          budgets.take(key(what % 6), weight)
        } else if (first !== undefined) {
          budgets.take(...first, -1)
          taken.shift()
        }
      },
      settle,
      left: () =>
        [0, 1, 2, 3, 4, 5].map((signer) =>
          [
            { registers: 8 },
            { registers: 9 },
            { bytes: 1000 },
            { bytes: 1001 },
            // Its share of six, and the common half.
            { memory: 3500 },
            { memory: 3501 },
            { bodies: 7000 },
            { bodies: 7001 }
          ].map((more) => budgets.refusal(key(signer), { ...NONE, ...more }) ?? 'room')
        )
    }
  }
}

const kept: Balance = {
  name: 'kept registers: when all are short again and nothing is reserved an owner has all its bytes',
  counts: ['registers/kept-registers.ts owner.bytes', 'registers/kept-registers.ts owner.reserved'],
  whole: [1000, 818],
  begin() {
    const names = ['a', 'b', 'c']
    const registers = names.map((name) => soleWriter(key(4), name))
    const shape = record({ register: registerShape, value: timestampedValueShape })
    // Of one the bytes of the owner are the narrower bound, of the other what all have in memory.
    const keeps = [60_000, 8_000].map(
      (registerMemoryBytesMax) =>
        new KeptRegisters(
          undefined,
          shape,
          ({ value }) => value.length,
          { registerBytesPerOwnerMax: 1000, registerMemoryBytesMax },
          group
        )
    )
    const reserved: number[] = []
    const valueOfLength = (bytes: number) => ({ timestamp: 1, writer: 0, value: new Uint8Array(bytes) })
    const put = (register: RegisterId, bytes: number) => {
      for (const keep of keeps) keep.put(register, valueOfLength(bytes))
    }
    const reserve = (bytes: number) => {
      for (const keep of keeps) keep.reserve([key(4)], bytes)
    }
    return {
      do({ what, much }) {
        if (what % 4 < 2) put(registers[what % names.length] as RegisterId, much % 500)
        else if (what % 4 === 2) {
          reserved.push(much % 300)
          reserve(much % 300)
        } else reserve(-(reserved.shift() ?? 0))
      },
      settle() {
        for (const bytes of reserved.splice(0)) reserve(-bytes)
        for (const register of registers) put(register, 0)
      },
      left: () =>
        keeps.map((keep) => {
          let room = 0
          while (keep.refusal(registers[0] as RegisterId, valueOfLength(0), room + 1) === undefined) room++
          return room
        })
    }
  }
}

const slots: Balance = {
  name: 'slots: when all are released as many may be taken as ever',
  counts: ['exchange/slots.ts #free'],
  whole: 5,
  begin() {
    const places = new Slots(5)
    let holders = 0
    const release = () => {
      if (holders === 0) return
      holders--
      places.release()
    }
    const take = () => places.take(() => holders++)
    const settle = () => {
      while (holders > 0) release()
    }
    return {
      do: ({ what }) => (what % 2 === 0 ? take() : release()),
      settle,
      left() {
        for (let i = 0; i < 9; i++) take()
        return holders
      }
    }
  }
}

const turns: Balance = {
  name: 'turns: when all operations are over as many may begin as ever',
  counts: ['exchange/turns.ts #open'],
  whole: [0, 6],
  begin() {
    const operations = new Turns(6)
    const under: (() => void)[] = []
    const begin = (name: string): boolean => {
      try {
        operations.admit()
      } catch {
        return false
      }
      operations.take(name, (done) => under.push(done))
      return true
    }
    const end = (twice: boolean) => {
      const done = under.shift()
      done?.()
      if (twice) done?.()
    }
    return {
      do({ what, much }) {
        if (what % 2 === 0) begin(`${much % 3}`)
        else end(much % 2 === 0)
      },
      settle() {
        while (under.length > 0) end(false)
      },
      left() {
        const open = operations.open
        let begun = 0
        while (begin(`${begun}`)) begun++
        return [open, begun]
      }
    }
  }
}

const MEMBER = 0
const CHUNKS = 3
const OWNER_BYTES = CHUNKS * CHUNK_BYTES
const DISK_MS = 5
const NAMES = ['a', 'b', 'c']
/** So many at least have a body; a multiple of the number of names. */
const LARGE_BYTES = CHUNK_BYTES + 2
const ignored = () => {}

/** Stores of four members and two clients, of whom the first writes and the second reads, lists and asks for chunks. */
class Stores {
  readonly #group = new KeyValueGroup({
    options: { registerBytesPerOwnerMax: OWNER_BYTES },
    diskMs: DISK_MS
  })
  readonly #owner = this.#group.key()
  #forged = 0

  do(what: number, much: number): void {
    const name = NAMES[much % NAMES.length] as string
    const [writer, reader] = [this.#group.client(0), this.#group.client(1)]
    const size = what % 3 === 0 ? LARGE_BYTES + (much % NAMES.length) : much % 500
    if (what % 8 < 2) writer.put(this.#owner, name, this.#value(size), ignored)
    else if (what % 8 === 2) writer.delete(this.#owner, name, ignored)
    else if (what % 8 === 3) {
      const open = [reader.get(this.#owner, name, ignored), reader.list(this.#owner, {}, ignored)]
      for (const operation of open) if (much % 2 === 0) operation.abandon()
    } else if (what % 8 === 4) this.#stage(`forged ${much % 3}`, 1 + (much % OWNER_BYTES))
    else if (what % 8 === 5)
      this.#fetch(4 + (much % 2), this.#value(LARGE_BYTES + (much % NAMES.length)), what % 20)
    else if (what % 8 === 6) this.#harm(much)
    else this.#group.passTime(much % 700)
    this.#run(much % 3 === 0 ? 5 : Number.POSITIVE_INFINITY)
  }

  settle(): void {
    const group = this.#group
    this.#run()
    for (const process of group.members.keys()) group.connect(process)
    group.passTime(3 * BODY_GIVEN_UP_MS)
    for (const name of NAMES) group.ask((returned) => group.client().delete(this.#owner, name, returned))
    group.passTime(3 * BODY_GIVEN_UP_MS)
  }

  left() {
    const group = this.#group
    const members = [...group.members.values()]
    return {
      open: members.map(({ store }) => {
        const { storage, ...open } = store.state() as { storage: { calls: unknown } }
        return [storage.calls, open, store.resuming]
      }),
      disk: members.map(({ disk }) =>
        [...disk.keys()].filter((key) => isBulk(key) || key.includes('staged/'))
      ),
      staged: this.#staged(),
      owner: this.#bytes(),
      served: this.#served(),
      lists: untilRefused(() => group.client(1).list(this.#owner, {}, ignored)),
      operations: untilRefused(() => group.client(1).get(this.#owner, 'x', ignored)),
      writes: untilRefused(() => group.client(0).put(this.#owner, 'x', new Uint8Array(0), ignored))
    }
  }

  #value(size: number): Uint8Array {
    return new Uint8Array(size).fill(size)
  }

  /** The first client writes a reference to a body that it does not have, and says so or, if it is silent, nothing. */
  #stage(name: string, size: number): void {
    const { reference } = new BodyTree(this.#group.at(0).env.crypto.hash, this.#value(size))
    const register = soleWriter(this.#owner, name)
    const timestamp = ++this.#forged
    const value = this.#group.signed(0, register, timestamp, encodeReference(reference), CONTENT.body)
    this.#group.forge(4, MEMBER, { type: 'WRITE', call: asked(this.#forged), register, value })
  }

  /** A process asks for a chunk of what may be there, again and again. */
  #fetch(from: number, body: Uint8Array, count: number): void {
    if (body.length <= CHUNK_BYTES) return
    const { root } = new BodyTree(this.#group.at(0).env.crypto.hash, body).reference
    for (let i = 0; i < count; i++) {
      const transfer = { life: 1, number: ++this.#forged }
      const register = soleWriter(this.#owner, NAMES[body.length % NAMES.length] as string)
      this.#group.forge(from, MEMBER, { type: 'FETCH', transfer, subject: register, root, index: 0 })
    }
  }

  #harm(much: number): void {
    const group = this.#group
    const process = Math.floor(much / 4) % 6
    if (much % 4 === 0) group.crash(process)
    if (much % 4 === 0) group.restart(process)
    else if (much % 4 === 1) group.lies(4, (message) => (message.type === 'MISSING' ? undefined : message))
    else if (much % 4 === 2) group.lies(4, (message) => message)
    else {
      group.loseAll()
      group.connect(process)
    }
  }

  #run(messages = Number.POSITIVE_INFINITY): void {
    for (const { process } of this.#group.members.values()) process.input(() => {})
    let left = messages
    this.#group.run(() => --left < 0)
  }

  #counted(type: string): number {
    return this.#group.carried.get(type) ?? 0
  }

  /** How many bodies may be on their way that never come. */
  #staged(): number {
    this.#group.lies(4, (message) => (message.type === 'MISSING' ? undefined : message))
    const before = this.#counted('REFUSED')
    for (let i = 0; i < BODIES_STAGED_MAX + 5; i++) this.#stage(`forged again ${i}`, 1)
    this.#run()
    const refused = this.#counted('REFUSED') - before
    this.#group.lies(4, (message) => message)
    this.settle()
    return BODIES_STAGED_MAX + 5 - refused
  }

  /** Whether the owner has room for all its bytes, and for one more. */
  #bytes() {
    const group = this.#group
    const put = (name: string, size: number) =>
      group.ask<WriteResult>((returned) => group.client().put(this.#owner, name, this.#value(size), returned))
    const results = [put('a', OWNER_BYTES + 1), put('a', OWNER_BYTES), put('b', 1)]
    return results.map((result) => (result.written ? 'written' : result.refusal))
  }

  /** Each asks for more than it may at once. */
  #fetchAll(): void {
    for (const from of [1, 2, 3, 4, 5]) this.#fetch(from, this.#value(OWNER_BYTES), CHUNKS_SERVED_MAX + 1)
    this.#run()
  }

  /** How many chunks are read for a process at once, and for all of them. */
  #served() {
    const group = this.#group
    // One after the other is not many at once, whatever is answered.
    for (let i = 0; i < CHUNKS_SERVED_MAX; i++) {
      for (const size of [OWNER_BYTES, OWNER_BYTES - 1]) this.#fetch(1 + (i % 2), this.#value(size), 1)
      group.passTime(2 * DISK_MS)
    }
    const [faults, chunks] = [group.at(MEMBER).faults.length, this.#counted('CHUNK')]
    this.#fetchAll()
    group.passTime(DISK_MS)
    const atOnce = this.#counted('CHUNK') - chunks
    group.passTime(BODY_GIVEN_UP_MS)
    const inAll = this.#counted('CHUNK') - chunks
    const named = group.at(MEMBER).faults.length - faults
    // Their sessions end meanwhile, more often than there are chunks that are read at once.
    for (let i = 0; i < CHUNKS_READ_MAX / CHUNKS_SERVED_MAX + 1; i++) {
      this.#fetchAll()
      for (const process of group.members.keys()) group.connect(process)
      group.passTime(BODY_GIVEN_UP_MS)
    }
    const before = this.#counted('CHUNK')
    this.#fetchAll()
    group.passTime(BODY_GIVEN_UP_MS)
    return [atOnce, inAll, named, this.#counted('CHUNK') - before]
  }
}

const stores: Balance = {
  name: 'stores: when all operations are over there is room for as many, and for as many bytes, as ever',
  counts: [
    'exchange/bodies.ts served.reading',
    'registers/key-value-store.ts #lists',
    'registers/register-client.ts #resuming',
    'exchange/bodies.ts this.#askedOf(source).size',
    'registers/kept-bodies.ts this.#ofSource.of(from)',
    'registers/kept-bodies.ts this.#ofSigner.of(toHex(signer))'
  ],
  runs: 4,
  whole: {
    open: [0, 1, 2, 3, 4, 5].map(() => [
      [],
      { lists: 0, bodies: { transfers: [] }, registers: { open: 0, incomplete: [] } },
      0
    ]),
    disk: [[], [], [], [], [], []],
    staged: BODIES_STAGED_MAX,
    owner: ['too many bytes', 'written', 'too many bytes'],
    served: [CHUNKS_READ_MAX, 5 * CHUNKS_SERVED_MAX, 5, 5 * CHUNKS_SERVED_MAX],
    lists: LISTS_OPEN_MAX,
    operations: OPERATIONS_OPEN_MAX,
    writes: OPERATIONS_OPEN_MAX
  },
  begin() {
    const all = new Stores()
    return {
      do: ({ what, much }) => all.do(what, much),
      settle: () => all.settle(),
      left: () => all.left()
    }
  }
}

/** Runs it until it is refused. @returns how often it was not */
function untilRefused(request: () => unknown): number {
  for (let begun = 0; ; begun++) {
    try {
      request()
    } catch (error) {
      if (!(error instanceof WindowFullError)) throw error
      return begun
    }
  }
}

const maxRegister: Balance = {
  name: 'operations on a max-register: when all are over as many may begin as ever',
  counts: ['registers/max-register.ts #open'],
  whole: OPERATIONS_OPEN_MAX,
  begin() {
    const p = new Solo({ members: 5, make: (env, ports) => new MaxRegister(env, 'r', ports) })
    const open: OpenOperation[] = []
    const begin = (what: number, much: number) =>
      p.do((register) => open.push(what % 2 === 0 ? register.read(() => {}) : register.raise(much, () => {})))
    /** A member answers whatever it was asked. */
    const answer = (from: number) => {
      for (const { to, message } of p.sent.splice(0)) {
        if (to !== from || (message.type !== 'READ' && message.type !== 'RAISE')) continue
        const call = answerTo(maxRegisterMessages as never, message)
        p.receive(
          from,
          'r',
          message.type === 'READ' ? { type: 'VALUE', call, value: 3 } : { type: 'ACK', call }
        )
      }
    }
    return {
      do({ what, much }) {
        if (what % 3 !== 2) begin(what, much)
        else if (much % 2 === 0) p.do(() => open.shift()?.abandon())
        else answer(1 + (much % 4))
      },
      settle() {
        // Whoever has a session now is asked again what it has not answered.
        for (let round = 0; round < 2; round++)
          for (const from of [1, 2, 3, 4]) {
            p.startSession(from)
            answer(from)
          }
      },
      left: () => untilRefused(() => p.component.read(() => {}))
    }
  }
}

const WRITER = 5

const logged: Balance = {
  name: 'writes of an earlier life: when all are finished none is being finished, and as many may begin as ever',
  counts: ['registers/logged-majority-voting-register.ts #resuming'],
  whole: [0, { members: { open: 0, kept: [], calls: [] }, writing: [] }, OPERATIONS_OPEN_MAX],
  begin() {
    const disk = new Map<string, Uint8Array>()
    let life = 0
    const live = () => {
      const solo = new RegisterSolo({
        n: WRITER,
        self: WRITER,
        make: (env, ports, indications) =>
          new LoggedMajorityVotingRegister(env, 'register', ports, {}, indications),
        disk,
        life: ++life
      })
      solo.do((register) => register.restore())
      return solo
    }
    let writer = live()
    /** Member after member acknowledges what it was asked. */
    const answer = (count: number) => {
      for (const { to, message } of writer.sent.splice(0, count)) {
        const { number } = message.call as { number: number }
        writer.hears(to, { type: 'ACK', call: writer.answering(number) })
      }
    }
    const write = (name: string) => writer.write('value', soleWriter(keyOf(WRITER), name))
    return {
      do({ what, much }) {
        if (what % 4 < 2) write(`${much % 5}`)
        else if (what % 4 === 2) answer(much % 20)
        else writer = live()
      },
      settle() {
        while (writer.sent.length > 0) answer(writer.sent.length)
      },
      left: () => [
        writer.register.resuming,
        writer.register.state(),
        untilRefused(() => writer.register.write(soleWriter(keyOf(WRITER), 'x'), Uint8Array.of(1), ignored))
      ]
    }
  }
}

const CLIENT = 4

const leaderless: Balance = {
  name: 'leaderless store: when all operations are over nothing is asked, and as many may begin as ever',
  counts: ['leaderless/leaderless-store.ts this.#open.size'],
  stepsMax: 40,
  runs: 10,
  whole: [[], OPERATIONS_OPEN_MAX],
  begin() {
    const cluster = new Cluster({ n: CLIENT })
    const open: { abandon(): void }[] = []
    const value = Uint8Array.of(1)
    return {
      do({ what, much }) {
        const key = `${much % 3}`
        const rank = much % CLIENT
        if (what % 8 < 2) cluster.ask(CLIENT, (store) => open.push(store.put(key, value, {}, ignored)))
        else if (what % 8 < 4) cluster.ask(CLIENT, (store) => open.push(store.get(key, {}, ignored)))
        else if (what % 8 === 4) for (const operation of open.splice(0, much % 3)) operation.abandon()
        else if (what % 8 === 5) cluster.endSession(CLIENT, rank)
        else if (what % 8 === 6 && cluster.isUp(rank)) {
          cluster.crash(rank)
          cluster.start(rank)
        } else cluster.run(much % 300)
      },
      settle: () => cluster.run(60_000),
      left() {
        const { calls } = cluster.at(CLIENT).store.state() as { calls: unknown }
        const { store } = cluster.at(CLIENT)
        return [calls, untilRefused(() => store.get('x', {}, ignored))]
      }
    }
  }
}

export const registerBalances: readonly Balance[] = [
  counts,
  shares,
  signers,
  kept,
  slots,
  turns,
  maxRegister,
  stores,
  logged,
  leaderless
]
