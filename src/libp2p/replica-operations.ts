/** The replicated machine for an application, over the requests of its process. */
import type { Reply } from '../replication/replies.ts'
import { replicaService } from '../replication/service.ts'
import type { OfferedServices } from './offered-services.ts'
import { CommandRefusedError } from './operation-errors.ts'
import { command as asking, ownBytes } from './operations.ts'
import type { ReplicatedMachine } from './replica-service.ts'

export function replicaFor(offered: OfferedServices): ReplicatedMachine {
  return {
    submit: async (command, options = {}) => {
      const given = [ownBytes(command, 'command')]
      const { kind, result } = await offered.ask<Reply>(
        replicaService,
        'submit',
        given,
        asking('submit', options)
      )
      if (kind !== 'result') throw new CommandRefusedError(kind)
      return result
    }
  }
}
