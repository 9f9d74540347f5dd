/**
 * Everything that can be seen of a process from outside, in order, as a digest: what a recorder writes beside each
 * input, and what a replay compares.
 */
import { concatBytes, toHex, utf8 } from '../core/bytes.ts'
import type { Fault } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import type { Values } from '../core/service.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Check } from './recording-format.ts'

/** A letter for each kind. */
export const OBSERVATIONS = {
  s: 'message sent',
  w: 'write',
  i: 'indication to the application',
  n: 'request answered at once',
  o: 'operation returned',
  t: 'timer set',
  c: 'timer cancelled',
  f: 'fault named',
  l: 'landmark',
  x: 'error thrown'
} as const

export type Observation = keyof typeof OBSERVATIONS

const DIGEST_BYTES = 16
const NO_BYTES = new Uint8Array(0)

export class Observed {
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

  indicated(name: string, values: readonly PlainValue[]): void {
    this.#add('i', `${name} ${plainText(values)}`)
  }

  /** @param answer - undefined: there is none, and nothing to be seen yet */
  asked({ number }: { readonly number: number }, _: Values, answer: PlainValue | undefined): void {
    if (answer !== undefined) this.#add('n', `${number} ${plainText(answer)}`)
  }

  returned({ number }: { readonly number: number }, result: PlainValue): void {
    this.#add('o', `${number} ${plainText(result)}`)
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

  /** Each part says how long it is, so that no two sequences of observations read the same. */
  #add(observation: Observation, detail: string, bytes: Uint8Array = NO_BYTES): void {
    this.#did += observation
    this.#parts.push(utf8(`\n${observation}${detail.length} ${detail} ${bytes.length} `), bytes)
  }
}

/** Byte strings are `{"hex": "..."}`. */
const plainText = (value: PlainValue): string =>
  JSON.stringify(value, (_, inner: unknown) => (inner instanceof Uint8Array ? { hex: toHex(inner) } : inner))

/** What was done, in words: `2 writes, 3 messages sent`. */
export function describeObservations(did: string): string {
  const counts = new Map<string, number>()
  for (const observation of did) counts.set(observation, (counts.get(observation) ?? 0) + 1)
  if (counts.size === 0) return 'nothing'
  return [...counts]
    .map(([observation, count]) => `${count} x ${OBSERVATIONS[observation as Observation]}`)
    .join(', ')
}
