/**
 * Leaderless key-value store, in the manner of Dynamo: every replica of a key takes puts and gets, and nobody orders
 * them.
 *
 * Each key has `replicas` members, found by consistent hashing (hash-ring.ts). A put waits for w of them, a get for r.
 *
 * Properties, where members and clients follow the protocol, and members keep what they have stored:
 * - *termination*: if at most replicas - w replicas of a key are down, a put returns; with r instead of w, a get;
 * - *regularity*, if r + w > replicas: a get returns the value of every put that had returned before it began, unless
 *   another put has replaced it, whose writer had seen it (see Consistency in requests.ts);
 * - *no lost update*: of puts that have returned, none is lost unless it was replaced by one that had seen it:
 *   concurrent puts are kept as siblings, and the next put with the context of a get that saw them replaces them all;
 * - *convergence* (eventual consistency): once puts have ceased, all replicas of a key that are up come to have the
 *   same, by anti-entropy, whether anybody reads it or not; a get repairs the replicas that it found behind.
 *
 *     put(key, v, context):  a replica gives it a dot and answers with all that it has of the key;
 *                            pass that on to the other replicas; return when w have it
 *     get(key):              ask all replicas; return the join of r answers; repair those that were behind
 *     delete(key, context):  a put of nothing: its version is a tombstone, with the same causality
 *
 * By choice, the last writer wins: of siblings the highest timestamp is kept. Then *no lost update* does not hold: of
 * concurrent puts all but one are lost; and since timestamps come from the writers' clocks, a put without a context
 * whose writer's clock is behind is lost although it came later, and one whose clock is far ahead wins for ever. A put
 * with the context of a get wins over what that saw, whatever the clocks say; of the puts of one store a later one
 * wins.
 *
 * Model: fail-recovery (processes crash and restart with what they had stored), any number of clients. **Byzantine
 * members are not tolerated**: one of them answers a get with whatever it likes, and its clocks make others drop what
 * they have; a member that has lost its store must not come back, since it would give dots twice. Among members that
 * may lie, use the signed key-value store. What is refused here is what would make a correct process fail: states that
 * no correct replica has, and what is beyond the bounds.
 * Cost: a put 2 replicas messages and two round trips, a get 2 replicas messages and one; anti-entropy two messages a
 * period for each pair of members, and more where they differ.
 * Space: at a member the siblings and clocks of its keys and their tombstones, which are never dropped; at a client its
 * open operations, and one number. Durable: what a replica acknowledged, before it does.
 *
 * A put whose first replica does not answer is asked of the next. It is one put still, unless the copy that was lost
 * sight of had been replaced before both copies met: then its value is a sibling of what replaced it.
 *
 * With `sloppy: true` r + w may be as small as 2: a partial quorum, not Dynamo's sloppy quorum of other members with
 * hinted handoff; a key has no other replicas than its own.
 *
 * Source: the lecture notes, 6.1.3 and 6.2; DeCandia et al., "Dynamo", SOSP 2007; Gifford, "Weighted voting", SOSP
 * 1979, for r + w > replicas; versions.ts and anti-entropy.ts for theirs.
 */

import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError, WindowFullError } from '../core/errors.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { CRASH_RECOVERY, type Needs } from '../core/model.ts'
import type { PlainValue } from '../core/trace.ts'
import { OTHER_QUESTION } from '../exchange/call-id.ts'
import { Calls } from '../exchange/calls.ts'
import { OPERATIONS_OPEN_MAX } from '../exchange/constants.ts'
import type { OpenOperation } from '../exchange/operation.ts'
import { WORK_US } from '../links/constants.ts'
import type { Port, Ports } from '../links/ports.ts'
import { AntiEntropy } from './anti-entropy.ts'
import { READ_REPAIRS_WAITING_MAX } from './constants.ts'
import { GetOperation } from './get-operation.ts'
import { HashRing } from './hash-ring.ts'
import { KeptStates } from './kept-states.ts'
import {
  type Answer,
  type Asked,
  type ExchangeQuestion,
  type LeaderlessMessage,
  leaderlessMessages,
  type Question,
  STORE_REFUSALS
} from './messages.ts'
import { PutOperation } from './put-operation.ts'
import {
  type Context,
  type DeleteOptions,
  type GetOptions,
  type GetResult,
  type LeaderlessOptions,
  type PutOptions,
  type PutResult,
  QuorumPolicy,
  requireContext,
  requireKey,
  requireValue,
  type StoreBounds,
  storeBounds
} from './requests.ts'
import { type Conflicts, clockProblem, type KeyState, stateProblem } from './versions.ts'
import { WriteTimes } from './write-times.ts'

export class LeaderlessStore extends Component {
  static override readonly needs: Needs = CRASH_RECOVERY
  readonly #port: Port<LeaderlessMessage>
  readonly #ring: HashRing
  readonly #policy: QuorumPolicy
  readonly #conflicts: Conflicts
  readonly #bounds: StoreBounds
  readonly #times: WriteTimes
  readonly #calls: Calls<Asked, Answer>
  readonly #open = new Set<OpenOperation>()
  /** Gets that have returned, the oldest first. */
  readonly #repairing = new Set<GetOperation>()
  /** What a member has and a client has not. */
  readonly #replica: { readonly kept: KeptStates; readonly antiEntropy: AntiEntropy } | undefined

  /** @throws InvalidParametersError if the options do not go together */
  constructor(env: Environment, path: string, ports: Ports, options: LeaderlessOptions = {}) {
    super(env, path, {})
    const { group, self, clock, crypto } = env
    this.#conflicts = options.conflicts ?? 'siblings'
    this.#policy = new QuorumPolicy(group.n, this.#conflicts, options)
    this.#bounds = storeBounds(options)
    this.#times = new WriteTimes(this.store, options.wallClockMs ?? (() => Math.max(0, clock.now())))
    this.#ring = new HashRing(group.ranks, this.#policy.replicas, crypto.hash)
    this.#port = ports.open(
      path,
      leaderlessMessages,
      {
        deliver: (from, message) => this.#onMessage(from, message),
        resync: (peer) => {
          this.#calls.resync(peer)
          this.#replica?.antiEntropy.onSession(peer)
        }
      },
      { audience: 'everybody' }
    )
    const send = (to: ProcessId, message: LeaderlessMessage) => this.#port.send(to, message)
    const wrong = (from: ProcessId) => this.#lie(from, OTHER_QUESTION)
    this.#calls = new Calls<Asked, Answer>(env, leaderlessMessages, this.#port, wrong)
    if (!isMember(group, self)) return
    const { store } = this
    const { keysMax, antiEntropyPeriodMs: periodMs } = this.#bounds
    const kept = new KeptStates({
      self,
      store,
      ring: this.#ring,
      hash: crypto.hash,
      conflicts: this.#conflicts,
      keysMax
    })
    const neighbours = this.#ring.neighboursOf(self)
    const lie = (from: ProcessId, detail: string) => this.#lie(from, detail)
    this.#replica = { kept, antiEntropy: new AntiEntropy({ env, kept, neighbours, periodMs, send, lie }) }
  }

  /**
   * @param returned - is told once
   * @throws WindowFullError, InvalidParametersError
   */
  get(key: string, options: GetOptions, returned: (result: GetResult) => void): OpenOperation {
    requireKey(key)
    const { r, consistency } = this.#policy.ofGet(options)
    return this.#operation('get', key, (finish) => {
      const get: GetOperation = new GetOperation({
        calls: this.#calls,
        clock: this.env.clock,
        key,
        replicas: this.#replicasOf(key),
        conflicts: this.#conflicts,
        r,
        isState: (from, answer) => this.#isState(from, key, answer),
        finished: (state) => {
          if (state.versions.length > 1) this.env.observer.landmark('siblings-read')
          this.#awaitRepair(get)
          finish(() => returned({ ...resultOf(state), consistency }))
        },
        repair: (replica, state) => {
          this.env.observer.landmark('read-repair')
          this.#port.send(replica, { type: 'REPAIR', key, state })
        },
        ended: () => void this.#repairing.delete(get)
      })
      return get
    })
  }

  /**
   * @param returned - is told once
   * @throws WindowFullError, InvalidParametersError
   */
  put(
    key: string,
    value: Uint8Array,
    options: PutOptions,
    returned: (result: PutResult) => void
  ): OpenOperation {
    requireValue(value, this.#bounds.valueBytesMax)
    return this.#put('put', key, value, options, returned)
  }

  /**
   * @param returned - is told once
   * @throws WindowFullError, InvalidParametersError
   */
  delete(key: string, options: DeleteOptions, returned: (result: PutResult) => void): OpenOperation {
    return this.#put('delete', key, null, options, returned)
  }

  state(): PlainValue {
    return {
      kept: this.#replica?.kept.state() ?? null,
      exchanges: this.#replica?.antiEntropy.state() ?? null,
      calls: this.#calls.state()
    }
  }

  #put(
    name: 'put' | 'delete',
    key: string,
    value: Uint8Array | null,
    options: PutOptions,
    returned: (result: PutResult) => void
  ): OpenOperation {
    requireKey(key)
    const { w, consistency } = this.#policy.ofPut(options)
    const { context = NOTHING_SEEN } = options
    requireContext(context)
    const { clock, time: seen } = context
    const replicas = this.#replicasOf(key)
    const problem = clockProblem(clock, replicas)
    if (problem !== undefined) throw new InvalidParametersError(`context: not of this key: ${problem}`)
    // Now and not when it begins, so that the caller is told if there is none, and times follow the order of asking.
    const given = this.#times.next(seen)
    return this.#operation(name, key, (finish) => {
      this.#times.reserve(given)
      const { random, observer } = this.env
      const write = { number: random.bytes(16), time: given, value }
      return new PutOperation({
        calls: this.#calls,
        clock: this.env.clock,
        observer,
        key,
        replicas,
        context: clock,
        write,
        w,
        isState: (from, answer) => this.#isState(from, key, answer),
        finished: (result) =>
          finish(() =>
            returned(
              typeof result === 'string'
                ? { written: false, refusal: result }
                : { written: true, consistency, conflict: result.versions.length > 1 }
            )
          )
      })
    })
  }

  #operation(
    name: string,
    key: string,
    begin: (finish: (effect: () => void) => void) => OpenOperation
  ): OpenOperation {
    if (this.#open.size >= OPERATIONS_OPEN_MAX)
      throw new WindowFullError(`${OPERATIONS_OPEN_MAX} operations of this client are under way already`)
    let begun: OpenOperation | undefined
    const operation: OpenOperation = {
      abandon: () => {
        if (this.#open.delete(operation)) begun?.abandon()
      }
    }
    this.#open.add(operation)
    this.request(name, [key], () => {
      if (!this.#open.has(operation)) return
      begun = begin((effect) => {
        this.#open.delete(operation)
        this.env.whenDurable(effect)
      })
    })
    return operation
  }

  #awaitRepair(get: GetOperation): void {
    this.#repairing.add(get)
    if (this.#repairing.size <= READ_REPAIRS_WAITING_MAX) return
    const [oldest] = this.#repairing
    oldest?.repair()
  }

  #onMessage(from: ProcessId, message: LeaderlessMessage): void {
    switch (message.type) {
      case 'STATE':
      case 'MERGED':
      case 'REFUSED':
        if (isMember(this.env.group, from)) this.#calls.answer(from, message)
        else this.#lie(from, `is no member, and sends ${message.type}`)
        break
      case 'SAME':
      case 'NODES':
      case 'ITEMS':
      case 'TAKEN':
        this.#replica?.antiEntropy.onAnswer(from, message)
        break
      default: {
        const answer = this.#answerTo(from, message)
        if (answer !== undefined) this.#port.answer(from, answer)
      }
    }
  }

  #answerTo(from: ProcessId, question: Question | ExchangeQuestion): LeaderlessMessage | undefined {
    const replica = this.#replica
    if (replica === undefined) {
      this.#lie(from, 'asks a client')
      return undefined
    }
    if ('exchange' in question) return replica.antiEntropy.answerTo(from, question)
    const { key } = question
    const replicas = this.#replicasOf(key)
    if (!replicas.includes(this.env.self)) {
      this.#lie(from, `asks for ${key}, which others keep`)
      return undefined
    }
    return this.#answerOf(replica.kept, from, replicas, question)
  }

  #answerOf(
    kept: KeptStates,
    from: ProcessId,
    replicas: readonly ProcessId[],
    question: Question
  ): LeaderlessMessage | undefined {
    const { type, key } = question
    const answering = (asked: Asked) => this.#calls.answering(asked)
    if (type === 'GET') return { type: 'STATE', call: answering(question), key, state: kept.get(key) }
    const isPut = type === 'PUT'
    if (isPut && clockProblem(question.context, replicas) !== undefined) {
      this.#lie(from, `puts with a context that is none of ${key}`)
      return undefined
    }
    const refusal = isPut ? kept.put(key, question.context, question) : kept.merge(key, question.state)
    // However little it brings, all that is kept of the key is joined with it, and written again.
    this.#port.charge(from, writtenUs(kept.get(key)))
    if (refusal !== undefined) this.#port.charge(from, WORK_US.refusal)
    if (refusal === 'invalid state') this.#lie(from, `sends an impossible state of ${key}`)
    if (type === 'REPAIR' || refusal === 'invalid state') return undefined
    const call = answering(question)
    if (refusal !== undefined) return { type: 'REFUSED', call, reason: STORE_REFUSALS.indexOf(refusal) }
    return isPut ? { type: 'STATE', call, key, state: kept.get(key) } : { type: 'MERGED', call }
  }

  /** Whether it is all that the replica has of the key; who sends anything else lies. */
  #isState(from: ProcessId, key: string, answer: Answer): answer is Extract<Answer, { type: 'STATE' }> {
    if (answer.type !== 'STATE' || answer.key !== key) {
      this.#lie(from, OTHER_QUESTION)
      return false
    }
    const problem = stateProblem(answer.state, this.#replicasOf(key), this.#conflicts)
    if (problem !== undefined) this.#lie(from, `answers with ${problem}`)
    return problem === undefined
  }

  #replicasOf(key: string): readonly ProcessId[] {
    return this.#ring.replicasOf(this.#ring.idOf(key))
  }

  #lie(process: ProcessId, detail: string): void {
    this.env.observer.fault({ process, kind: 'protocol-violation', certainty: 'certain', detail })
  }
}

/** About what a state costs to be joined and written, nominal microseconds of work. */
const writtenUs = ({ versions }: KeyState): number =>
  (versions.reduce((bytes, { value }) => bytes + (value?.length ?? 0), 0) * WORK_US.answered64KiB) /
  (64 * 1024)

const NOTHING_SEEN: Context = Object.freeze({ clock: [], time: 0 })

function resultOf({ clock, versions }: KeyState): Omit<GetResult, 'consistency'> {
  return {
    values: versions.flatMap(({ value }) => (value === null ? [] : [value])),
    deleted: versions.some(({ value }) => value === null),
    context: { clock, time: Math.max(0, ...versions.map(({ time }) => time)) }
  }
}
