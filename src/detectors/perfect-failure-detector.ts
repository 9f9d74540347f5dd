/**
 * A perfect failure detector by exclusion on timeout (CGR11 Algorithm 2.5, Module 2.6).
 *
 * Requests:    none
 * Indications: detected(member)
 *
 * Properties:
 * - *strong completeness*: whoever crashes is detected for good by every correct process in the end;
 * - *strong accuracy*: who is detected has crashed.
 *
 *     upon Init:               alive := all; detected := none; starttimer(D)
 *     upon Timeout:            forall p: if p is neither alive nor detected then
 *                                detected := detected + p; trigger Crash(p)
 *                                else, if p is not detected, send [HEARTBEATREQUEST] to p
 *                              alive := none; starttimer(D)
 *     upon [HEARTBEATREQUEST] from q: send [HEARTBEATREPLY] to q
 *     upon [HEARTBEATREPLY] from p:   alive := alive + p
 *
 * (The book asks those too whom it has just detected, which changes nothing: they do not answer.)
 *
 * Model: fail-stop, any f < n; perfect links, and a bound on latencies that the timeout covers (constants.ts). Without
 * such a bound nothing of this kind exists: a slow process would be taken for a crashed one, for ever.
 * Cost: 2 (n - 1) messages of each process in each round. Space: two sets of members.
 */

import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { isMember, type ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { CRASH_STOP, type Needs } from '../core/model.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Port, Ports } from '../links/ports.ts'
import { DETECTOR_TIMEOUT_MS } from './constants.ts'

export const detectorMessages = defineMessages({ HEARTBEATREQUEST: [0, {}], HEARTBEATREPLY: [1, {}] })

export interface DetectorIndications {
  detected(member: ProcessId): void
}

export class PerfectFailureDetector extends Component<DetectorIndications> {
  static override readonly needs: Needs = { ...CRASH_STOP, timing: 'bounded' }
  readonly #port: Port<MessageOf<typeof detectorMessages>>
  readonly #detected = new Set<ProcessId>()
  #alive: Set<ProcessId>

  constructor(env: Environment, path: string, ports: Ports, indications: DetectorIndications) {
    super(env, path, indications)
    this.#alive = new Set(this.#others)
    this.#port = ports.open(path, detectorMessages, {
      deliver: (from, { type }) => {
        if (type === 'HEARTBEATREQUEST') this.#port.send(from, { type: 'HEARTBEATREPLY' })
        else if (isMember(env.group, from)) this.#alive.add(from)
      },
      resync: () => {}
    })
  }

  /** Begins with its first round; to be called once. */
  restore(): void {
    this.#startTimer()
  }

  override state(): PlainValue {
    return { alive: [...this.#alive], detected: [...this.#detected] }
  }

  /** Of itself a process need not be told. */
  get #others(): readonly ProcessId[] {
    const { group, self } = this.env
    return group.ranks.filter((rank) => rank !== self)
  }

  #startTimer(): void {
    this.env.clock.setTimer(DETECTOR_TIMEOUT_MS, () => this.#onTimeout())
  }

  #onTimeout(): void {
    for (const member of this.#others) {
      if (this.#detected.has(member)) continue
      // if p is neither alive nor detected then ...
      if (!this.#alive.has(member)) {
        this.#detected.add(member)
        this.env.observer.landmark('crash-detected')
        this.indicate.detected(member)
      } else this.#port.send(member, { type: 'HEARTBEATREQUEST' })
    }
    this.#alive = new Set()
    this.#startTimer()
  }
}
