/**
 * A small group in one place: members that keep signed registers and clients that use them, each a real process with
 * ports and a store, and between them links that the test holds: it decides what is delivered, in which order, who lies
 * and who crashes. There is no clock and no randomness: whoever asks for them throws.
 */
import type { Crypto, Environment } from '../../src/core/environment.ts'
import type { Fault } from '../../src/core/fault.ts'
import { createGroup, type Group, type ProcessId } from '../../src/core/group.ts'
import type { MessageOf } from '../../src/core/messages.ts'
import type { Process } from '../../src/core/process.ts'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import { memberCrypto } from '../../src/crypto/member-crypto.ts'
import type { Answered } from '../../src/exchange/call-id.ts'
import { beginHeldLife } from '../../src/laboratory/held-life.ts'
import type { CarrierIndications } from '../../src/links/carrier.ts'
import { Ports } from '../../src/links/ports.ts'
import { AuthenticatedDataAtomicRegister } from '../../src/registers/authenticated-data-atomic-register.ts'
import { AuthenticatedDataRegister } from '../../src/registers/authenticated-data-register.ts'
import { AuthenticatedDataSharedRegister } from '../../src/registers/authenticated-data-shared-register.ts'
import { AuthenticatedStorage, storageMessages } from '../../src/registers/authenticated-storage.ts'
import type { RegisterOptions } from '../../src/registers/constants.ts'
import type { ReadResult, RegisterId, WriteResult } from '../../src/registers/register.ts'
import type { SignedRegister } from '../../src/registers/signed-register.ts'
import type { ValueSigner } from '../../src/registers/signed-value.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import { STORAGE_PATH } from '../../src/stacks/compose-registers.ts'
import { answerTo } from '../exchange/asked.ts'

export type StorageMessage = MessageOf<typeof storageMessages>

const REGISTERS = {
  regular: AuthenticatedDataRegister,
  atomic: AuthenticatedDataAtomicRegister,
  shared: AuthenticatedDataSharedRegister
}

export interface GroupOptions {
  readonly n?: number
  readonly clients?: number
  readonly register?: keyof typeof REGISTERS
  readonly options?: RegisterOptions
  readonly crypto?: 'symbolic' | 'real'
  /** Test doubles of the processes' cryptography: what is counted, what is refused. */
  readonly watch?: (crypto: Crypto, self: ProcessId) => Crypto
}

interface Sent {
  readonly from: ProcessId
  readonly to: ProcessId
  readonly bytes: Uint8Array
}

/** What a liar says in place of a message, or nothing. */
export type Lie = (message: StorageMessage, to: ProcessId) => StorageMessage | readonly StorageMessage[]

/** One process, member or client, in its present life. */
export interface Node {
  readonly self: ProcessId
  readonly env: Environment
  readonly process: Process
  readonly storage: AuthenticatedStorage
  readonly register: SignedRegister
  /** Verifications and signatures of this life. */
  readonly crypto: { verified: number; signed: number }
  readonly carrier: CarrierIndications
  /** What it has asked, by number. */
  readonly asked: ReadonlyMap<number, StorageMessage>
}

/** What became of an operation. */
export interface Outcome<R> {
  result?: R
}

const nothing = (): boolean => false

const keyOf = (process: ProcessId) => defaultBackend.sha256(Uint8Array.of(process))

export class RegisterGroup {
  readonly n: number
  readonly group: Group
  readonly faults: (Fault & { readonly by: ProcessId })[] = []
  readonly landmarks: string[] = []
  readonly resumed: { readonly value: Uint8Array; readonly result: WriteResult }[] = []
  /** On the links, oldest first. */
  readonly wire: Sent[] = []
  /** What stays on the links while it is true. */
  held: (from: ProcessId, to: ProcessId, message: StorageMessage) => boolean = nothing
  readonly disks: Map<string, Uint8Array>[]
  readonly #init: Required<GroupOptions>
  readonly #nodes: (Node | undefined)[]
  readonly #lives: number[]
  #nowMs = 0
  /** Turns that were asked for. */
  readonly #turns: (() => void)[] = []
  readonly #lies = new Map<ProcessId, Lie>()
  /** Disks that answer nothing, and what they were asked to make durable. */
  readonly #stuck = new Map<ProcessId, (() => void)[]>()
  readonly #cryptoOf: (self: ProcessId) => Crypto

  constructor(init: GroupOptions = {}) {
    const { n = 4, clients = 3, register = 'regular', options = {}, crypto = 'symbolic' } = init
    this.#init = { n, clients, register, options, crypto, watch: init.watch ?? ((own) => own) }
    this.n = n
    const keys = Array.from({ length: n + clients }, (_, process) =>
      crypto === 'real' ? defaultBackend.publicKey(keyOf(process)) : keyOf(process)
    )
    this.group = createGroup({
      id: new Uint8Array(32).fill(9),
      f: byzantineResilience(n),
      publicKeys: keys.slice(0, n),
      clients: keys.slice(n)
    })
    const symbolic = symbolicCrypto(this.group, 1, defaultBackend.sha256)
    this.#cryptoOf =
      crypto === 'real' ? (self) => memberCrypto(defaultBackend, this.group, keyOf(self)) : symbolic
    this.disks = keys.map(() => new Map())
    this.#lives = keys.map(() => 0)
    this.#nodes = keys.map(() => undefined)
    for (let process = 0; process < keys.length; process++) this.start(process)
    this.run()
  }

  /** The i-th client: its number as a process. */
  client(index: number): ProcessId {
    return this.n + index
  }

  publicKey(process: ProcessId): Uint8Array {
    return (process < this.n ? this.group.publicKeys : this.group.clients)[
      process < this.n ? process : process - this.n
    ] as Uint8Array
  }

  node(process: ProcessId): Node {
    const node = this.#nodes[process]
    if (node === undefined) throw new Error(`process ${process} is down`)
    return node
  }

  /** Signs with this process's key, whatever it is asked to: a Byzantine process can. */
  signer(process: ProcessId): ValueSigner {
    return this.node(process).storage.signer
  }

  /** A life of the process begins, on what is on its disk, and sessions with all that are up. */
  start(self: ProcessId): void {
    const node = this.#make(self)
    this.#nodes[self] = node
    node.process.input(() => node.register.restore())
    for (const peer of this.#nodes) if (peer !== undefined) this.session(self, peer.self)
  }

  /** Gone, with all that is on its links and not yet on its disk. */
  crash(self: ProcessId): void {
    this.node(self).process.stop()
    this.#nodes[self] = undefined
    this.#stuck.delete(self)
    this.#drop((sent) => sent.from === self || sent.to === self)
  }

  /** A new session between the two: what was under way is lost. */
  session(a: ProcessId, b: ProcessId): void {
    if (a === b || (a >= this.n && b >= this.n)) return
    this.#drop(({ from, to }) => (from === a && to === b) || (from === b && to === a))
    for (const [self, peer] of [
      [a, b],
      [b, a]
    ] as const)
      this.node(self).process.input(() => {
        this.node(self).carrier.sessionEnded(peer, 'replaced')
        this.node(self).carrier.sessionStarted(peer)
      })
  }

  /** What the process sends from now on is this instead. */
  lie(process: ProcessId, lie: Lie): void {
    this.#lies.set(process, lie)
  }

  /** Puts a message on the link, whatever the process itself thinks of it. */
  tell(from: ProcessId, to: ProcessId, message: StorageMessage): void {
    this.wire.push({ from, to, bytes: Uint8Array.of(0, ...storageMessages.encode(message)) })
  }

  /** What an answer to the n-th question of this life of the process is headed by. */
  answering(process: ProcessId, number: number): Answered {
    const question = this.node(process).asked.get(number)
    if (question === undefined) throw new Error(`process ${process} has asked its question ${number}`)
    return answerTo(storageMessages, question)
  }

  /** The disk of the process answers nothing, until {@link sync}. */
  holdDisk(process: ProcessId): void {
    this.#stuck.set(process, [])
  }

  sync(process: ProcessId): void {
    const stuck = this.#stuck.get(process) ?? []
    this.#stuck.delete(process)
    for (const done of stuck) done()
  }

  /** Delivers until nothing is left but what is held. */
  run(): void {
    for (;;) {
      for (const turn of this.#turns.splice(0)) turn()
      const index =
        this.held === nothing
          ? Math.min(0, this.wire.length - 1)
          : this.wire.findIndex(({ from, to, bytes }) => !this.held(from, to, read(bytes)))
      if (index < 0) return
      const [sent] = this.wire.splice(index, 1)
      if (sent !== undefined) this.#deliver(sent)
    }
  }

  /** Begins a read; it goes on as the test delivers. */
  read(process: ProcessId, register: RegisterId): Outcome<ReadResult> {
    const outcome: Outcome<ReadResult> = {}
    this.do(process, (node) =>
      node.register.read(register, (result) => {
        outcome.result = result
      })
    )
    return outcome
  }

  write(process: ProcessId, register: RegisterId, value: string | Uint8Array): Outcome<WriteResult> {
    const outcome: Outcome<WriteResult> = {}
    const bytes = typeof value === 'string' ? text(value) : value
    this.do(process, (node) =>
      node.register.write(register, bytes, (result) => {
        outcome.result = result
      })
    )
    return outcome
  }

  /** An input of the process. */
  do(process: ProcessId, handler: (node: Node) => void): void {
    const node = this.node(process)
    let thrown: unknown
    node.process.input(() => {
      try {
        handler(node)
      } catch (error) {
        thrown = error
      }
    })
    if (thrown !== undefined) throw thrown
  }

  /** Who was named for something that no correct process does. */
  get accused(): ProcessId[] {
    const named = this.faults.filter(({ certainty }) => certainty !== 'suspected')
    return [...new Set(named.map(({ process }) => process))].sort((a, b) => a - b)
  }

  #deliver({ from, to, bytes }: Sent): void {
    const node = this.#nodes[to]
    node?.process.input(() => node.carrier.deliver(from, bytes))
  }

  #drop(isLost: (sent: Sent) => boolean): void {
    const left = this.wire.filter((sent) => !isLost(sent))
    this.wire.splice(0, this.wire.length, ...left)
  }

  #send(from: ProcessId, to: ProcessId, bytes: Uint8Array): void {
    const lie = this.#lies.get(from)
    if (lie === undefined) {
      this.wire.push({ from, to, bytes })
      return
    }
    const said = lie(read(bytes), to)
    for (const message of Array.isArray(said) ? said : [said]) this.tell(from, to, message)
  }

  #make(self: ProcessId): Node {
    const counts = { verified: 0, signed: 0 }
    const life = (this.#lives[self] ?? 0) + 1
    this.#lives[self] = life
    const { process, env } = beginHeldLife({
      self,
      incarnation: life,
      fresh: life === 1,
      group: this.group,
      disk: this.disks[self] as Map<string, Uint8Array>,
      clock: (input) => ({
        now: () => this.#nowMs,
        // What waits for a turn, or for a budget, goes on in time; no register sets a timer.
        setTimer: (delayMs, handler) => {
          this.#turns.push(() => {
            this.#nowMs += delayMs
            input(handler)
          })
          return { cancel: forbidden }
        }
      }),
      random: { bytes: forbidden, below: forbidden },
      crypto: this.#init.watch(counted(this.#cryptoOf(self), counts), self),
      observer: {
        fault: (fault) => this.faults.push({ ...fault, by: self }),
        landmark: (name) => this.landmarks.push(name)
      },
      sync: (durable) => {
        const stuck = this.#stuck.get(self)
        if (stuck === undefined) durable()
        else stuck.push(durable)
      },
      read: () => {
        throw new Error('no register reads the disk')
      }
    })
    const asked = new Map<number, StorageMessage>()
    const ports = new Ports(env)
    ports.attach({
      send: (to, bytes) => {
        const message = read(bytes)
        if ('call' in message && !('question' in message.call)) asked.set(message.call.number, message)
        this.#send(self, to, bytes)
      }
    })
    const { options, register } = this.#init
    const storage = new AuthenticatedStorage(env, STORAGE_PATH, ports, options)
    const path = `${STORAGE_PATH}/register`
    const component = new REGISTERS[register](env, path, storage, options, {
      resumed: (_, value, result) => this.resumed.push({ value, result })
    })
    const carrier = ports.indications
    return { self, env, process, storage, register: component, crypto: counts, carrier, asked }
  }
}

export const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** What a read found, as text; null for the initial value, undefined if it has not returned. */
export const found = ({ result }: Outcome<ReadResult>): string | null | undefined =>
  result?.value && new TextDecoder().decode(result.value)

/** A member that lies about what it keeps, whatever it is asked. */
export const answering =
  (change: (answer: Extract<StorageMessage, { type: 'VALUE' }>) => StorageMessage): Lie =>
  (message) =>
    message.type === 'VALUE' ? change(message) : message

function counted(crypto: Crypto, counts: { verified: number; signed: number }): Crypto {
  return {
    ...crypto,
    sign: (statement) => {
      counts.signed++
      return crypto.sign(statement)
    },
    verifyBy: (...args) => {
      counts.verified++
      return crypto.verifyBy(...args)
    }
  }
}

function read(bytes: Uint8Array): StorageMessage {
  const message = storageMessages.decode(bytes.subarray(1))
  if (message === undefined) throw new Error('not a message of the storage')
  return message
}

const forbidden = (): never => {
  throw new Error('no register depends on clocks or randomness')
}
