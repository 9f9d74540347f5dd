/** From a run to what its page is given: rows, messages with their ends, states, marks. */
import { toHex } from '../core/bytes.ts'
import type { PlainValue } from '../core/trace.ts'
import { instanceTold } from '../laboratory/abstractions/index.ts'
import { HISTORY_KINDS } from '../simulator/history.ts'
import type { MessageId, TraceEvent } from '../simulator/trace-sink.ts'
import { colourOf } from './colours.ts'
import { describeEvent, describeTerm, fieldOf, Terms, typeOf, visible } from './describe.ts'
import type { DrawnRun } from './drawn-run.ts'
import type {
  JsonValue,
  PageData,
  PageEvent,
  PageMessage,
  PageMessageEnd,
  PageState,
  PageViolation
} from './page-data.ts'

type MessageEvent = Extract<TraceEvent, { kind: 'send' | 'receive' | 'lost' }>
type Writable<T> = { -readonly [K in keyof T]: T[K] }
type Message = Writable<Omit<PageMessage, 'ends'>> & { readonly ends: PageMessageEnd[] }

export function pageData(run: DrawnRun): PageData {
  const events: PageEvent[] = []
  const states: PageState[] = []
  const messages = new Messages()
  const terms = new Terms(run.groupSize ?? run.members)
  /** For each event of the trace: the row that shows it, or after which it came about. */
  const rows: number[] = []
  for (const event of run.events) {
    if (event.kind === 'state') {
      const { process, path, state } = event
      states.push({ after: events.length - 1, process, path: visible(path), state: toJson(state) })
    } else events.push(isMessage(event) ? messageRow(event, events, messages) : plainRow(event, terms))
    rows.push(events.length - 1)
  }
  const violations = placeViolations(run, rows, events)
  const types = new Set(messages.list.map(({ type }) => type))
  return {
    title: visible(run.title),
    members: run.members,
    byzantine: run.byzantine,
    events,
    messages: messages.list,
    states,
    violations,
    explanation: explain(run, rows, events),
    colours: [...types].sort().map((type) => ({ type, colour: colourOf(type) })),
    paths: sortedSet([...events.map(({ path }) => path), ...states.map(({ path }) => path)]),
    instances: listInstances(run.events)
  }
}

function plainRow(event: Exclude<TraceEvent, MessageEvent>, terms: Terms): PageEvent {
  const { time, process, kind } = event
  const term = terms.of(event)
  const text = describeTerm(event, term)
  return { time, process, kind, text, ...belongsTo(event), ...contentsOf(event), ...(term && { term }) }
}

function messageRow(event: MessageEvent, events: readonly PageEvent[], messages: Messages): PageEvent {
  const { time, process, kind } = event
  const message = messages.add(event, events.length)
  const row = { time, process, kind, text: describeEvent(event), message }
  if (event.kind !== 'lost') return { ...row, ...belongsTo(event) }
  // The network tells no more than the number of what it lost.
  const { send, type } = messages.list[message]!
  const { path, instances } = events[send] ?? {}
  const what = type === '' ? 'a message' : type
  return {
    ...row,
    text: visible(`p${process} will not receive ${what} of p${event.from}: ${event.reason}`),
    contents: { reason: visible(event.reason) },
    ...(path === undefined ? {} : { path }),
    ...(instances === undefined ? {} : { instances })
  }
}

function belongsTo(event: TraceEvent): Pick<PageEvent, 'path' | 'instances'> {
  const instances = instancesOf(event)
  return {
    ...('path' in event ? { path: visible(event.path) } : {}),
    ...(instances.length > 0 ? { instances } : {})
  }
}

const isMessage = (event: TraceEvent): event is MessageEvent =>
  event.kind === 'send' || event.kind === 'receive' || event.kind === 'lost'

class Messages {
  readonly list: Message[] = []
  readonly #byId = new Map<MessageId, number>()

  /** The place of the event's message. */
  add(event: MessageEvent, index: number): number {
    let place = this.#byId.get(event.id)
    if (place === undefined) {
      place = this.list.length
      this.list.push(newMessage(event))
      this.#byId.set(event.id, place)
    }
    const message = this.list[place]!
    if (event.kind === 'send') message.send = index
    else if (event.kind === 'lost') message.ends.push({ event: index, how: 'lost' })
    else {
      const again = message.ends.some(({ how }) => how === 'received')
      message.ends.push({ event: index, how: again ? 'duplicate' : 'received' })
    }
    return place
  }
}

function newMessage(event: MessageEvent): Message {
  const { process } = event
  const [from, to] = event.kind === 'send' ? [process, event.to] : [event.from, process]
  if (event.kind === 'lost') return { from, to, type: '', path: '', contents: null, send: -1, ends: [] }
  const { path, message } = event
  return {
    from,
    to,
    type: typeOf(message),
    path: visible(path),
    contents: toJson(message),
    send: -1,
    ends: []
  }
}

/** All that the event says, without what its row says already. */
function contentsOf(event: TraceEvent): Pick<PageEvent, 'contents'> {
  const fields = Object.entries(event as { readonly [name: string]: unknown }).filter(
    ([name, value]) => !['time', 'process', 'kind', 'path'].includes(name) && value !== undefined
  )
  if (fields.length === 0) return {}
  return { contents: toJson(Object.fromEntries(fields) as PlainValue) as { [name: string]: JsonValue } }
}

/**
 * The broadcasts that an event may belong to. A message that names no sender is from the sender or to it; which of
 * the two only its protocol knows.
 */
function instancesOf(event: TraceEvent): readonly string[] {
  const certain = instanceOf(event)
  if (certain !== undefined) return [certain]
  if (event.kind !== 'send' && event.kind !== 'receive') return []
  const sequence = fieldOf(event.message, 'sequence')
  if (typeof sequence !== 'number') return []
  const other = event.kind === 'send' ? event.to : event.from
  return sortedSet([`${event.process}/${sequence}`, `${other}/${sequence}`])
}

function instanceOf(event: TraceEvent): string | undefined {
  switch (event.kind) {
    case 'invoke':
    case 'return':
    case 'indicate': {
      const instance = instanceTold(event)
      return instance && `${instance.sender}/${instance.sequence}`
    }
    case 'send':
    case 'receive': {
      const sender = fieldOf(event.message, 'sender')
      const sequence = fieldOf(event.message, 'sequence')
      return typeof sender === 'number' && typeof sequence === 'number' ? `${sender}/${sequence}` : undefined
    }
    default:
      return undefined
  }
}

function listInstances(events: readonly TraceEvent[]): readonly string[] {
  const named = sortedSet(events.map(instanceOf))
  const key = (name: string) => name.split('/').map(Number) as [number, number]
  return [...named].sort((a, b) => key(a)[0] - key(b)[0] || key(a)[1] - key(b)[1])
}

/** A violation names an event of the history, which is a part of the trace; what never came is missed at the end. */
function placeViolations(run: DrawnRun, rows: readonly number[], events: PageEvent[]): PageViolation[] {
  const history = run.events.flatMap(({ kind }, index) =>
    HISTORY_KINDS.has(kind) ? [rows[index] ?? -1] : []
  )
  const missed = run.violations.filter(({ at }) => history[at] === undefined)
  if (missed.length > 0) {
    const text = `the run ends: ${missed.map(({ detail }) => detail).join('; ')}`
    events.push({ time: run.events.at(-1)?.time ?? 0, process: -1, kind: 'end', text: visible(text) })
  }
  return run.violations.map(({ property, detail, at }) => ({
    property: visible(property),
    detail: visible(detail),
    event: history[at] ?? events.length - 1
  }))
}

function explain(run: DrawnRun, rows: readonly number[], events: readonly PageEvent[]) {
  const sentences: { event: number; sentence: string }[] = []
  for (const index of run.explanation) {
    const row = rows[index]
    const event = run.events[index]
    if (event === undefined || row === undefined || events[row] === undefined) continue
    const sentence = event.kind === 'state' ? describeEvent(event) : events[row].text
    sentences.push({ event: row, sentence })
  }
  return sentences
}

function sortedSet(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.filter((value) => value !== undefined))].sort()
}

/** As `embedJson` will write it, and with names and texts that can be shown. */
function toJson(value: PlainValue): JsonValue {
  if (value instanceof Uint8Array) return { hex: toHex(value) }
  if (typeof value === 'string') return visible(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toJson)
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([name, inner]) => [visible(name), toJson(inner)])
  )
}
