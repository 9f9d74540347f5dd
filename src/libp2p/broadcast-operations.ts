/** Broadcasts for an application, over the requests of its process. */

import type { Delivery } from '../broadcast/delivery-log.ts'
import { broadcastService } from '../broadcast/service.ts'
import { InvalidParametersError, WindowFullError } from '../core/errors.ts'
import type { ProcessId } from '../core/group.ts'
import type { Told } from './offered-service.ts'
import type { OfferedServices } from './offered-services.ts'
import { definitely } from './operation-errors.ts'
import { type Endings, REQUEST_WAITERS_MAX } from './requests.ts'
import type { BroadcastName } from './service.ts'
import { requireWait, type WaitOptions } from './waits.ts'

/** How many broadcasts may wait for the window; one more is refused. */
export const BROADCAST_WAITERS_MAX = REQUEST_WAITERS_MAX

/** A broadcast waits for the window as long as it takes, and says what kept it in the words of whoever did. */
const BROADCAST: Endings = {
  interrupted: (_definite, cause) => cause,
  refused: definitely,
  full: () =>
    definitely(new WindowFullError(`${BROADCAST_WAITERS_MAX} broadcasts wait for the window already`))
}

/** @returns its name, once a crash cannot lose it any more */
export async function broadcastFor(
  offered: OfferedServices,
  sender: ProcessId,
  payload: Uint8Array,
  options: WaitOptions
): Promise<BroadcastName> {
  const wait = requireWait({ what: 'broadcast', late: 'was not accepted' }, options)
  if (!(payload instanceof Uint8Array))
    throw definitely(new InvalidParametersError('payload: expected a Uint8Array'))
  // A copy: what is broadcast must not change any more, and a Node Buffer becomes a plain byte string.
  const given = [new Uint8Array(payload)]
  const waiting = { wait, endings: BROADCAST }
  return { sender, sequence: await offered.ask<number>(broadcastService, 'broadcast', given, waiting) }
}

/** A delivery or a gap, as applications know it. */
export function toDelivery({ name, values }: Told): Delivery {
  const { sender, sequence, payload, position, from, to } = values as Fields<Delivery>
  return name === 'gap'
    ? { type: 'gap', position, sender, from, to }
    : { type: 'delivery', position, sender, sequence, payload }
}

/** The same deliveries, as the service declares them. */
export const toTold = (deliveries: AsyncIterable<Delivery>): AsyncIterable<Told> => ({
  [Symbol.asyncIterator]() {
    const consumer = deliveries[Symbol.asyncIterator]()
    const told = async (next: Promise<IteratorResult<Delivery>>): Promise<IteratorResult<Told>> => {
      const { done, value } = await next
      if (done === true) return { done, value: undefined }
      const { type, ...values } = value
      return { done: false, value: { name: type === 'gap' ? type : 'deliver', values } }
    }
    return { next: () => told(consumer.next()), return: () => told(ended(consumer)) }
  }
})

const ended = async (consumer: AsyncIterator<Delivery>): Promise<IteratorResult<Delivery>> =>
  (await consumer.return?.()) ?? { done: true, value: undefined }

/** What either kind brings. */
type Fields<T> = {
  readonly [K in T extends T ? keyof T : never]: T extends { readonly [N in K]: infer V } ? V : never
}
