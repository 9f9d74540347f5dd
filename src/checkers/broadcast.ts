/**
 * The properties of Byzantine broadcast, judged over a history (CGR11 Modules 3.11 to 3.14). Safety and accuracy are
 * judged on every event; validity and totality only where the run went on long enough after its faults had ended.
 */
import { sameBytes, toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { History, HistoryEvent } from '../simulator/history.ts'
import type { Property } from '../stacks/stack.ts'
import type { Violation } from './violation.ts'

type Deliver = Extract<HistoryEvent, { kind: 'deliver' }>

/** What the checkers look up again and again. */
interface Facts {
  readonly history: History
  readonly isCorrect: (process: ProcessId) => boolean
  /** Payloads that correct members began to broadcast, by instance: more than one where a crash lost the first. */
  readonly broadcasts: ReadonlyMap<string, readonly Uint8Array[]>
  /** Instances that a crash cannot lose any more. */
  readonly accepted: ReadonlySet<string>
  /** Deliveries at correct members, with their index. */
  readonly deliveries: readonly (readonly [index: number, deliver: Deliver])[]
  /** `process/sender/sequence` of each of them. */
  readonly delivered: ReadonlySet<string>
  readonly inGap: (process: ProcessId, sender: ProcessId, sequence: number) => boolean
}

type Checker = (facts: Facts) => Violation[]

const instanceOf = (sender: ProcessId, sequence: number) => `${sender}/${sequence}`
/** Both ends: what a liar changes may be at either. */
function short(payload: Uint8Array): string {
  return payload.length <= 6
    ? toHex(payload)
    : `${toHex(payload.subarray(0, 3))}..${toHex(payload.subarray(-3))}`
}

/** A gap says that others do not keep broadcasts any more: of a correct sender, that it never made, it is a lie believed. */
function inventedGaps(
  history: History,
  isCorrect: Facts['isCorrect'],
  broadcasts: Facts['broadcasts']
): Violation[] {
  return history.events.flatMap((event, at) => {
    if (event.kind !== 'gap' || !isCorrect(event.process) || !isCorrect(event.sender)) return []
    const { process, sender, from, to } = event
    if (broadcasts.has(instanceOf(sender, to - 1))) return []
    const detail = `member ${process} skipped broadcasts ${from} to ${to - 1} of the correct member ${sender}, which did not make so many`
    return [{ property: 'validity', detail, instance: { sender, sequence: to - 1 }, at }]
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

const checkers: { readonly [P in Property]?: Checker } = {
  validity({ history, isCorrect, accepted, broadcasts, delivered, inGap }) {
    const invented = inventedGaps(history, isCorrect, broadcasts)
    if (!history.complete) return invented
    const violations: Missing[] = []
    for (const instance of accepted) {
      const [sender, sequence] = instance.split('/').map(Number) as [number, number]
      for (const process of history.correct) {
        if (!isCorrect(sender) || delivered.has(`${process}/${instance}`) || inGap(process, sender, sequence))
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
    return [...invented, ...starving(violations)]
  },

  'no duplication'({ deliveries }) {
    const seen = new Set<string>()
    const violations: Violation[] = []
    for (const [at, { process, sender, sequence }] of deliveries) {
      const key = `${process}/${instanceOf(sender, sequence)}`
      if (seen.has(key)) {
        const detail = `member ${process} delivered broadcast ${sequence} of member ${sender} twice`
        violations.push({ property: 'no duplication', detail, instance: { sender, sequence }, at })
      }
      seen.add(key)
    }
    return violations
  },

  integrity({ deliveries, broadcasts, isCorrect }) {
    const violations: Violation[] = []
    for (const [at, { process, sender, sequence, payload }] of deliveries) {
      if (!isCorrect(sender)) continue
      const sent = broadcasts.get(instanceOf(sender, sequence)) ?? []
      if (sent.some((other) => sameBytes(other, payload))) continue
      const said = sent.length === 0 ? 'nothing' : sent.map(short).join(', then ')
      const detail = `member ${process} delivered ${short(payload)} as broadcast ${sequence} of the correct member ${sender}, which broadcast ${said} there`
      violations.push({ property: 'integrity', detail, instance: { sender, sequence }, at })
    }
    return violations
  },

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

  totality({ history, deliveries, delivered, inGap }) {
    if (!history.complete) return []
    const violations: Missing[] = []
    const instances = new Map(deliveries.map(([, d]) => [instanceOf(d.sender, d.sequence), d]))
    for (const [instance, { process, sender, sequence }] of instances) {
      for (const other of history.correct) {
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
    return starving(violations)
  },

  'FIFO delivery'({ history, isCorrect }) {
    const next = new Map<string, number>()
    const violations: Violation[] = []
    history.events.forEach((event, at) => {
      if (!isCorrect(event.process) || (event.kind !== 'deliver' && event.kind !== 'gap')) return
      const key = instanceOf(event.process, event.sender)
      const [from, to] = event.kind === 'gap' ? [event.from, event.to] : [event.sequence, event.sequence + 1]
      if (from !== (next.get(key) ?? 0)) {
        const detail = `member ${event.process} delivered broadcast ${from} of member ${event.sender} instead of ${next.get(key) ?? 0}`
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

  accuracy({ history, isCorrect }) {
    const violations: Violation[] = []
    history.events.forEach((event, at) => {
      if (event.kind !== 'fault' || !isCorrect(event.process)) return
      const { process, kind, certainty, detail } = event.fault
      if (certainty === 'suspected' || !isCorrect(process)) return
      const claim = `member ${event.process} named the correct member ${process} ${certainty} of ${kind}: ${detail}`
      violations.push({ property: 'accuracy', detail: claim, at })
    })
    return violations
  }
}

/** Judges the properties by name, in the order of the events that violate them. */
export function checkBroadcast(history: History, properties: readonly string[]): Violation[] {
  const facts = gather(history)
  const violations = properties.flatMap((property) =>
    isJudged(property) ? (checkers[property]?.(facts) ?? []) : []
  )
  return violations.sort((a, b) => a.at - b.at)
}

const isJudged = (property: string): property is Property => Object.hasOwn(checkers, property)

/** The names of the properties that {@link checkBroadcast} judges. */
export const JUDGED_PROPERTIES: readonly string[] = Object.keys(checkers)

function gather(history: History): Facts {
  const correct = new Set(history.correct)
  const isCorrect = (process: ProcessId) => correct.has(process)
  const broadcasts = new Map<string, Uint8Array[]>()
  const accepted = new Set<string>()
  const deliveries: [number, Deliver][] = []
  const gaps: Extract<HistoryEvent, { kind: 'gap' }>[] = []
  history.events.forEach((event, index) => {
    if (!isCorrect(event.process)) return
    if (event.kind === 'broadcast') {
      const instance = instanceOf(event.process, event.sequence)
      broadcasts.set(instance, [...(broadcasts.get(instance) ?? []), event.payload])
    } else if (event.kind === 'accepted') accepted.add(instanceOf(event.process, event.sequence))
    else if (event.kind === 'deliver') deliveries.push([index, event])
    else if (event.kind === 'gap') gaps.push(event)
  })
  return {
    history,
    isCorrect,
    broadcasts,
    accepted,
    deliveries,
    delivered: new Set(deliveries.map(([, d]) => `${d.process}/${instanceOf(d.sender, d.sequence)}`)),
    inGap: (process, sender, sequence) =>
      gaps.some(
        (gap) => gap.process === process && gap.sender === sender && gap.from <= sequence && sequence < gap.to
      )
  }
}
