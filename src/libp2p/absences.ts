/**
 * Why members are not connected: since when, what came of dialling each of their addresses, and what else was seen of
 * them. It is forgotten once they are. There are as many entries as members, and in each as many as it has addresses.
 */
import type { Fault } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import type { TransportMember } from './transport.ts'

/** How long a member is not connected before that is told, in milliseconds: members that start or restart are not. */
export const UNREACHABLE_AFTER_MS = 10_000

/** And how often it is told again as long as it lasts. */
export const UNREACHABLE_INTERVAL_MS = 60_000

/** Plain JSON. */
export interface UnreachableMember {
  readonly member: ProcessId
  /** Since when it has not been connected, in milliseconds since 1970. */
  readonly since: number
  /** In one line. */
  readonly reason: string
  /** All its addresses in the group file. */
  readonly addresses: readonly UnreachableAddress[]
}

export interface UnreachableAddress {
  readonly address: string
  /** What came of it last, in one line. */
  readonly error: string
  /** Since when it has not led to the member, in milliseconds since 1970. */
  readonly since: number
}

interface Absence {
  readonly since: number
  readonly problems: Map<string, { error: string; readonly since: number }>
  seen: string | undefined
  dueMs: number
}

export class Absences {
  readonly #members: ReadonlyMap<ProcessId, readonly string[]>
  readonly #isDialled: (member: ProcessId) => boolean
  readonly #absences = new Map<ProcessId, Absence>()
  readonly #open = new Set<ProcessId>()

  /**
   * @param others - all members but this process
   * @param isDialled - whether this process is the one of the two to dial
   */
  constructor(others: readonly TransportMember[], isDialled: (member: ProcessId) => boolean) {
    this.#members = new Map(others.map(({ rank, multiaddrs }) => [rank, multiaddrs.map(String)]))
    this.#isDialled = isDialled
  }

  /** Nobody is connected yet. */
  begin(): void {
    for (const member of this.#members.keys()) this.disconnected(member)
  }

  end(): void {
    this.#absences.clear()
    this.#open.clear()
  }

  connected(member: ProcessId): void {
    this.#absences.delete(member)
  }

  disconnected(member: ProcessId): void {
    if (!this.#members.has(member)) return
    this.#absences.set(member, {
      since: Date.now(),
      problems: new Map(),
      seen: undefined,
      dueMs: performance.now() + UNREACHABLE_AFTER_MS
    })
  }

  /** The transport exchanges frames with it, or does not any more; a session takes more than that. */
  setOpen(member: ProcessId, open: boolean): void {
    if (open) this.#open.add(member)
    else this.#open.delete(member)
  }

  dialFailed(member: ProcessId, address: string, error: string): void {
    const problems = this.#absences.get(member)?.problems
    const problem = problems?.get(address)
    if (problem !== undefined) problem.error = error
    else problems?.set(address, { error, since: Date.now() })
  }

  fault({ process, kind, detail }: Fault): void {
    const absence = this.#absences.get(process)
    if (absence !== undefined) absence.seen = `${kind}: ${detail}`
  }

  /** By rank. */
  get list(): readonly UnreachableMember[] {
    return [...this.#absences]
      .sort(([a], [b]) => a - b)
      .map(([member, absence]) => this.#describe(member, absence))
  }

  /** Those that are to be told now. */
  takeDue(): readonly UnreachableMember[] {
    const now = performance.now()
    const due = [...this.#absences].filter(([, { dueMs }]) => dueMs <= now)
    for (const [, absence] of due) absence.dueMs = now + UNREACHABLE_INTERVAL_MS
    return due.map(([member, absence]) => this.#describe(member, absence))
  }

  #describe(member: ProcessId, { since, problems, seen }: Absence): UnreachableMember {
    const untried = this.#isDialled(member) ? 'not tried yet' : 'not dialled from here'
    const addresses = new Set([...(this.#members.get(member) ?? []), ...problems.keys()])
    return {
      member,
      since,
      reason: [this.#state(member), ...(seen === undefined ? [] : [seen])].join('; '),
      addresses: [...addresses].map((address) => ({
        address,
        ...(problems.get(address) ?? { error: untried, since })
      }))
    }
  }

  #state(member: ProcessId): string {
    if (this.#open.has(member)) return 'the connection is open, and no session has begun'
    return this.#isDialled(member) ? 'no address leads to it' : 'it is the one to dial, and has not'
  }
}
