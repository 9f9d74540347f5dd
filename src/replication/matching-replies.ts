/**
 * Replies to one question, until so many members have given the same one that one of them is correct. Of each member
 * its last reply counts: what it says of a session may change.
 *
 * Space: a reply of each member.
 */
import { toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { ReplyMessage } from './messages.ts'
import { REPLY_KINDS, type Reply } from './replies.ts'

export class MatchingReplies {
  readonly #needed: number
  readonly #said = new Map<ProcessId, string>()
  readonly #results = new Map<string, Uint8Array>()

  /** @param needed - of so many members one is correct */
  constructor(needed: number) {
    this.#needed = needed
  }

  /** @returns the reply that enough members have given, if its result is here; `without`: if it is not */
  add(from: ProcessId, { outcome, digest, result }: ReplyMessage): Reply | 'without' | undefined {
    const said = `${outcome}/${toHex(digest)}`
    this.#said.set(from, said)
    if (result !== null) this.#results.set(said, result)
    // What nobody says any more is nobody's result.
    for (const other of this.#results.keys())
      if (![...this.#said.values()].includes(other)) this.#results.delete(other)
    if ([...this.#said.values()].filter((other) => other === said).length < this.#needed) return undefined
    const known = this.#results.get(said)
    return known === undefined ? 'without' : { kind: REPLY_KINDS[outcome] ?? 'error', result: known }
  }

  /** Whether members have given different replies. */
  get differ(): boolean {
    return new Set(this.#said.values()).size > 1
  }

  /** For `state()`: who has replied. */
  state(): readonly ProcessId[] {
    return [...this.#said.keys()].sort((a, b) => a - b)
  }
}
