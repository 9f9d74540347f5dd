/**
 * Best-effort broadcast: basic broadcast (CGR11 Algorithm 3.1, Module 3.1).
 *
 * Requests:    broadcast(payload)
 * Indications: deliver(sender, payload)
 *
 * Properties: validity (between correct processes, within a session of the links), no duplication, no creation.
 * Nothing is promised when the sender is faulty. Over authenticated links this holds in the fail-arbitrary model.
 *
 * Cost: 1 communication step, n - 1 messages. Space: none.
 * What is lost with a session is not sent again: that is what the reliable broadcasts are for.
 */
import { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import { InvalidParametersError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { bytes } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import type { Port, Ports } from '../links/ports.ts'
import { PAYLOAD_BYTES_MAX } from './constants.ts'

export const bestEffortMessages = defineMessages(
  { DATA: [0, { payload: bytes(PAYLOAD_BYTES_MAX) }] },
  { DATA: { role: 'proposal', content: 'payload' } }
)

export interface BestEffortIndications {
  deliver(sender: ProcessId, payload: Uint8Array): void
}

export class BestEffortBroadcast extends Component<BestEffortIndications> {
  readonly #port: Port<MessageOf<typeof bestEffortMessages>>

  constructor(env: Environment, path: string, ports: Ports, indications: BestEffortIndications) {
    super(env, path, indications)
    this.#port = ports.open(path, bestEffortMessages, {
      deliver: (from, { payload }) => this.indicate.deliver(from, payload),
      resync: () => {}
    })
  }

  /** @throws InvalidParametersError if the payload is too long */
  broadcast(payload: Uint8Array): void {
    if (payload.length > PAYLOAD_BYTES_MAX) {
      throw new InvalidParametersError(
        `a payload has at most ${PAYLOAD_BYTES_MAX} bytes, not ${payload.length}`
      )
    }
    this.request('broadcast', [payload], () => this.#port.sendAll({ type: 'DATA', payload }))
  }

  override state(): PlainValue {
    return null
  }
}
