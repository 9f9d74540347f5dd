/** One line about an event, for people. Whatever a run brings along is shown visibly: nothing in it can act. */
import { toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Term } from '../laboratory/abstractions/abstraction.ts'
import { describeTold, termTold } from '../laboratory/abstractions/index.ts'
import type { HistoryEvent } from '../simulator/history.ts'
import type { TraceEvent } from '../simulator/trace-sink.ts'

type ServiceEvent = Extract<HistoryEvent, { readonly service: string }>

/** Longer texts are cut in the middle: what a liar changes may be at either end. */
const BYTES_SHOWN_MAX = 6
const READABLE_CHARACTERS_MAX = 32
/** Of one value within a line: a list of a thousand bases says no more than its beginning. */
const VALUE_CHARACTERS_MAX = 120

/** @param byzantine - they are marked as in the lanes: p3! */
export function describeEvent(event: TraceEvent, byzantine: readonly ProcessId[] = []): string {
  const name = (id: ProcessId) => `p${id}${byzantine.includes(id) ? '!' : ''}`
  return visible(`${name(event.process)} ${predicate(event, name)}`)
}

/** As {@link describeEvent}, with who leads from there on, if a term begins there. */
export function describeTerm(event: TraceEvent, term: Term | undefined): string {
  const told = describeEvent(event)
  return term === undefined ? told : visible(`${told} (led by p${term.leader})`)
}

/** Finds the terms that begin in the events of a run, given in their order; and whether each is a new one. */
export class Terms {
  readonly #n: number
  readonly #begun = new Set<string>()

  /** @param n - members of the group */
  constructor(n: number) {
    this.#n = n
  }

  of(event: TraceEvent): (Term & { readonly isFirst: boolean }) | undefined {
    const term = event.kind === 'indicate' ? termTold(event, this.#n) : undefined
    if (term === undefined) return undefined
    const isFirst = !this.#begun.has(term.name)
    this.#begun.add(term.name)
    return { ...term, name: visible(term.name), isFirst }
  }
}

function predicate(event: TraceEvent, name: (id: ProcessId) => string): string {
  switch (event.kind) {
    case 'send':
      return `→ ${name(event.to)}  ${describeMessage(event.message)}`
    case 'receive':
      return `← ${name(event.from)}  ${describeMessage(event.message)}`
    case 'lost':
      return `will not receive a message of ${name(event.from)}: ${event.reason}`
    case 'frame':
      return `→ ${name(event.to)}  the network has a frame ${event.change}`
    case 'request':
    case 'indication':
      return `${event.path}.${event.name}(${event.args.map(describeValue).join(', ')})`
    case 'timer':
      return event.change === 'set'
        ? `sets timer ${event.timer} to ${event.delayMs} ms`
        : `timer ${event.timer} fires after ${event.delayMs} ms`
    case 'session': {
      const reason = event.reason === undefined ? '' : `: ${event.reason}`
      return `session with ${name(event.peer)} ${event.change}${reason}`
    }
    case 'state':
      return `${event.path} is now ${describeValue(event.state)}`
    case 'landmark':
      return `reaches ${event.name}`
    case 'resume':
      return `goes on with ${event.number}`
    case 'invoke':
    case 'return':
    case 'indicate':
      return describeTold(event, describeValue) ?? plainly(event)
    case 'crash':
      return 'crashes'
    case 'restart':
      return 'restarts'
    case 'stop':
      return `stops: ${event.cause}`
    case 'fault': {
      const { process, kind, certainty, detail } = event.fault
      return `names ${name(process)} ${certainty} of ${kind}: ${detail}`
    }
  }
}

/** What a service tells that nobody has words for. */
function plainly(event: ServiceEvent): string {
  const what = `${event.service}.${event.name}`
  if (event.kind === 'indicate') return `is told ${what} ${describeValue(event.values)}`
  if (event.kind === 'return') return `returns from ${event.number}, ${what}: ${describeValue(event.result)}`
  return `invokes ${event.number}: ${what} ${describeValue(event.arguments)}`
}

/** The type of a message, or '' for what has none. */
export function typeOf(message: PlainValue): string {
  const type = fieldOf(message, 'type')
  return typeof type === 'string' ? visible(type) : ''
}

export function fieldOf(message: PlainValue, name: string): PlainValue | undefined {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return undefined
  if (message instanceof Uint8Array || !Object.hasOwn(message, name)) return undefined
  return (message as { readonly [name: string]: PlainValue })[name]
}

export function describeMessage(message: PlainValue): string {
  const type = typeOf(message)
  if (type === '') return describeValue(message)
  const fields = Object.entries(message as { readonly [name: string]: PlainValue })
    .filter(([name]) => name !== 'type')
    .map(([name, value]) => `${name} ${describeValue(value)}`)
  return `${type} ${fields.join(', ')}`.trim()
}

function describeValue(value: PlainValue): string {
  if (value instanceof Uint8Array) return describeBytes(value)
  const json = JSON.stringify(value, (_, inner: unknown) =>
    inner instanceof Uint8Array ? describeBytes(inner) : inner
  )
  return json.length <= VALUE_CHARACTERS_MAX ? json : `${json.slice(0, VALUE_CHARACTERS_MAX)}…`
}

/** As text where it is one, since many payloads in examples are. */
function describeBytes(bytes: Uint8Array): string {
  if (bytes.length >= 3 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    const text = String.fromCharCode(...bytes.subarray(0, READABLE_CHARACTERS_MAX))
    return bytes.length <= READABLE_CHARACTERS_MAX ? `"${text}"` : `"${text}…"`
  }
  if (bytes.length <= BYTES_SHOWN_MAX) return toHex(bytes)
  return `${toHex(bytes.subarray(0, 3))}..${toHex(bytes.subarray(-3))}`
}

/** Characters that cannot be seen, end a line, or reorder what stands around them, as their numbers. */
export function visible(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`
  )
}
