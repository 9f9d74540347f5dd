/**
 * A read of a register whose value may have a body: it returns a value whose body is here.
 *
 *     upon Read:              collect answers
 *     upon q or more of them: a value is eligible if q answers are no higher than it: they are a quorum by themselves
 *     if one has no body, or its body is here:  that is it; write it back, unless q answers are it
 *     else:                   fetch the bodies of those that are eligible, each of the members that answered with it
 *     if one of these has been replaced, as far as any but f members say:
 *                             begin again; what is being fetched goes on
 *
 * A member that answered with a reference and does not hold its body has replaced it since, by a higher value. Begun
 * again, it must answer with that: if it does not, it lies, and does not count. Nor does, from then on, who gave a
 * wrong chunk. So a read begins again only if something was written, or a liar is out. A liar that answers with a
 * reference which nobody else has, and is silent then, keeps nothing from the reader: with the answers of all correct
 * members one of theirs is eligible, and if its body is gone, nobody waits for liars before asking again.
 *
 * Space: what came of the bodies that it fetches: one, unless a writer is faulty, or more than one value is being
 * written; at most as many as there are values above the quorum's.
 */
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import type { OpenTransfer } from '../exchange/bodies.ts'
import type { BodyReference } from '../exchange/body.ts'
import type { Call } from '../exchange/calls.ts'
import { CHUNK_BYTES } from '../exchange/constants.ts'
import type { Progress } from '../exchange/operation.ts'
import type { Slots } from '../exchange/slots.ts'
import type { Answers, AuthenticatedStorage } from './authenticated-storage.ts'
import type { RegisterId } from './register.ts'
import type { RegisterBodies } from './register-bodies.ts'
import type { Found } from './register-client.ts'
import { compareSigned, referenceIn, type SignedValue, sameWrite } from './signed-value.ts'
import type { WrittenBodies } from './written-bodies.ts'

export interface BodyReadInit {
  readonly env: Environment
  readonly storage: AuthenticatedStorage
  readonly bodies: RegisterBodies
  readonly offers: WrittenBodies
  /** Reads with bodies at a time. */
  readonly slots: Slots
  readonly register: RegisterId
  /** For the sake of ordering. */
  readonly writesBack: boolean
  /** Is told how far the body is that is nearest; what was replaced meanwhile begins anew. */
  readonly progress: Progress
  readonly found: Found<SignedValue>
}

interface Candidate {
  readonly value: SignedValue
  readonly transfer: OpenTransfer
  /** By index: what came so far, and no room for what did not. */
  readonly chunks: Map<number, Uint8Array>
  /** Once all of it is here. */
  body: Uint8Array | undefined
  /** The members that may still send it. */
  readonly sources: Set<ProcessId>
  /** A source of it said, in this attempt, that it does not hold it. */
  missed: boolean
  /** Nobody is left who has it. */
  gone: boolean
}

export class BodyRead {
  readonly #init: BodyReadInit
  #attempt = 0
  #call: Pick<Call, 'end'> | undefined
  #answers: Answers = new Map()
  #candidates: Candidate[] = []
  /** Who gave a wrong chunk, or answered with what it does not hold. */
  readonly #liars = new Set<ProcessId>()
  /** Who does not hold the body of what it answered, and in which attempt that was. */
  readonly #without = new Map<ProcessId, { readonly value: SignedValue; readonly attempt: number }>()
  #slot: 'none' | 'waiting' | 'held' = 'none'
  #over = false

  constructor(init: BodyReadInit) {
    this.#init = init
  }

  begin(): void {
    const attempt = ++this.#attempt
    this.#answers = new Map()
    const { storage, register } = this.#init
    this.#call = storage.collect(register, (answers) => {
      if (attempt !== this.#attempt) return
      this.#answers = answers
      this.#settle()
    })
  }

  /** It is given up, or over. */
  end(): void {
    this.#over = true
    this.#stop()
    if (this.#slot === 'held') this.#init.slots.release()
    this.#slot = 'none'
  }

  #stop(): void {
    this.#call?.end()
    this.#drop(() => true)
  }

  #drop(isDropped: (candidate: Candidate) => boolean): void {
    for (const candidate of this.#candidates) if (isDropped(candidate)) candidate.transfer.end()
    this.#candidates = this.#candidates.filter((candidate) => !isDropped(candidate))
  }

  #settle(): void {
    if (this.#over) return
    const q = this.#init.env.group.quorum.byzantine
    const answers = [...this.#answers].filter(([from, value]) => this.#counts(from, value))
    if (answers.length < q) return
    const values = answers.map(([, value]) => value).sort(compareSigned)
    const eligible = values.slice(q - 1)
    const ready = eligible.findLast((value) => referenceIn(value) === undefined || this.#bodyOf(value))
    if (ready !== undefined) {
      const isEverywhere = values.filter((value) => sameWrite(value, ready)).length >= q
      this.#return(ready, this.#bodyOf(ready), isEverywhere)
    } else if (this.#slot === 'held') {
      this.#transfer(eligible)
    } else if (this.#slot === 'none') {
      this.#slot = 'waiting'
      this.#init.slots.take(() => {
        // It may be over: then the next one has its turn.
        if (this.#over) return this.#init.slots.release()
        this.#slot = 'held'
        this.#settle()
      })
    }
  }

  /** Whether an answer counts. Who answers again with what it did not hold lies. */
  #counts(from: ProcessId, value: SignedValue | null): boolean {
    if (this.#liars.has(from)) return false
    const without = this.#without.get(from)
    if (without === undefined || without.attempt === this.#attempt) return true
    if (compareSigned(value, without.value) > 0) return true
    this.#liars.add(from)
    const detail = `answers with a value of ${this.#init.register.name} whose body it does not hold`
    this.#init.env.observer.fault({ process: from, kind: 'protocol-violation', certainty: 'certain', detail })
    return false
  }

  #transfer(eligible: readonly (SignedValue | null)[]): void {
    this.#drop((candidate) => !eligible.some((value) => sameWrite(value, candidate.value)))
    for (const value of eligible) {
      const reference = referenceIn(value)
      if (value === null || reference === undefined) continue
      const candidate = this.#candidateOf(value) ?? this.#begin(value, reference)
      for (const [from, answer] of this.#answers)
        if (sameWrite(answer, value) && this.#mayHold(from, value)) {
          candidate.sources.add(from)
          candidate.transfer.add(from)
        }
    }
    const { env } = this.#init
    // Those that are left may all be liars, and silent.
    if (
      !this.#candidates.some(({ gone, missed, sources }) => gone || (missed && sources.size <= env.group.f))
    )
      return
    env.observer.landmark('body-read-restarted')
    this.#call?.end()
    this.#drop(({ gone }) => gone)
    for (const candidate of this.#candidates) candidate.missed = false
    this.begin()
  }

  #mayHold(from: ProcessId, value: SignedValue): boolean {
    const without = this.#without.get(from)
    return !this.#liars.has(from) && (without === undefined || !sameWrite(without.value, value))
  }

  #begin(value: SignedValue, reference: BodyReference): Candidate {
    const { bodies, register, env, progress } = this.#init
    const transfer = bodies.transfer(register, reference, {
      chunk: (index, { chunk }) => {
        candidate.chunks.set(index, chunk)
        const most = Math.max(...this.#candidates.map(({ chunks }) => chunks.size))
        if (candidate.chunks.size === most)
          progress(Math.min(reference.size, most * CHUNK_BYTES), reference.size)
      },
      complete: () => {
        candidate.body = new Uint8Array(reference.size)
        for (const [index, chunk] of candidate.chunks) candidate.body.set(chunk, index * CHUNK_BYTES)
        candidate.chunks.clear()
        env.observer.landmark('body-fetched')
        this.#settle()
      },
      missing: (from) => {
        this.#without.set(from, { value, attempt: this.#attempt })
        candidate.sources.delete(from)
        candidate.missed = true
        this.#settle()
      },
      lied: (from) => {
        this.#liars.add(from)
        candidate.sources.delete(from)
      },
      exhausted: () => {
        candidate.gone = true
        candidate.chunks.clear()
        this.#settle()
      }
    })
    const candidate: Candidate = {
      value,
      transfer,
      chunks: new Map(),
      body: undefined,
      sources: new Set(),
      missed: false,
      gone: false
    }
    this.#candidates.push(candidate)
    return candidate
  }

  #candidateOf(value: SignedValue | null): Candidate | undefined {
    return this.#candidates.find((candidate) => sameWrite(candidate.value, value))
  }

  #bodyOf(value: SignedValue | null): Uint8Array | undefined {
    return this.#candidateOf(value)?.body
  }

  #return(value: SignedValue | null, body: Uint8Array | undefined, isEverywhere: boolean): void {
    const { env, storage, offers, register, writesBack, found } = this.#init
    this.#over = true
    this.#stop()
    if (!isEverywhere) env.observer.landmark('stale-answer-outvoted')
    const returned = () => {
      this.end()
      found(value, body)
    }
    if (value === null || isEverywhere || !writesBack) {
      if (writesBack) env.observer.landmark('write-back-spared')
      returned()
      return
    }
    env.observer.landmark('write-back-needed')
    const withdraw = body === undefined ? () => {} : offers.offerBody(register, body)
    const call = storage.propagate(register, value, () => {
      withdraw()
      returned()
    })
    this.#call = {
      end: () => {
        withdraw()
        call.end()
      }
    }
  }
}
