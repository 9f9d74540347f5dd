/**
 * The properties of point-to-point links, judged over the history of a run (CGR11 Modules 2.2 to 2.5, and 2.11). A
 * message is told from others of its pair by its bytes: no two are alike.
 */
import { toHex } from '../core/bytes.ts'
import { nameOf, type ProcessId } from '../core/group.ts'
import { linkService } from '../links/service.ts'
import type { History, HistoryEvent } from '../simulator/history.ts'
import { ACCURACY, checkAccuracy } from './accuracy.ts'
import { downAtEnd } from './down.ts'
import type { Judged, Properties } from './property.ts'
import type { Violation } from './violation.ts'

export const LINK_PROPERTIES = {
  'stubborn delivery': {
    kind: 'liveness',
    sentence: 'what a correct process sends to a correct one is delivered there, at least once'
  },
  'reliable delivery': {
    kind: 'liveness',
    sentence: 'what a correct process sends to a correct one is delivered there in the end'
  },
  'no duplication': { kind: 'safety', sentence: 'no message is delivered more than once' },
  'no creation': { kind: 'safety', sentence: 'what is delivered from a process, that process sent before' },
  authenticity: {
    kind: 'safety',
    sentence: 'what is delivered from a correct process, that process sent, to this one'
  },
  'FIFO delivery': { kind: 'safety', sentence: 'what one process sends another is delivered in that order' },
  accuracy: ACCURACY
} as const satisfies Properties

/** A message, where it is sent or delivered. */
export interface LinkMessage {
  readonly from: ProcessId
  readonly to: ProcessId
  /** In hexadecimal. */
  readonly message: string
}

/** What a process sends there; undefined of another event. */
export function sentBy(event: HistoryEvent): LinkMessage | undefined {
  if (event.kind !== 'invoke' || event.service !== linkService.name) return undefined
  const { to, message } = event.arguments
  if (typeof to !== 'number' || !(message instanceof Uint8Array)) return undefined
  return { from: event.process, to, message: toHex(message) }
}

/** What is delivered to a process there; undefined of another event. */
export function deliveredTo(event: HistoryEvent): LinkMessage | undefined {
  if (event.kind !== 'indicate' || event.service !== linkService.name) return undefined
  const { from, message } = event.values
  if (typeof from !== 'number' || !(message instanceof Uint8Array)) return undefined
  return { from, to: event.process, message: toHex(message) }
}

/** What was sent from one process to another, in order, and how much of it was delivered. */
interface Pair {
  readonly sent: string[]
  readonly delivered: Set<string>
  /** Place, among those sent, of the latest that was delivered. */
  last: number
}

export function checkLinks(history: History, properties: readonly string[]): readonly Violation[] {
  const { events, correct, complete } = history
  const pairs = new Map<string, Pair>()
  const pairOf = ({ from, to }: LinkMessage): Pair => {
    const name = `${from}/${to}`
    const pair = pairs.get(name) ?? { sent: [], delivered: new Set(), last: -1 }
    pairs.set(name, pair)
    return pair
  }
  const violations: Violation[] = properties.includes('accuracy') ? checkAccuracy(history) : []
  events.forEach((event, at) => {
    if (!correct.includes(event.process)) return
    const sent = sentBy(event)
    if (sent !== undefined) pairOf(sent).sent.push(sent.message)
    const delivered = deliveredTo(event)
    if (delivered === undefined || !correct.includes(delivered.from)) return
    const pair = pairOf(delivered)
    const { from, to, message } = delivered
    const add = (property: string, why: string) => {
      const detail = `${nameOf(history, to)} delivered ${message} from ${nameOf(history, from)}, ${why}`
      violations.push({ property, detail, at })
    }
    const place = pair.sent.indexOf(message)
    for (const property of place < 0 ? ['no creation', 'authenticity'] : [])
      add(property, 'which had not sent it there')
    if (pair.delivered.has(message)) add('no duplication', 'again')
    else if (place >= 0 && place !== pair.last + 1)
      add(
        'FIFO delivery',
        place > pair.last ? 'and not yet what was sent before it' : 'after what was sent later'
      )
    pair.last = Math.max(pair.last, place)
    pair.delivered.add(message)
  })
  const down = downAtEnd(events)
  for (const [name, { sent, delivered }] of complete ? pairs : []) {
    const [from = 0, to = 0] = name.split('/').map(Number)
    if (down.has(from) || down.has(to) || !correct.includes(to)) continue
    for (const message of sent.filter((one) => !delivered.has(one)))
      for (const property of ['stubborn delivery', 'reliable delivery']) {
        const detail = `${nameOf(history, from)} sent ${message}, and ${nameOf(history, to)} never delivered it`
        violations.push({ property, detail, at: events.length })
      }
  }
  return violations.filter(({ property }) => properties.includes(property)).sort((a, b) => a.at - b.at)
}

export const judgedLinks: Judged = { properties: LINK_PROPERTIES, check: checkLinks }
