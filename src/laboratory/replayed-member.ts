/**
 * Replays the recording of a member, line by line: builds its stack again, feeds it what it was fed, and compares all
 * that it does with what it did. The private key is not needed. Space: what the stack itself holds.
 */
import { fromHex } from '../core/bytes.ts'
import { createGroup, type Group, type ProcessId, publicKeyOf } from '../core/group.ts'
import type { CarrierIndications } from '../links/carrier.ts'
import { contentOf } from '../simulator/message-log.ts'
import type { TraceEvent, TraceSink } from '../simulator/trace-sink.ts'
import { type BuiltStack, buildStack } from '../stacks/build.ts'
import { Deeds, describeDeeds } from '../stacks/deeds.ts'
import type {
  Consequences,
  Input,
  RecordedStep,
  RecordingEnd,
  RecordingHeader
} from '../stacks/recording-format.ts'
import type { BroadcastInstance, BroadcastStack } from '../stacks/stack.ts'
import { withStorage } from '../stacks/with-storage.ts'
import { type RecordingLine, readRecordingLine } from './member-recording.ts'
import { type OperationStep, ReplayedOperations } from './replayed-operations.ts'
import { Difference, type PublicCrypto, publicCrypto, ReplayedProcess } from './replayed-process.ts'
import { requireBroadcastStack } from './run-config.ts'
import { TraceFileError } from './trace-error.ts'

export interface ReplayInit {
  /** How errors name the file. */
  readonly name: string
  readonly sink?: TraceSink
  /** Default: Ed25519 and SHA-256 with the public keys of the group. */
  readonly crypto?: (group: Group) => PublicCrypto
}

export interface Replayed {
  readonly header: RecordingHeader
  /** Lines after the header and what was stored. */
  readonly steps: number
  /**
   * How the recording ends: the member was stopped, or stopped by itself as in a crash; or there is no end, because
   * it was killed (or still ran).
   */
  readonly ending: 'stopped' | 'crashed' | 'none'
  /** Whether the last line is incomplete; it was left out. */
  readonly torn: boolean
  /** Where the replay first differs from what was recorded, in one line; it stopped there. */
  readonly difference: string | undefined
  /** Of everything replayed. */
  readonly digest: string
}

interface Life {
  readonly header: RecordingHeader
  readonly protocol: BroadcastStack
  readonly group: Group
  readonly process: ReplayedProcess
  readonly deeds: Deeds
  /** When it began, microseconds of its own clock. */
  start: number | undefined
  /** Once it is built. */
  stack: (BuiltStack<BroadcastInstance> & { readonly indications: CarrierIndications }) | undefined
  /** Where it keeps registers. */
  operations: ReplayedOperations | undefined
}

type Step = Input & Consequences

/** An event of the one process that is replayed. */
type OwnEvent = TraceEvent extends infer E
  ? E extends TraceEvent
    ? Omit<E, 'time' | 'process'>
    : never
  : never

export class MemberReplay {
  readonly #init: ReplayInit
  #count = 0
  #steps = 0
  #life: Life | undefined
  #ending: Replayed['ending'] = 'none'
  /** The number of a line that cannot be read: the last one, if the member was killed while it was written. */
  #torn: number | undefined
  #difference: string | undefined
  #digest = ''
  #at = 0
  #messages = 0

  constructor(init: ReplayInit) {
    this.#init = init
  }

  /**
   * The next line of the recording. After a difference, nothing more is replayed.
   *
   * @throws TraceFileError that says in one line what is wrong with the file, and where
   */
  line(text: string): void {
    if (this.#torn !== undefined) this.#fail('is not JSON: the recording is damaged', this.#torn)
    this.#count++
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      this.#torn = this.#count
      return
    }
    if (this.#difference !== undefined) return
    const line = readRecordingLine(value)
    if (typeof line === 'string') this.#fail(line)
    this.#take(line)
  }

  end(): Replayed {
    if (this.#life === undefined) throw new TraceFileError(`${this.#init.name}: no recording of a member`)
    return {
      header: this.#life.header,
      steps: this.#steps,
      ending: this.#ending,
      torn: this.#torn !== undefined,
      difference: this.#difference,
      digest: this.#digest
    }
  }

  #take(line: RecordingLine): void {
    if ('format' in line) {
      if (this.#life !== undefined) this.#fail('begins a second recording: a file holds one')
      this.#life = this.#begin(line)
      return
    }
    const life = this.#life
    if (life === undefined) this.#fail('comes before the header')
    if (this.#ending !== 'none') this.#fail('comes after the end of the recording')
    if ('stored' in line) {
      life.deeds.line(line)
      life.process.store(line.stored, fromHex(line.value))
      return
    }
    life.start ??= line.at
    this.#at = line.at - life.start
    if ('end' in line) this.#end(life, line)
    else this.#step(life, line)
  }

  #begin(header: RecordingHeader): Life {
    const broadcast = requireBroadcastStack(header.stack)
    const protocol = header.registers ? withStorage(broadcast) : broadcast
    const { epoch, f, id } = header.group
    const [publicKeys, clients] = [header.group.publicKeys, header.group.clients].map((keys) =>
      keys.map(fromHex)
    ) as [Uint8Array[], Uint8Array[]]
    const group = createGroup({ id: fromHex(id), epoch, f, publicKeys, clients })
    const crypto = (this.#init.crypto ?? publicCrypto)(group)
    const deeds = new Deeds(crypto.hash)
    deeds.line(header)
    const process = new ReplayedProcess({
      header,
      group,
      crypto,
      deeds,
      observer: {
        tracing: this.#init.sink !== undefined,
        // Messages are told when they leave, and as they arrive.
        event: (event) => {
          if (event.kind !== 'send' && event.kind !== 'receive') this.#tell(event)
        },
        fault: (fault) => {
          deeds.named(fault)
          this.#tell({ kind: 'fault', fault })
        },
        landmark: (name) => {
          deeds.reached(name)
          this.#tell({ kind: 'landmark', name })
        }
      },
      onTimer: (change, timer, delayMs) => this.#tell({ kind: 'timer', change, timer, delayMs })
    })
    return {
      header,
      protocol,
      group,
      process,
      deeds,
      start: undefined,
      stack: undefined,
      operations: undefined
    }
  }

  #step(life: Life, { did = '', digest, ...step }: RecordedStep): void {
    this.#steps++
    const { process, deeds } = life
    try {
      process.expect(step.readings ?? [])
      this.#attempt(life, () => this.#feed(life, step))
      for (const kind of step.ran ?? '') this.#attempt(life, () => process.run(kind === 'e' ? 'e' : 'f'))
      process.requireAllRead()
    } catch (error) {
      if (!(error instanceof Difference)) throw error
      this.#differs(describe(step), error.message)
      return
    }
    const check = deeds.check(step)
    this.#digest = check.digest
    if (check.digest === digest && (check.did ?? '') === did) return
    const here = describeDeeds(check.did ?? '')
    const then = describeDeeds(did)
    this.#differs(
      describe(step),
      here === then ? `the same in kind (${here}), not in content` : `here ${here}; recorded ${then}`
    )
  }

  /** What a handler throws was for whoever called it then: the application, or the process, which stopped by it. */
  #attempt({ deeds }: Life, handler: () => void): void {
    try {
      handler()
    } catch (error) {
      if (error instanceof Difference || error instanceof TraceFileError) throw error
      deeds.threw(error)
    }
  }

  #feed(life: Life, step: Step): void {
    if (step.input === 'build') {
      if (life.stack !== undefined) this.#fail('builds the stack a second time')
      life.stack = this.#build(life)
      const { registers } = life.stack.instance
      if (registers !== undefined) life.operations = new ReplayedOperations(registers, life.deeds)
      return
    }
    const { stack, process, deeds } = life
    if (stack === undefined) this.#fail('comes before the stack is built')
    const { instance, indications, spoken } = stack
    switch (step.input) {
      case 'start':
        if (!life.header.fresh) this.#tell({ kind: 'restart' })
        instance.restore()
        break
      case 'continue':
        break
      case 'deliver': {
        const from = this.#member(life, step.from)
        const message = fromHex(step.message)
        this.#tell({ kind: 'receive', id: ++this.#messages, from, ...contentOf(spoken, message) })
        indications.deliver(from, message)
        break
      }
      case 'session-started': {
        const peer = this.#member(life, step.peer)
        this.#tell({ kind: 'session', peer, change: 'started' })
        indications.sessionStarted(peer)
        break
      }
      case 'session-ended': {
        const peer = this.#member(life, step.peer)
        this.#tell({ kind: 'session', peer, change: 'ended', reason: step.reason })
        indications.sessionEnded(peer, step.reason)
        break
      }
      case 'timer':
        process.fire(step.timer)
        break
      case 'disk-read':
        process.answer(step.read, fromHex(step.value))
        break
      case 'nothing-stored':
        process.answer(step.read, undefined)
        break
      case 'broadcast': {
        const payload = fromHex(step.payload)
        const sequence = instance.broadcast(payload, () => {
          deeds.accepted(sequence)
          this.#tell({ kind: 'accepted', sequence })
        })
        deeds.numbered(sequence)
        this.#tell({ kind: 'broadcast', sequence, payload })
        break
      }
      case 'acknowledge':
        instance.acknowledge(step.position)
        break
      case 'read':
      case 'write':
      case 'abandon':
        this.#operate(life, step)
        break
      case 'turn-end':
        process.endTurn(step.flush)
    }
  }

  /** An operation of the application on a register, or the end of its waiting for one. */
  #operate({ operations }: Life, step: OperationStep): void {
    const problem = operations?.feed(step)
    if (operations === undefined) this.#fail('operates on registers, of which there are none')
    if (problem !== undefined) this.#fail(problem)
  }

  #build({ header, protocol, process, deeds }: Life): NonNullable<Life['stack']> {
    const told: CarrierIndications[] = []
    const stack: BuiltStack<BroadcastInstance> = buildStack({
      env: process.env,
      stack: protocol,
      options: header.options,
      connect: (indications) => {
        told.push(indications)
        return {
          send: (to, message) => {
            deeds.sent(to, message)
            this.#tell({ kind: 'send', id: ++this.#messages, to, ...contentOf(stack.spoken, message) })
          }
        }
      },
      application: {
        deliver: (delivery) => {
          deeds.delivered(delivery)
          if (delivery.type === 'gap') {
            const { sender, from, to, position } = delivery
            this.#tell({ kind: 'gap', sender, from, to, position })
          } else {
            const { sender, sequence, payload, position } = delivery
            this.#tell({ kind: 'deliver', sender, sequence, payload, position })
          }
        },
        ready: () => deeds.ready()
      }
    })
    const [indications] = told as [CarrierIndications]
    return { ...stack, indications }
  }

  #end({ deeds }: Life, { did: _, digest, ...line }: RecordingEnd): void {
    this.#ending = line.end
    this.#digest = deeds.check(line).digest
    if (this.#digest !== digest) this.#differs('the end', 'another digest')
    else if (line.end === 'crashed') this.#tell({ kind: 'stop', cause: line.cause ?? 'unknown' })
  }

  #member({ group }: Life, rank: number): ProcessId {
    if (publicKeyOf(group, rank) === undefined) this.#fail(`: ${rank} is no process of the group`)
    return rank
  }

  #tell(event: OwnEvent): void {
    const { sink } = this.#init
    if (sink === undefined || this.#life === undefined) return
    const own = { time: this.#at, process: this.#life.header.self, ...event }
    sink(own)
  }

  #differs(where: string, how: string): void {
    this.#difference = `line ${this.#count} (${where}): ${how}`
  }

  #fail(what: string, line = this.#count): never {
    throw new TraceFileError(`${this.#init.name}: line ${line}${what.startsWith(':') ? '' : ' '}${what}`)
  }
}

function describe(step: Step): string {
  switch (step.input) {
    case 'build':
      return 'the stack is built'
    case 'start':
      return 'the start'
    case 'continue':
      return 'what was written is durable'
    case 'deliver':
      return `a message from ${step.from}`
    case 'session-started':
      return `a session with ${step.peer} begins`
    case 'session-ended':
      return `the session with ${step.peer} ends`
    case 'timer':
      return `timer ${step.timer}`
    case 'disk-read':
    case 'nothing-stored':
      return `read ${step.read} of the disk`
    case 'broadcast':
      return 'a broadcast of the application'
    case 'acknowledge':
      return `the application acknowledges position ${step.position}`
    case 'read':
    case 'write':
      return `a ${step.input} of the application`
    case 'abandon':
      return `the application gives up on operation ${step.operation}`
    case 'turn-end':
      return 'the end of a turn'
  }
}
