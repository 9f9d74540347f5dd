/** Mutants that miscount: when all is acknowledged, answered or over there is less to be had than before, or more. They fall to balances. */
import type { Mutant } from '../mutant.ts'

export const balanceMutants: readonly Mutant[] = [
  {
    name: 'acknowledged-frames-stay-counted',
    kind: 'wrong tally',
    in: 'SendWindow.acknowledge',
    find: 'for (const frame of this.#unacked.splice(0, ack - this.#acked)) this.#unackedBytes -= frame.length',
    replace: 'this.#unacked.splice(0, ack - this.#acked)',
    by: 'table',
    table: 'balances',
    breaks: 'send window: when all is acknowledged nothing is outstanding',
    because: 'the session ends when enough was ever sent'
  },
  {
    name: 'queued-messages-leave-their-overhead',
    kind: 'wrong tally',
    in: 'SendWindow.takeBatch',
    find: 'this.#queuedBytes -= length + LINK_MESSAGE_OVERHEAD_BYTES',
    replace: 'this.#queuedBytes -= length',
    by: 'table',
    table: 'balances',
    breaks: 'send window: when all is acknowledged nothing is outstanding',
    because: 'each message that was ever sent takes a little of the room for the next'
  },
  {
    name: 'waiting-frames-stay-counted',
    kind: 'wrong tally',
    in: 'ReceiveWindow.accept',
    find: 'this.#waitingBytes -= next.bytes',
    replace: '',
    by: 'table',
    table: 'balances',
    breaks: 'receive window: when all holes are filled nothing waits',
    because: 'frames that overtake others are dropped, once enough have done so'
  },
  {
    name: 'handled-messages-leave-their-overhead',
    kind: 'wrong tally',
    in: 'Intake.#next',
    find: 'queue.waitingBytes -= message.length + WAITING_MESSAGE_OVERHEAD_BYTES',
    replace: 'queue.waitingBytes -= message.length',
    by: 'table',
    table: 'balances',
    breaks: 'intake: when all was handled and is on the disk, as much may wait and be held as ever',
    because: 'a peer is pressed for ever, once it has sent enough'
  },
  {
    name: 'own-bytes-stay-counted',
    kind: 'wrong tally',
    in: 'NumberedBroadcast.acknowledge',
    find: 'if (sender === this.env.self) this.#ownBytes -= bytes',
    replace: '',
    by: 'table',
    table: 'balances',
    breaks: 'window of own bytes: when all is delivered and taken over it is as wide as ever',
    because: 'a member broadcasts no more, once it has broadcast as much as its window has bytes'
  },
  {
    name: 'slots-are-released-twice',
    kind: 'wrong tally',
    in: 'Slots.release',
    find: `if (next === undefined) this.#free++
    else next()`,
    replace: `this.#free++
    next?.()`,
    by: 'table',
    table: 'balances',
    breaks: 'slots: when all are released as many may be taken as ever',
    because: 'each that waited makes room for two'
  },
  {
    name: 'counts-are-not-taken-away',
    kind: 'wrong tally',
    in: 'Counts.add',
    find: 'this.of(key) + count',
    replace: 'this.of(key) + Math.abs(count)',
    by: 'table',
    table: 'balances',
    breaks: 'counts: what was added and taken away again is not there',
    because: 'an owner has used up its registers, and keeps none'
  },
  {
    name: 'shares-are-given-back-to-the-common-half',
    kind: 'wrong tally',
    in: 'FairShares.take',
    find: 'this.#beyond += this.#beyondShare(sharer, after) - this.#beyondShare(sharer, before)',
    replace: 'this.#beyond += this.#beyondShare(sharer, after)',
    by: 'table',
    table: 'balances',
    breaks: 'shares: when all is given back everybody has its share and the common half',
    because: 'whoever takes and gives back uses up what is for all'
  },
  {
    name: 'stubborn-messages-leave-their-overhead',
    kind: 'wrong tally',
    in: 'StubbornLinks.#onAck',
    find: 'peer.bytes -= frame.length + LINK_MESSAGE_OVERHEAD_BYTES',
    replace: 'peer.bytes -= frame.length',
    by: 'table',
    table: 'balances',
    breaks: 'stubborn links: when all is acknowledged a peer may leave as many bytes unacknowledged as ever',
    because: 'a peer that acknowledges everything is given up'
  }
]
