/** Registers: clients read and write what members keep. */
import { judgedRegisters } from '../../checkers/registers.ts'
import { toHex } from '../../core/bytes.ts'
import { type Group, type ProcessId, publicKeyOf } from '../../core/group.ts'
import type { Process } from '../../core/process.ts'
import { CHUNK_BYTES } from '../../exchange/constants.ts'
import { buildLife } from '../../recording/recorder.ts'
import { type RegisterId, sharedBy, soleWriter, type WriteResult } from '../../registers/register.ts'
import { registerService } from '../../registers/service.ts'
import type { Application, ApplicationInit, LifeStack, Request } from '../../simulator/application.ts'
import type { HistoryEvent, ServiceEvent } from '../../simulator/history.ts'
import type { Rates, Workload } from '../../simulator/rates.ts'
import type { Planned } from '../../simulator/schedule.ts'
import { MS } from '../../simulator/scheduler.ts'
import { SeededRandom } from '../../simulator/seeded-random.ts'
import type { BuiltStack } from '../../stacks/build.ts'
import type { RegisterInstance, RegisterStack } from '../../stacks/stack.ts'
import { Lies } from '../lies.ts'
import type { Abstraction, RatesInit } from './abstraction.ts'
import { drawBroadcasts } from './broadcasts.ts'

export interface RegisterWorkload {
  /** Processes from this number on are clients. */
  readonly members: number
  /** One: the first client writes, the others read. Many: all do both. */
  readonly writers: 'one' | 'many'
  /** One: the second client alone reads. */
  readonly readers?: 'one' | undefined
  /** How many registers there are; each operation is about one of them. Default: 1. */
  readonly keys?: number
  /** Of each client. */
  readonly operations: number
  /** Within how long they are asked for, milliseconds: in a short one each begins where the last one ends. */
  readonly withinMs: number
  readonly payloadBytesMax: number
  /** What stirs the Byzantine members, and until when. */
  readonly stirs: number
  readonly stirsWithinMs: number
}

/** A writer, and readers that can contradict each other; or three that do both. */
const CLIENTS = 3
const { name: service } = registerService
const READS_PER_WRITE = 3
/** Of the runs in which answers are not late, one in so many has a write that few members get in time. */
const STRANDED_ONE_IN = 3
/** Where large values travel in chunks, one run in so many has some of up to so many bytes: of two chunks. */
const LONG_VALUES_ONE_IN = 64
const LONG_VALUE_BYTES_MAX = 2 * CHUNK_BYTES

export const registers: Abstraction<RegisterStack> = {
  service: registerService,
  judged: judgedRegisters,
  clients: CLIENTS,
  rates: registerRates,
  application: (stack, init) => new RegisterApplication(stack, init),
  listen: (init) => new Lies(init),
  begun: (event) => (event.kind === 'invoke' ? `${event.process}/${event.number}` : undefined),
  ended: (event) => (event.kind === 'return' ? `${event.process}/${event.number}` : undefined),
  landmarks: clientLandmarks,
  simplest: (members, clients) =>
    Array.from({ length: clients }, (_, client) => registerRequest(members + client, 1, 0, client === 0)),
  describe(event, shown) {
    if (event.kind !== 'invoke' && event.kind !== 'return') return undefined
    const { name, number } = event
    if (event.kind === 'return')
      return `returns from ${number}${name === 'write' ? '' : `: ${shown(event.result)}`}`
    const { key, value } = event.arguments
    const of = key === undefined ? '' : ` of register ${shown(key)}`
    return `invokes ${number}: ${name}${value === undefined ? '' : ` ${shown(value)}`}${of}`
  },
  instanceOf: () => undefined
}

/** A choice: the n-th operation of a client, a write of few bytes or a read. */
export const registerRequest = (process: ProcessId, number: number, at: number, writes: boolean) =>
  ({
    kind: 'request',
    process,
    number,
    at,
    service,
    name: writes ? 'write' : 'read',
    arguments: writes ? { bytes: 2 } : {}
  }) as const satisfies Planned

function registerRates({
  stack: { writers, readers, chunks },
  model,
  seed,
  members,
  draw,
  lateAnswers,
  asked,
  payloadBytesMax,
  healMs,
  askedWithinMs
}: RatesInit<RegisterStack>): Partial<Rates> & Pick<Rates, 'workload'> {
  const slowLinks = draw.below(2) === 0
  const operations = draw.between(2, 12)
  const withinMs = draw.pick([askedWithinMs, askedWithinMs / 10])
  const isLong = chunks === true && new SeededRandom(seed, 'long values').below(LONG_VALUES_ONE_IN) === 0
  const bytes = { payloadBytesMax: isLong ? LONG_VALUE_BYTES_MAX : payloadBytesMax }
  const stirs = { stirs: asked, stirsWithinMs: healMs, ...bytes }
  const drawn = { members, writers, readers, operations, withinMs, ...stirs }
  const isStranded = new SeededRandom(seed, 'stranded').below(STRANDED_ONE_IN) === 0
  // One client writes and the others look on, also where all of them may write.
  if (!lateAnswers && model.links !== 'perfect' && isStranded)
    return { strandedWrites: true, members, workload: registerWorkload({ ...drawn, writers: 'one' }) }
  if (!lateAnswers) return { slowLinks, members, workload: registerWorkload(drawn) }
  // Of two registers: what is asked of one of them in one life is answered while the next life asks of the other.
  const busy = { keys: 2, operations: 12 + operations, withinMs: askedWithinMs / 10 }
  return { lateAnswers, members, workload: registerWorkload({ ...drawn, ...busy }) }
}

/** Members are asked for nothing, but that Byzantine ones are stirred. */
export function registerWorkload(workload: RegisterWorkload): Workload {
  const { members, operations, stirs, stirsWithinMs, payloadBytesMax } = workload
  return {
    operationsMax: operations * READS_PER_WRITE,
    requests(process, isByzantine, random) {
      if (process >= members) return drawOperations(process, random, workload)
      const stirred = { broadcasts: stirs, payloadBytesMax, withinMs: stirsWithinMs }
      return isByzantine ? drawBroadcasts(process, random, stirred) : []
    }
  }
}

function drawOperations(
  process: ProcessId,
  random: SeededRandom,
  { members, writers, readers, keys = 1, operations, withinMs, payloadBytesMax }: RegisterWorkload
): readonly Planned[] {
  if (readers === 'one' && process > members + 1) return []
  const draw = () => {
    const at = random.below(withinMs * MS)
    const bytes = 2 + random.below(Math.max(1, payloadBytesMax - 1))
    const writes = writers === 'one' ? process === members : random.below(2) === 0
    const name = writes ? 'write' : 'read'
    const of = keys > 1 ? { key: random.below(keys) } : {}
    return { at, name, arguments: { ...(writes && { bytes }), ...of } }
  }
  // Who only reads does so more often than the writer writes: reads that follow each other while a write goes on.
  const length = writers === 'one' && process > members ? operations * READS_PER_WRITE : operations
  return Array.from({ length }, draw)
    .sort((a, b) => a.at - b.at)
    .map((request, index) => ({ kind: 'request', service, process, number: index + 1, ...request }))
}

/** A run in which no read overlaps a write, or in which nobody crashes in the middle of one, proves little. */
function clientLandmarks(events: readonly HistoryEvent[]): readonly string[] {
  const reached = new Set<string>()
  const open = new Map<number, string>()
  for (const event of events) {
    if (event.kind === 'invoke') {
      const other = event.name === 'read' ? 'write' : 'read'
      if ([...open.values()].includes(other)) reached.add('read-overlapping-write')
      open.set(event.process, event.name)
    } else if (event.kind === 'return') open.delete(event.process)
    else if (event.kind === 'restart' && open.size > 0) reached.add('restarted-in-mid-operation')
    else if (event.kind === 'crash' && open.get(event.process) === 'read') open.delete(event.process)
  }
  return [...reached]
}

interface Wanted {
  readonly name: string
  readonly value: Uint8Array
  readonly key: number | undefined
}

interface Pending extends Wanted {
  readonly number: number
}

/** One of the registers that a run is about: of the first client, or of all clients. */
function simulatedRegister({ writers }: RegisterStack, group: Group, key = 0): RegisterId {
  const name = key === 0 ? 'register' : `register ${key}`
  return writers === 'one'
    ? soleWriter(publicKeyOf(group, group.n) ?? new Uint8Array(32), name)
    : sharedBy(group.clients, name)
}

/**
 * A client of registers: it reads and writes one after the other, as planned. An operation that a crash interrupts has
 * no answer, unless it is a write that the next life finishes.
 */
class RegisterApplication implements Application {
  readonly #stack: RegisterStack
  readonly #init: ApplicationInit
  readonly #wanted: Wanted[] = []
  #group: Group | undefined
  #instance: RegisterInstance | undefined
  #process: Process | undefined
  /** Operations so far. */
  #operations = 0
  /** Under way, or a write of an earlier life that this one finishes. */
  #pending: Pending | undefined

  constructor(stack: RegisterStack, init: ApplicationInit) {
    this.#stack = stack
    this.#init = init
  }

  build(life: LifeStack, process: Process): BuiltStack<RegisterInstance> {
    this.#process = process
    this.#group = life.env.group
    const application = {
      resumed: (register: RegisterId, value: Uint8Array | null, { written }: WriteResult) =>
        this.#resumed(register, value, written)
    }
    const sink = this.#init.recordLife?.(life.env.incarnation)
    const built = buildLife({ ...life, stack: this.#stack, application }, sink)
    this.#instance = built.instance
    return built
  }

  began(): void {
    // What was under way has no answer, unless it is a write that this life finishes.
    if (this.#pending?.name !== 'write' || (this.#instance?.resuming ?? 0) === 0) this.#pending = undefined
    else this.#tell({ kind: 'resume', number: this.#pending.number })
    this.#next()
  }

  ended(): void {
    this.#process = undefined
  }

  ask(request: Request, payload: Uint8Array): boolean {
    const { name } = request
    if (request.service !== service || (name !== 'read' && name !== 'write')) return false
    this.#wanted.push({ name, value: payload, key: request.arguments.key })
    this.#next()
    return true
  }

  #next(): void {
    const process = this.#process
    const instance = this.#instance
    const group = this.#group
    const [wanted] = this.#wanted
    if (process === undefined || instance === undefined || group === undefined || wanted === undefined) return
    if (this.#pending !== undefined) return
    this.#wanted.shift()
    const operation = { ...wanted, number: ++this.#operations }
    this.#pending = operation
    const { name, value, key, number } = operation
    const asked = { ...(key !== undefined && { key }), ...(name === 'write' && { value }) }
    this.#tell({ kind: 'invoke', service, name, number, arguments: asked })
    const register = simulatedRegister(this.#stack, group, key)
    const returned = (result: Uint8Array | null, ok = true) => {
      if (this.#process !== process || this.#pending !== operation) return
      this.#return(operation, ok, result)
    }
    const { services } = instance
    process.input(() => {
      if (name === 'read') services.registers.read(register, ({ value: read }) => returned(read))
      else services.registers.write(register, value, (result) => returned(null, result.written))
    })
  }

  #return(operation: Pending, ok: boolean, result: Uint8Array | null): void {
    this.#pending = undefined
    const { name, number } = operation
    if (ok) this.#tell({ kind: 'return', service, name, number, result })
    this.#init.scheduler.after(0, () => this.#next(), this.#init.precedence)
    if (ok) this.#init.onReturn(number)
  }

  /** @param value - null: it is not said */
  #resumed({ name }: RegisterId, value: Uint8Array | null, written: boolean): void {
    const pending = this.#pending
    if (pending?.name !== 'write' || this.#group === undefined) return
    if (simulatedRegister(this.#stack, this.#group, pending.key).name !== name) return
    if (value !== null && toHex(pending.value) !== toHex(value)) return
    this.#return(pending, written, null)
  }

  #tell(event: ServiceEvent): void {
    this.#init.record({ time: this.#init.scheduler.now, process: this.#init.self, ...event })
  }
}
