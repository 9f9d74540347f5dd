/**
 * Replays the recording of a member, line by line: builds its stack again, feeds it what it was fed, and compares all
 * that it does with what it did. The private key is not needed. Space: what the stack itself holds.
 */

import { withStorage } from '../catalogue/with-storage.ts'
import { fromHex } from '../core/bytes.ts'
import { createGroup, type Group, type ProcessId, publicKeyOf } from '../core/group.ts'
import { named } from '../core/service.ts'
import type { CarrierIndications } from '../links/carrier.ts'
import { describeObservations, Observed } from '../recording/observed.ts'
import { RecordedServices, recordedApplication, type Witness } from '../recording/recorded-services.ts'
import type { Input, RecordedStep, RecordingEnd, RecordingHeader } from '../recording/recording-format.ts'
import { contentOf } from '../simulator/message-log.ts'
import type { TraceEvent, TraceSink } from '../simulator/trace-sink.ts'
import { type BuiltStack, buildStack, careless, type StackInit } from '../stacks/build.ts'
import type { AnyApplication, Services, Stack, StackInstance } from '../stacks/stack.ts'
import { describeStep, type RecordingLine, readRecordingLine } from './member-recording.ts'
import { Difference, type PublicCrypto, publicCrypto, ReplayedProcess } from './replayed-process.ts'
import { isKnown, requireStack } from './run-config.ts'
import { TraceFileError } from './trace-error.ts'

export interface ReplayInit {
  /** How errors name the file. */
  readonly name: string
  readonly sink?: TraceSink
  /** What the member ran, where that is somebody's own; of byzkit's own stacks the recording says it. */
  readonly stack?: Stack
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
  readonly protocol: AnyBuilt
  readonly group: Group
  readonly process: ReplayedProcess
  readonly observed: Observed
  /** When it began, microseconds of its own clock. */
  start: number | undefined
  /** Once it is built. */
  stack: (BuiltStack<StackInstance> & { readonly indications: CarrierIndications }) | undefined
  /** What it offers, asked for as it was then. */
  offered: RecordedServices<Services> | undefined
}

/** A stack, built for whichever application. */
type AnyBuilt = StackInit<AnyApplication, StackInstance>['stack']

const nothing = () => {}

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
      life.observed.line(line)
      life.process.store(line.stored, fromHex(line.value))
      return
    }
    life.start ??= line.at
    this.#at = line.at - life.start
    if ('end' in line) this.#end(life, line)
    else this.#step(life, line)
  }

  #begin(header: RecordingHeader): Life {
    const stack = this.#stackOf(header)
    const protocol: AnyBuilt = header.registers ? withStorage(stack) : stack
    const { epoch, f, id } = header.group
    const [publicKeys, clients] = [header.group.publicKeys, header.group.clients].map((keys) =>
      keys.map(fromHex)
    ) as [Uint8Array[], Uint8Array[]]
    const group = createGroup({ id: fromHex(id), epoch, f, publicKeys, clients })
    const crypto = (this.#init.crypto ?? publicCrypto)(group)
    const observed = new Observed(crypto.hash)
    observed.line(header)
    const process = new ReplayedProcess({
      header,
      group,
      crypto,
      observed,
      observer: {
        tracing: this.#init.sink !== undefined,
        // Messages are told when they leave, and as they arrive.
        event: (event) => {
          if (event.kind !== 'send' && event.kind !== 'receive') this.#tell(event)
        },
        fault: (fault) => {
          observed.named(fault)
          this.#tell({ kind: 'fault', fault })
        },
        landmark: (name) => {
          observed.reached(name)
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
      observed,
      start: undefined,
      stack: undefined,
      offered: undefined
    }
  }

  #stackOf({ stack: name }: RecordingHeader): Stack {
    const { stack, name: file } = this.#init
    if (stack !== undefined && stack.name !== name)
      throw new TraceFileError(`${file}: its member ran ${name}, and not ${stack.name}`)
    if (stack === undefined && !isKnown(name))
      throw new TraceFileError(
        `${file}: its member ran ${name}, which is no protocol of byzkit: --protocol FILE says how it runs`
      )
    return stack ?? requireStack(name)
  }

  #step(life: Life, { did = '', digest, ...step }: RecordedStep): void {
    this.#steps++
    const { process, observed } = life
    try {
      process.expect(step.readings ?? [])
      this.#attempt(life, () => this.#feed(life, step))
      for (const kind of step.ran ?? '') this.#attempt(life, () => process.run(kind === 'e' ? 'e' : 'f'))
      process.requireAllRead()
    } catch (error) {
      if (!(error instanceof Difference)) throw error
      this.#differs(describeStep(step), error.message)
      return
    }
    const check = observed.check(step)
    this.#digest = check.digest
    if (check.digest === digest && (check.did ?? '') === did) return
    const here = describeObservations(check.did ?? '')
    const then = describeObservations(did)
    this.#differs(
      describeStep(step),
      here === then ? `the same in kind (${here}), not in content` : `here ${here}; recorded ${then}`
    )
  }

  /** What a handler throws was for whoever called it then: the application, or the process, which stopped by it. */
  #attempt({ observed }: Life, handler: () => void): void {
    try {
      handler()
    } catch (error) {
      if (error instanceof Difference || error instanceof TraceFileError) throw error
      observed.threw(error)
    }
  }

  #feed(life: Life, step: Input): void {
    if (step.input === 'build') {
      if (life.stack !== undefined) this.#fail('builds the stack a second time')
      life.stack = this.#build(life)
      const { services } = life.stack.instance
      const again = <T>(_: Input, handler: () => T) => handler()
      const declared = life.protocol.services
      life.offered = new RecordedServices(services, declared, again, this.#witness(life))
      return
    }
    const { stack, process, offered } = life
    if (stack === undefined) this.#fail('comes before the stack is built')
    const { instance, indications, openPorts } = stack
    switch (step.input) {
      case 'start':
        if (!life.header.fresh) this.#tell({ kind: 'restart' })
        instance.restore()
        break
      case 'continue':
        break
      case 'receive': {
        const from = this.#member(life, step.from)
        const message = fromHex(step.message)
        this.#tell({ kind: 'receive', id: ++this.#messages, from, ...contentOf(openPorts, message) })
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
      case 'request':
        this.#require(offered?.request(step))
        break
      case 'abandon':
        this.#require(offered?.abandon(step.operation))
        break
      case 'turn-end':
        process.endTurn(step.flush)
    }
  }

  #require(problem: string | undefined): void {
    if (problem !== undefined) this.#fail(problem)
  }

  /** What passes between the stack and its application: as an observation, and for people. */
  #witness({ observed, protocol }: Life): Witness {
    return {
      asked: (operation, values, answer) => {
        observed.asked(operation, values, answer)
        this.#tell({
          kind: 'invoke',
          ...operation,
          arguments: values,
          ...(answer !== undefined && { answer })
        })
      },
      returned: (operation, result) => {
        observed.returned(operation, result)
        this.#tell({ kind: 'return', ...operation, result })
      },
      indicated: (name, told) => {
        observed.indicated(name, told)
        for (const { name: service, indications } of protocol.services) {
          const fields = indications[name]
          // What tells no values is for the application alone: that it may go on.
          if (fields === undefined || Object.keys(fields).length === 0) continue
          this.#tell({ kind: 'indicate', service, name, values: named(fields, told) })
        }
      }
    }
  }

  #build(life: Life): NonNullable<Life['stack']> {
    const { header, protocol, process, observed } = life
    const witness = this.#witness(life)
    const stack: BuiltStack<StackInstance> = buildStack({
      env: process.env,
      stack: protocol,
      options: header.options,
      application: recordedApplication(careless(protocol.services, nothing, nothing), witness)
    })
    stack.attach({
      send: (to, message) => {
        observed.sent(to, message)
        this.#tell({ kind: 'send', id: ++this.#messages, to, ...contentOf(stack.openPorts, message) })
      }
    })
    return stack
  }

  #end({ observed }: Life, { did: _, digest, ...line }: RecordingEnd): void {
    this.#ending = line.end
    this.#digest = observed.check(line).digest
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
