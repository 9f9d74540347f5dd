/** What clients and members say to each other, and members that hand a state over. */
import { ENVELOPE_BYTES_MAX } from '../consensus/pbft/constants.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { bytes, digest, optional, uint } from '../core/shapes.ts'
import { bodyMessages } from '../exchange/bodies.ts'
import { PART_LIST_BYTES_MAX, RESULT_BYTES_MAX } from './constants.ts'
import { partName } from './kept-states.ts'
import { OUTCOMES } from './replies.ts'

export const replicaMessages = defineMessages(
  {
    REQUEST: [0, { envelope: bytes(ENVELOPE_BYTES_MAX) }],
    REPLY: [
      1,
      {
        /** The hash of the envelope, of one that opens or closes a session, or was not taken in; none: of a command. */
        envelopeHash: optional(digest),
        sessionId: uint(),
        /** Of the command; 0: of none. */
        number: uint(),
        /** In which the member is. */
        view: uint(),
        groupEpoch: uint(),
        outcome: uint(OUTCOMES.length - 1),
        /** Of the result. */
        digest,
        /** A long one comes from some members alone. */
        result: optional(bytes(RESULT_BYTES_MAX))
      }
    ]
  },
  {
    REQUEST: { role: 'request', content: 'envelope', ordered: true },
    REPLY: { role: 'answer', content: 'result' }
  }
)
export type ReplicaMessage = MessageOf<typeof replicaMessages>
export type ReplyMessage = Extract<ReplicaMessage, { type: 'REPLY' }>

/** The lists of the parts of states, by the digests of the states. */
export const partListMessages = defineMessages(
  {
    FETCH: [0, { digest }],
    PARTS: [1, { digest, partList: bytes(PART_LIST_BYTES_MAX) }]
  },
  {
    FETCH: { role: 'request', content: 'digest' },
    PARTS: { role: 'answer', content: 'partList' }
  }
)
export type PartListMessage = MessageOf<typeof partListMessages>

/** The parts of states, by their names and roots. */
export const partMessages = bodyMessages(partName)
