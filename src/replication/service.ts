/** A replicated machine, as applications use it: commands are submitted, and executed everywhere in one order. */
import { defineService } from '../core/service.ts'
import { bytes, digest, list, rank, record, uint } from '../core/shapes.ts'
import { COMMAND_BYTES_MAX } from './requests.ts'

const BATCH_MAX = 1024

export const replicaService = defineService({
  name: 'replica',
  requests: {
    /** Returns the place of the command among all that were executed. */
    submit: { arguments: { command: bytes(COMMAND_BYTES_MAX) }, result: uint() }
  },
  indications: {
    /** The batch at that number, with those of its commands that took effect. */
    execute: {
      sequence: uint(),
      batch: digest,
      commands: list(
        record({
          client: rank,
          life: uint(),
          number: uint(),
          command: bytes(COMMAND_BYTES_MAX),
          result: uint()
        }),
        BATCH_MAX
      )
    },
    /** This member's state after that number. */
    checkpoint: { sequence: uint(), state: digest },
    /** A quorum has that state there. */
    stable: { sequence: uint(), state: digest },
    /** This member is in that view. */
    view: { view: uint() }
  }
})
