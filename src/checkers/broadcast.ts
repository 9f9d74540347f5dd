/**
 * The properties of broadcast, judged over a history (CGR11 Modules 3.1 and 3.11 to 3.14). Safety and accuracy are
 * judged on every event; that something never came only where the run went on long enough after its faults had ended.
 *
 * A gap excuses who skips from delivering, if it is one (gaps.ts). One that is none is a delivery that never comes:
 * validity is violated, totality where the sender is Byzantine, and a stream has a hole.
 */
import { sameBytes, toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { History } from '../simulator/history.ts'
import { ACCURACY, checkAccuracy } from './accuracy.ts'
import { type BroadcastEvent, type BroadcastHistory, broadcastHistory } from './broadcast-history.ts'
import { downAtEnd } from './down.ts'
import { type JudgedGap, judgeGaps } from './gaps.ts'
import { settledTwice } from './positions.ts'
import type { Judged, Properties } from './property.ts'
import type { Violation } from './violation.ts'

type Deliver = Extract<BroadcastEvent, { kind: 'deliver' }>

/** A broadcast of a correct member. */
interface Begun {
  readonly at: number
  readonly payload: Uint8Array
  /** The number and the payload are durable: nothing else is ever broadcast there. */
  accepted: boolean
}

/** What the checkers look up again and again. */
interface Facts {
  /** As it was told, and as that of a broadcast. */
  readonly told: History
  readonly history: BroadcastHistory
  readonly isCorrect: (process: ProcessId) => boolean
  /** Who did not crash for good: of the others nothing has to come, and nothing that they alone knew. */
  readonly lasting: readonly ProcessId[]
  /** What correct members began to broadcast, by instance: more than once where a crash lost the first. */
  readonly broadcasts: ReadonlyMap<string, readonly Begun[]>
  /** Instances that a crash cannot lose any more. */
  readonly accepted: ReadonlySet<string>
  /** Deliveries at correct members, with their index. */
  readonly deliveries: readonly (readonly [index: number, deliver: Deliver])[]
  /** `process/sender/sequence` of each of them. */
  readonly delivered: ReadonlySet<string>
  /** Of correct members. */
  readonly gaps: readonly JudgedGap[]
  /** In any gap: one that is no excuse is told by itself. */
  readonly inGap: (process: ProcessId, sender: ProcessId, sequence: number) => boolean
}

type Checker = (facts: Facts) => Violation[]

/** CGR11, Modules 3.1, 3.11, 3.12, 3.13 and 3.14. */
export const BROADCAST_PROPERTIES = {
  validity: {
    kind: 'liveness',
    ofAsked: true,
    sentence: 'what a correct process broadcasts, every correct process delivers'
  },
  'no duplication': { kind: 'safety', sentence: 'no correct process delivers twice in one instance' },
  integrity: {
    kind: 'safety',
    sentence: 'what is delivered from a correct process, that process broadcast'
  },
  'no creation': {
    kind: 'safety',
    sentence: 'what is delivered from a process, that process broadcast before'
  },
  consistency: {
    kind: 'safety',
    sentence: 'no two correct processes deliver different payloads in one instance'
  },
  totality: {
    kind: 'liveness',
    sentence: 'if one correct process delivers in an instance, every correct process does'
  },
  'FIFO delivery': { kind: 'safety', sentence: "each sender's broadcasts are delivered in its order" },
  accuracy: ACCURACY
} as const satisfies Properties

type Property = keyof typeof BROADCAST_PROPERTIES

const instanceOf = (sender: ProcessId, sequence: number) => `${sender}/${sequence}`
/** Both ends: what a liar changes may be at either. */
function short(payload: Uint8Array): string {
  return payload.length <= 6
    ? toHex(payload)
    : `${toHex(payload.subarray(0, 3))}..${toHex(payload.subarray(-3))}`
}

/** The gaps that are no excuse, each as a violation. */
function refutedGaps(property: Property, gaps: readonly JudgedGap[]): Violation[] {
  return gaps.flatMap(({ refuted, process, sender, from, to, at }) => {
    if (refuted === undefined) return []
    const which = to - from === 1 ? `broadcast ${from}` : `broadcasts ${from} to ${to - 1}`
    const detail = `member ${process} skipped ${which} of member ${sender}, ${refuted}`
    return [{ property, detail, instance: { sender, sequence: to - 1 }, at }]
  })
}

/** What never came, and at whom. */
type Missing = Violation & { readonly process: ProcessId }

function starving(missing: readonly Missing[]): Violation[] {
  const processes = new Set(missing.map(({ process }) => process))
  return missing.map(({ process, ...violation }) => {
    if (processes.size > 1) return violation
    return { ...violation, starved: process, detail: `${violation.detail} (it alone is starved)` }
  })
}

/** Deliveries of what their sender, a correct one, has not broadcast there. */
function unsaid(property: Property, { history, deliveries, broadcasts, isCorrect }: Facts): Violation[] {
  const { inRealTime = true } = history
  const violations: Violation[] = []
  for (const [at, { process, sender, sequence, payload }] of deliveries) {
    if (!isCorrect(sender)) continue
    const begun = broadcasts.get(instanceOf(sender, sequence)) ?? []
    const before = inRealTime ? begun.filter((one) => one.at < at) : begun
    // What a crash did not lose is what was broadcast; until then a lost one may have been it.
    const kept = before.find(({ accepted }) => accepted)
    const sent = kept === undefined ? before : [kept]
    if (sent.some((other) => sameBytes(other.payload, payload))) continue
    const said =
      sent.length > 0
        ? sent.map((one) => short(one.payload)).join(', then ')
        : begun.length > 0
          ? 'nothing yet'
          : 'nothing'
    const detail = `member ${process} delivered ${short(payload)} as broadcast ${sequence} of the correct member ${sender}, which broadcast ${said} there`
    violations.push({ property, detail, instance: { sender, sequence }, at })
  }
  return violations
}

const checkers: { readonly [P in Property]: Checker } = {
  validity({ history, lasting, isCorrect, accepted, delivered, gaps, inGap }) {
    const refuted = refutedGaps(
      'validity',
      gaps.filter(({ sender }) => isCorrect(sender))
    )
    if (!history.complete) return refuted
    const violations: Missing[] = []
    for (const instance of accepted) {
      const [sender, sequence] = instance.split('/').map(Number) as [number, number]
      for (const process of lasting) {
        if (
          !lasting.includes(sender) ||
          delivered.has(`${process}/${instance}`) ||
          inGap(process, sender, sequence)
        )
          continue
        const detail = `member ${sender} broadcast ${sequence}, and member ${process} never delivered it`
        violations.push({
          property: 'validity',
          detail,
          process,
          instance: { sender, sequence },
          at: history.events.length
        })
      }
    }
    return [...refuted, ...starving(violations)]
  },

  'no duplication'({ history, isCorrect }) {
    return settledTwice(history.events, isCorrect)
  },

  integrity: (facts) => unsaid('integrity', facts),

  // Where processes fail by crashing alone, all of them broadcast what they are said to.
  'no creation': (facts) => unsaid('no creation', facts),

  consistency({ deliveries }) {
    const first = new Map<string, Deliver>()
    const violations: Violation[] = []
    for (const [at, deliver] of deliveries) {
      const { process, sender, sequence, payload } = deliver
      const other = first.get(instanceOf(sender, sequence))
      if (other === undefined) first.set(instanceOf(sender, sequence), deliver)
      else if (!sameBytes(other.payload, payload)) {
        const detail = `members ${other.process} and ${process} delivered ${short(other.payload)} and ${short(payload)} as broadcast ${sequence} of member ${sender}`
        violations.push({ property: 'consistency', detail, instance: { sender, sequence }, at })
      }
    }
    return violations
  },

  totality({ history, lasting, isCorrect, deliveries, delivered, gaps, inGap }) {
    const refuted = refutedGaps(
      'totality',
      gaps.filter(({ sender }) => !isCorrect(sender))
    )
    if (!history.complete) return refuted
    const violations: Missing[] = []
    const lasted = deliveries.filter(([, { process }]) => lasting.includes(process))
    const instances = new Map(lasted.map(([, d]) => [instanceOf(d.sender, d.sequence), d]))
    for (const [instance, { process, sender, sequence }] of instances) {
      for (const other of lasting) {
        if (delivered.has(`${other}/${instance}`) || inGap(other, sender, sequence)) continue
        const detail = `member ${process} delivered broadcast ${sequence} of member ${sender}, and member ${other} never did`
        violations.push({
          property: 'totality',
          detail,
          process: other,
          instance: { sender, sequence },
          at: history.events.length
        })
      }
    }
    return [...refuted, ...starving(violations)]
  },

  'FIFO delivery'({ history, isCorrect, gaps }) {
    const next = new Map<string, number>()
    const violations = refutedGaps('FIFO delivery', gaps)
    history.events.forEach((event, at) => {
      if (!isCorrect(event.process) || (event.kind !== 'deliver' && event.kind !== 'gap')) return
      const key = instanceOf(event.process, event.sender)
      const [from, to] = event.kind === 'gap' ? [event.from, event.to] : [event.sequence, event.sequence + 1]
      if (from !== (next.get(key) ?? 0)) {
        const did = event.kind === 'gap' ? 'skipped' : 'delivered'
        const detail = `member ${event.process} ${did} broadcast ${from} of member ${event.sender} instead of ${next.get(key) ?? 0}`
        violations.push({
          property: 'FIFO delivery',
          detail,
          instance: { sender: event.sender, sequence: from },
          at
        })
      }
      next.set(key, to)
    })
    return violations
  },

  accuracy: ({ told }) => checkAccuracy(told)
}

/** Judges the properties by name, in the order of the events that violate them. */
export function checkBroadcast(history: History, properties: readonly string[]): Violation[] {
  const facts = gather(history)
  const violations = properties.flatMap((property) => (isJudged(property) ? checkers[property](facts) : []))
  return violations.sort((a, b) => a.at - b.at)
}

const isJudged = (property: string): property is Property => Object.hasOwn(checkers, property)

export const judgedBroadcasts: Judged = { properties: BROADCAST_PROPERTIES, check: checkBroadcast }

function gather(told: History): Facts {
  const history = broadcastHistory(told)
  const correct = new Set(history.correct)
  const down = downAtEnd(told.events)
  const isCorrect = (process: ProcessId) => correct.has(process)
  const broadcasts = new Map<string, Begun[]>()
  const accepted = new Set<string>()
  const deliveries: [number, Deliver][] = []
  const gaps = judgeGaps(history)
  history.events.forEach((event, at) => {
    if (!isCorrect(event.process)) return
    if (event.kind === 'broadcast') {
      const instance = instanceOf(event.process, event.sequence)
      const begun = { at, payload: event.payload, accepted: false }
      broadcasts.set(instance, [...(broadcasts.get(instance) ?? []), begun])
    } else if (event.kind === 'accepted') {
      const instance = instanceOf(event.process, event.sequence)
      accepted.add(instance)
      const begun = broadcasts.get(instance) ?? []
      const last = begun.at(-1)
      // What is broadcast there after that is broadcast nowhere.
      if (last !== undefined && !begun.some((one) => one.accepted)) last.accepted = true
    } else if (event.kind === 'deliver') deliveries.push([at, event])
  })
  return {
    told,
    history,
    isCorrect,
    lasting: history.correct.filter((process) => !down.has(process)),
    broadcasts,
    accepted,
    deliveries,
    delivered: new Set(deliveries.map(([, d]) => `${d.process}/${instanceOf(d.sender, d.sequence)}`)),
    gaps,
    inGap: (process, sender, sequence) =>
      gaps.some(
        (gap) => gap.process === process && gap.sender === sender && gap.from <= sequence && sequence < gap.to
      )
  }
}
