/** A replicated machine, as applications use it: commands are submitted, and executed everywhere in one order. */
import { defineService } from '../core/service.ts'
import { bool, bytes, digest, fixedBytes, list, optional, rank, record, text, uint } from '../core/shapes.ts'
import { COMMAND_BYTES_MAX, RESULT_BYTES_MAX } from './constants.ts'

const BATCH_MAX = 1024

/** One of those that replies.ts lists, or `closed`, and the result. */
const reply = { kind: text(16), result: bytes(RESULT_BYTES_MAX) }

export const replicaService = defineService({
  name: 'replica',
  requests: {
    submit: { arguments: { command: bytes(COMMAND_BYTES_MAX) }, result: record(reply) },
    /** Ends the session of what was submitted: see ClosedSession. */
    closeSession: { arguments: {}, result: record({ session: uint(), refused: uint(), unknown: uint() }) }
  },
  indications: {
    /** The batch at that number, with those of its commands that took effect. */
    execute: {
      sequence: uint(),
      batch: digest,
      commands: list(
        record({
          index: uint(),
          client: fixedBytes(32),
          process: optional(rank),
          session: uint(),
          number: uint(),
          command: bytes(COMMAND_BYTES_MAX),
          ...reply
        }),
        BATCH_MAX
      )
    },
    /** This member's state after that number. */
    checkpoint: { sequence: uint(), state: digest },
    /** A quorum has that state there. */
    stable: { sequence: uint(), state: digest },
    /**
     * This member goes on from that state, which others had there. What lies before it, it did not execute; or
     * `diverged`: it had another state, and what it told of that may be wrong.
     */
    install: { sequence: uint(), state: digest, diverged: bool },
    /** This member is in that view. */
    view: { view: uint() }
  }
})
