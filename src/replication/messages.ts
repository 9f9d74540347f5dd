/** What clients and members say to each other. */
import { ENVELOPE_BYTES_MAX } from '../consensus/pbft/constants.ts'
import { defineMessages, type MessageOf } from '../core/messages.ts'
import { bytes, digest, optional, uint } from '../core/shapes.ts'
import { RESULT_BYTES_MAX } from './constants.ts'
import { REPLY_KINDS } from './replies.ts'

export const replicaMessages = defineMessages(
  {
    REQUEST: [0, { envelope: bytes(ENVELOPE_BYTES_MAX) }],
    REPLY: [
      1,
      {
        /** The hash of the envelope, of one that opens or closes a session; none: of a command. */
        envelopeHash: optional(digest),
        sessionId: uint(),
        /** Of the command; 0: of none. */
        number: uint(),
        /** In which the member is. */
        view: uint(),
        groupEpoch: uint(),
        outcome: uint(REPLY_KINDS.length - 1),
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
