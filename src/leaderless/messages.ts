/** The messages of the leaderless store: of clients, of replicas that answer, and of replicas among themselves. */
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { fixedBytes, list, text, uint } from '../core/shapes.ts'
import { answeredShape, callShape } from '../exchange/call-id.ts'
import { ITEMS_MAX, KEY_CHARACTERS_MAX, NODES_COMPARED_MAX } from './constants.ts'
import { itemShape, type StoreRefusal } from './kept-states.ts'
import { DIGEST_BYTES, idShape, nodeShape, pathShape } from './merkle-tree.ts'
import { clockShape, stateShape, writeFields } from './versions.ts'

/** In the order of their numbers on the wire. */
export const STORE_REFUSALS: readonly StoreRefusal[] = [
  'too many keys',
  'too many siblings',
  'counter exhausted'
]

const key = text(KEY_CHARACTERS_MAX)

export const leaderlessMessages = defineMessages(
  {
    GET: [0, { call: callShape, key }],
    PUT: [1, { call: callShape, key, context: clockShape, ...writeFields }],
    /** Answers GET and PUT: all that the replica has of the key. */
    STATE: [2, { call: answeredShape, key, state: stateShape }],
    MERGE: [3, { call: callShape, key, state: stateShape }],
    MERGED: [4, { call: answeredShape }],
    REFUSED: [5, { call: answeredShape, reason: uint(STORE_REFUSALS.length - 1) }],
    /** A MERGE that nobody waits for. */
    REPAIR: [6, { key, state: stateShape }],
    /** Anti-entropy: is this your root too? */
    COMPARE: [7, { exchange: callShape, root: fixedBytes(DIGEST_BYTES) }],
    SAME: [8, { exchange: callShape }],
    DESCRIBE: [9, { exchange: callShape, paths: list(pathShape, NODES_COMPARED_MAX) }],
    NODES: [10, { exchange: callShape, nodes: list(nodeShape, NODES_COMPARED_MAX) }],
    FETCH: [11, { exchange: callShape, ids: list(idShape, ITEMS_MAX) }],
    ITEMS: [12, { exchange: callShape, items: list(itemShape, ITEMS_MAX) }],
    OFFER: [13, { exchange: callShape, items: list(itemShape, ITEMS_MAX) }],
    TAKEN: [14, { exchange: callShape }]
  },
  {
    GET: { role: 'request', call: 'call' },
    PUT: { role: 'request', call: 'call' },
    STATE: { role: 'answer', call: 'call', subject: 'key', content: 'state' },
    MERGE: { role: 'request', call: 'call' },
    MERGED: { role: 'answer', call: 'call' },
    REFUSED: { role: 'answer', call: 'call' },
    REPAIR: { role: 'request', subject: 'key', content: 'state' },
    COMPARE: { role: 'request', call: 'exchange' },
    SAME: { role: 'answer', call: 'exchange' },
    DESCRIBE: { role: 'request', call: 'exchange' },
    NODES: { role: 'answer', call: 'exchange' },
    FETCH: { role: 'request', call: 'exchange' },
    ITEMS: { role: 'answer', call: 'exchange' },
    OFFER: { role: 'request', call: 'exchange' },
    TAKEN: { role: 'answer', call: 'exchange' }
  }
)

export type LeaderlessMessage = MessageOf<typeof leaderlessMessages>

type OfType<T extends LeaderlessMessage['type']> = Extract<LeaderlessMessage, { type: T }>

export type Answer = OfType<'STATE' | 'MERGED' | 'REFUSED'>

/** What a client asks, and waits for. */
export type Asked = OfType<'GET' | 'PUT' | 'MERGE'>

/** What a client asks of a replica. */
export type Question = Asked | OfType<'REPAIR'>

/** What one replica begins, and another answers. */
export type ExchangeQuestion = OfType<'COMPARE' | 'DESCRIBE' | 'FETCH' | 'OFFER'>
export type ExchangeAnswer = OfType<'SAME' | 'NODES' | 'ITEMS' | 'TAKEN'>
