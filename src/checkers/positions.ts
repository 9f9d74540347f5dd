/**
 * No duplication, at the interface with the application: each instance is settled once at a process, delivered or
 * skipped, and each position of its log is given once, in ascending order, in all its lives. An application that
 * passes the last position (`after`) has each delivery exactly once only if that is so.
 */
import type { ProcessId } from '../core/group.ts'
import type { BroadcastEvent } from './broadcast-history.ts'
import type { Violation } from './violation.ts'

type Settled = Extract<BroadcastEvent, { kind: 'deliver' | 'gap' }>
type Skipped = Extract<BroadcastEvent, { kind: 'gap' }>

/** What one process did with one sender's broadcasts. */
interface Account {
  readonly delivered: Set<number>
  readonly skipped: Skipped[]
}

export function settledTwice(
  events: readonly BroadcastEvent[],
  isCorrect: (process: ProcessId) => boolean
): Violation[] {
  const accounts = new Map<string, Account>()
  const last = new Map<ProcessId, Settled>()
  const violations: Violation[] = []
  events.forEach((event, at) => {
    if (!isCorrect(event.process) || (event.kind !== 'deliver' && event.kind !== 'gap')) return
    const { process, sender } = event
    const key = `${process}/${sender}`
    const account = accounts.get(key) ?? { delivered: new Set(), skipped: [] }
    accounts.set(key, account)
    const instance = { sender, sequence: event.kind === 'deliver' ? event.sequence : event.from }
    const tell = (detail: string) =>
      violations.push({ property: 'no duplication', detail: `member ${process} ${detail}`, instance, at })

    const again = event.kind === 'deliver' ? deliveredAgain(event, account) : skippedAgain(event, account)
    if (again !== undefined) tell(again)
    if (event.kind === 'deliver') account.delivered.add(event.sequence)
    else account.skipped.push(event)

    const before = last.get(process)
    if (before !== undefined && event.position <= before.position)
      tell(
        `${described(event)} at position ${event.position}, and before that ${described(before)} at position ${before.position}`
      )
    else last.set(process, event)
  })
  return violations
}

function deliveredAgain({ sender, sequence }: Settled & { kind: 'deliver' }, account: Account) {
  if (account.delivered.has(sequence)) return `delivered broadcast ${sequence} of member ${sender} twice`
  if (account.skipped.some(({ from, to }) => from <= sequence && sequence < to))
    return `delivered broadcast ${sequence} of member ${sender}, which it had skipped`
  return undefined
}

function skippedAgain({ sender, from, to }: Skipped, { delivered, skipped }: Account) {
  const had = [...delivered].find((sequence) => from <= sequence && sequence < to)
  if (had !== undefined) return `skipped broadcast ${had} of member ${sender}, which it had delivered`
  const overlapped = skipped.find((earlier) => earlier.from < to && from < earlier.to)
  if (overlapped === undefined) return undefined
  return `skipped broadcast ${Math.max(from, overlapped.from)} of member ${sender} twice`
}

const described = (event: Settled): string =>
  event.kind === 'deliver'
    ? `delivered broadcast ${event.sequence} of member ${event.sender}`
    : `skipped broadcasts ${event.from} to ${event.to - 1} of member ${event.sender}`
