/**
 * Everything that can be seen of a process from outside, in order, as a digest: what a recorder writes beside each
 * input, and what a replay compares.
 */
import type { Delivery } from '../broadcast/delivery-log.ts'
import { concatBytes, toHex, utf8 } from '../core/bytes.ts'
import type { Fault } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import type { Check } from './recording-format.ts'

/** A letter for each kind. */
export const DEEDS = {
  s: 'message sent',
  w: 'write',
  d: 'delivery',
  r: 'word that broadcasts are admitted again',
  n: 'broadcast numbered',
  a: 'broadcast accepted',
  o: 'operation returned',
  t: 'timer set',
  c: 'timer cancelled',
  f: 'fault named',
  l: 'landmark',
  x: 'error thrown'
} as const

export type Deed = keyof typeof DEEDS

const DIGEST_BYTES = 16
const NO_BYTES = new Uint8Array(0)

export class Deeds {
  readonly #hash: (bytes: Uint8Array) => Uint8Array
  /** Of everything up to the last line. */
  #chain: Uint8Array = NO_BYTES
  #parts: Uint8Array[] = []
  #did = ''

  /** @param hash - SHA-256 */
  constructor(hash: (bytes: Uint8Array) => Uint8Array) {
    this.#hash = hash
  }

  sent(to: ProcessId, message: Uint8Array): void {
    this.#add('s', `${to}`, message)
  }

  wrote(key: string, value: Uint8Array | undefined): void {
    this.#add('w', `${JSON.stringify(key)}${value === undefined ? ' deleted' : ''}`, value)
  }

  delivered(delivery: Delivery): void {
    const { position, sender } = delivery
    if (delivery.type === 'gap') this.#add('d', `${position} gap ${sender} ${delivery.from} ${delivery.to}`)
    else this.#add('d', `${position} ${sender} ${delivery.sequence}`, delivery.payload)
  }

  ready(): void {
    this.#add('r', '')
  }

  numbered(sequence: number): void {
    this.#add('n', `${sequence}`)
  }

  accepted(sequence: number): void {
    this.#add('a', `${sequence}`)
  }

  /** @param result - a timestamp, or why a write was refused */
  returned(operation: number, result: number | string, value: Uint8Array | null): void {
    this.#add('o', `${operation} ${result}${value === null ? ' none' : ''}`, value ?? NO_BYTES)
  }

  timerSet(timer: number, delayMs: number): void {
    this.#add('t', `${timer} ${delayMs}`)
  }

  timerCancelled(timer: number): void {
    this.#add('c', `${timer}`)
  }

  named({ process, kind, certainty, detail, evidence }: Fault): void {
    const shown = evidence?.statements.flatMap(({ statement, signature }) => [statement, signature]) ?? []
    this.#add('f', JSON.stringify([process, kind, certainty, detail]), concatBytes(...shown))
  }

  reached(landmark: string): void {
    this.#add('l', landmark)
  }

  /** For the application that asked for too much, or for the process, which stops by it. */
  threw(error: unknown): void {
    this.#add('x', error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  }

  /** A line that comes before the next check. */
  line(line: object): void {
    this.#chain = this.#hash(concatBytes(this.#chain, utf8(JSON.stringify(line))))
  }

  /** The check of a line: of all lines up to it, and of what was done since the last check. */
  check(line: object): Check {
    this.#chain = this.#hash(concatBytes(this.#chain, utf8(JSON.stringify(line)), ...this.#parts))
    const did = this.#did
    this.#parts = []
    this.#did = ''
    const digest = toHex(this.#chain.subarray(0, DIGEST_BYTES))
    return did === '' ? { digest } : { did, digest }
  }

  /** Each part says how long it is, so that no two sequences of deeds read the same. */
  #add(deed: Deed, detail: string, bytes: Uint8Array = NO_BYTES): void {
    this.#did += deed
    this.#parts.push(utf8(`\n${deed}${detail.length} ${detail} ${bytes.length} `), bytes)
  }
}

/** What was done, in words: `2 writes, 3 messages sent`. */
export function describeDeeds(did: string): string {
  const counts = new Map<string, number>()
  for (const deed of did) counts.set(deed, (counts.get(deed) ?? 0) + 1)
  if (counts.size === 0) return 'nothing'
  return [...counts].map(([deed, count]) => `${count} x ${DEEDS[deed as Deed]}`).join(', ')
}
