/**
 * The properties of a replicated machine, judged over the history of a run. The order is told by who executes, so that
 * each is judged in one pass: what members executed is merged into one log, and what was asked for, and returned, is
 * held against it.
 */
import { sameBytes, toHex } from '../core/bytes.ts'
import { nameOf, type ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Executed } from '../replication/replica.ts'
import type { ClosedSession } from '../replication/replica-client.ts'
import type { CommandOutcome } from '../replication/replies.ts'
import { replicaService } from '../replication/service.ts'
import type { StateMachine } from '../replication/state-machine.ts'
import type { History, HistoryEvent } from '../simulator/history.ts'
import type { ReplicaStack } from '../stacks/stack.ts'
import { ACCURACY, checkAccuracy } from './accuracy.ts'
import { WITNESSED_PROPERTIES } from './agreement/witness.ts'
import { downAtEnd } from './down.ts'
import type { Judged, Properties } from './property.ts'
import type { Violation } from './violation.ts'
import { firstWrong, isBefore, outcomeText, type Place, placeText, type Witnessed } from './witness.ts'

export const REPLICA_PROPERTIES = {
  termination: {
    kind: 'liveness',
    sentence: 'what a correct process submits returns, and every correct member executes it'
  },
  agreement: { kind: 'safety', sentence: 'no two correct members execute different batches at one number' },
  order: {
    kind: 'safety',
    sentence: 'every correct member executes 1, 2, 3, ... without a hole but before a state that it installs'
  },
  validity: {
    kind: 'safety',
    sentence: 'a command of a correct process that is executed was submitted by it'
  },
  'exactly once': { kind: 'safety', sentence: 'no command is executed at two places' },
  results: { kind: 'safety', sentence: 'a command has one result, and equal numbers have equal states' },
  'real time': {
    kind: 'safety',
    sentence: 'what was submitted after something had returned is executed after it'
  },
  ...WITNESSED_PROPERTIES,
  accuracy: ACCURACY
} as const satisfies Properties

interface Batch {
  readonly sequence: number
  readonly batch: Uint8Array
  readonly commands: readonly Executed[]
}

type Named = { readonly name: string; readonly values: { readonly [name: string]: PlainValue } }

/** What a member tells of itself there; undefined of another event. */
export const toldBy = (event: HistoryEvent): Named | undefined =>
  event.kind === 'indicate' && event.service === replicaService.name ? event : undefined

/** What a member executed there; undefined of another event. */
export function executedAt(event: HistoryEvent): Batch | undefined {
  const told = toldBy(event)
  if (told?.name !== 'execute') return undefined
  const { sequence, batch, commands } = told.values
  return {
    sequence: Number(sequence),
    batch: batch as Uint8Array,
    commands: commands as readonly Executed[]
  }
}

/** The first that was said of a thing, and by whom. */
interface Said<T> {
  readonly by: ProcessId
  readonly what: T
}

/** What says that the command was executed; and that it was not, and never is. */
const EXECUTED: ReadonlySet<string> = new Set<CommandOutcome['kind']>(['result', 'error'])
const REFUSED: ReadonlySet<string> = new Set<CommandOutcome['kind']>(['busy', 'closed'])

/** A command that was submitted. */
interface Submitted {
  readonly process: ProcessId
  readonly number: number
  readonly command: string
  /** The highest place of all that had returned before. */
  readonly after: Place | undefined
  returned: boolean
  /** It will return, and when it has, all execute it. */
  isOpen: boolean
  /** It was said to be refused, so. */
  refused?: string
}

class Judge {
  readonly violations: Violation[] = []
  readonly #history: History
  readonly #batches = new Map<number, Said<Uint8Array>>()
  readonly #states = new Map<number, Said<Uint8Array>>()
  /** By client, session and number. */
  readonly #places = new Map<string, Said<Witnessed>>()
  /** Commands that were submitted, by process and bytes: no two are alike. */
  readonly #submitted = new Map<string, Submitted>()
  /** By process and bytes. */
  readonly #known = new Map<string, Witnessed>()
  readonly #executed = new Map<ProcessId, number>()
  readonly #executedBy = new Map<string, Set<ProcessId>>()
  /** Up to where the states reach that members have gone on from. */
  readonly #installed = new Map<ProcessId, number>()
  /** Closes that have not returned, by process and number. */
  readonly #closing = new Map<string, ProcessId>()
  /** Sessions that have ended at the wish of their process, by that and their number. */
  readonly #closed = new Set<string>()
  /** Of all that has returned. */
  #highest: Place | undefined

  constructor(history: History) {
    this.#history = history
  }

  see(event: HistoryEvent, at: number): void {
    const { process } = event
    if (event.kind === 'crash' || event.kind === 'stop') {
      // What a crash interrupts has no answer.
      for (const one of this.#submitted.values()) if (one.process === process) one.isOpen = false
      for (const [name, of] of this.#closing) if (of === process) this.#closing.delete(name)
      return
    }
    const batch = executedAt(event)
    const told = toldBy(event)
    if (batch !== undefined) this.#execute(process, batch, at)
    else if (told?.name === 'checkpoint' || told?.name === 'stable')
      this.#state(process, Number(told.values.sequence), told.values.state as Uint8Array, at)
    else if (told?.name === 'install')
      this.#install(process, Number(told.values.sequence), told.values.state as Uint8Array, at)
    else if (event.kind === 'invoke' && event.service === replicaService.name) this.#invoke(event)
    else if (event.kind === 'return' && event.service === replicaService.name) {
      if (event.name === 'closeSession') this.#close(process, event.number, event.result as ClosedSession)
      else this.#return(process, event.number, event.result as CommandOutcome, at)
    }
  }

  /** The witness gives the results that were told. */
  replay(machine: StateMachine, at: number): void {
    const wrong = firstWrong(
      machine,
      [...this.#places.values()].map(({ what }) => what)
    )
    if (wrong === undefined) return
    const { command, right } = wrong
    const told = `${outcomeText(command.executed)}, where the machine gives ${outcomeText(right)}`
    this.#add('results', `the command at ${placeText(command)} was executed with ${told}`, at)
  }

  end(at: number): void {
    const { correct, n, events } = this.#history
    const down = downAtEnd(events)
    const up = correct.filter((process) => process < n && !down.has(process))
    for (const [name, process] of this.#closing)
      this.#add(
        'termination',
        `close ${name.split('/')[1]} of ${nameOf(this.#history, process)} never returned`,
        at
      )
    for (const { process, number, command, returned, isOpen } of this.#submitted.values()) {
      if (!isOpen && !returned) continue
      const who = nameOf(this.#history, process)
      if (!returned) this.#add('termination', `command ${number} of ${who} never returned`, at)
      for (const member of returned ? up : [])
        if (!this.#hasExecuted(member, `${process}/${command}`))
          this.#add(
            'termination',
            `${nameOf(this.#history, member)} never executed command ${number} of ${who}`,
            at
          )
    }
  }

  #invoke({ process, name, number, arguments: given }: Extract<HistoryEvent, { kind: 'invoke' }>): void {
    if (name === 'closeSession') {
      this.#closing.set(`${process}/${number}`, process)
      return
    }
    const command = toHex(given.command as Uint8Array)
    const one = { process, number, command, after: this.#highest, returned: false, isOpen: true }
    this.#submitted.set(`${process}/${command}`, one)
  }

  #close(process: ProcessId, number: number, { session }: ClosedSession): void {
    this.#closing.delete(`${process}/${number}`)
    this.#closed.add(`${process}/${session}`)
  }

  #execute(process: ProcessId, { sequence, batch, commands }: Batch, at: number): void {
    const who = nameOf(this.#history, process)
    const last = this.#executed.get(process) ?? 0
    // A member that restarts goes on from a state that it had, and executes again what came after it.
    if (sequence > last + 1) this.#add('order', `${who} executed ${sequence} after ${last}`, at)
    this.#executed.set(process, sequence)
    const first = this.#batches.get(sequence)
    if (first === undefined) this.#batches.set(sequence, { by: process, what: batch })
    else if (!sameBytes(first.what, batch)) {
      const others = nameOf(this.#history, first.by)
      this.#add('agreement', `${who} executed another batch at ${sequence} than ${others}`, at)
    }
    for (const executed of commands)
      this.#command(process, { sequence, index: executed.index, batch, executed }, at)
  }

  #command(process: ProcessId, witnessed: Witnessed, at: number): void {
    const { executed } = witnessed
    const { client, process: of, session, number, command } = executed
    const { correct } = this.#history
    const who = nameOf(this.#history, process)
    const whose = of === null ? toHex(client) : nameOf(this.#history, of)
    const what = `command ${number} of session ${session} of ${whose}`
    const bytes = `${of}/${toHex(command)}`
    const name = `${toHex(client)}/${session}/${number}`
    const first = this.#places.get(name)
    if (first === undefined) {
      this.#places.set(name, { by: process, what: witnessed })
      // Who says that it is closed has executed all that came before.
      if (this.#closed.has(`${of}/${session}`))
        this.#add('results', `${who} executed ${what}, which had been closed`, at)
    } else {
      const [here, there] = [witnessed, first.what].map(placeText)
      if (here !== there) this.#add('exactly once', `${who} executed ${what} at ${here}, and at ${there}`, at)
      const [own, others] = [executed, first.what.executed].map(outcomeText)
      if (own !== others) this.#add('results', `${who} has ${own} for ${what}, and others ${others}`, at)
    }
    this.#known.set(bytes, witnessed)
    this.#executedBy.set(bytes, (this.#executedBy.get(bytes) ?? new Set()).add(process))
    if (of === null || !correct.includes(of)) return
    const submitted = this.#submitted.get(bytes)
    if (submitted === undefined)
      this.#add('validity', `${who} executed ${what}, which it had not submitted`, at)
    else if (submitted.refused !== undefined)
      this.#add('results', `${who} executed ${what}, and it had returned ${submitted.refused}`, at)
    else if (submitted.after !== undefined && !isBefore(submitted.after, witnessed)) {
      const [here, before] = [witnessed, submitted.after].map(placeText)
      this.#add('real time', `${what} is at ${here}, and ${before} had returned before it began`, at)
    }
  }

  /** It need not execute what has come to the state that it installs; and has the state of those who have. */
  #install(process: ProcessId, sequence: number, state: Uint8Array, at: number): void {
    this.#executed.set(process, sequence)
    this.#installed.set(process, Math.max(sequence, this.#installed.get(process) ?? 0))
    this.#state(process, sequence, state, at)
  }

  #hasExecuted(member: ProcessId, command: string): boolean {
    const place = this.#known.get(command)
    const isInState = place !== undefined && place.sequence <= (this.#installed.get(member) ?? 0)
    return isInState || this.#executedBy.get(command)?.has(member) === true
  }

  #return(process: ProcessId, number: number, reply: CommandOutcome, at: number): void {
    const submitted = [...this.#submitted.values()].find(
      (one) => one.process === process && one.number === number
    )
    if (submitted === undefined) return
    const isExecuted = EXECUTED.has(reply.kind)
    // Nobody says of a command whose session was lost whether it was executed.
    submitted.isOpen = false
    submitted.returned = isExecuted
    if (reply.kind === 'no-session') return
    const known = this.#known.get(`${process}/${submitted.command}`)
    if (REFUSED.has(reply.kind) && known === undefined) submitted.refused = reply.kind
    if (known !== undefined && (this.#highest === undefined || isBefore(this.#highest, known)))
      this.#highest = known
    const outcome = outcomeText(reply)
    if (known === undefined ? !isExecuted : outcomeText(known.executed) === outcome) return
    const who = nameOf(this.#history, process)
    const executed =
      known === undefined ? 'it was not executed' : `it was executed with ${outcomeText(known.executed)}`
    const detail = `command ${number} of ${who} returned ${outcome}, and ${executed}`
    this.#add('results', detail, at)
  }

  #state(process: ProcessId, sequence: number, state: Uint8Array, at: number): void {
    const first = this.#states.get(sequence)
    if (first === undefined) this.#states.set(sequence, { by: process, what: state })
    else if (!sameBytes(first.what, state)) {
      const names = [process, first.by].map((one) => nameOf(this.#history, one))
      this.#add('results', `${names[0]} has another state after ${sequence} than ${names[1]}`, at)
    }
  }

  #add(property: string, detail: string, at: number): void {
    this.violations.push({ property, detail, at })
  }
}

export function checkReplicas(
  history: History,
  properties: readonly string[],
  { machine }: Pick<ReplicaStack, 'machine'>
): readonly Violation[] {
  const { events, correct, complete, breaches = [] } = history
  const judge = new Judge(history)
  events.forEach((event, at) => {
    if (correct.includes(event.process)) judge.see(event, at)
  })
  judge.replay(machine(), events.length)
  if (complete) judge.end(events.length)
  return [...judge.violations, ...breaches, ...checkAccuracy(history)]
    .filter(({ property }) => properties.includes(property))
    .sort((a, b) => a.at - b.at)
}

export const judgedReplicas: Judged<ReplicaStack> = { properties: REPLICA_PROPERTIES, check: checkReplicas }
