/** The replicated machine for an application, over the requests of its process. */
import { InvalidParametersError } from '../core/errors.ts'
import type { ClosedSession } from '../replication/replica-client.ts'
import type { CommandOutcome } from '../replication/replies.ts'
import { replicaService } from '../replication/service.ts'
import type { CommitLog } from './commit-log.ts'
import type { OfferedServices } from './offered-services.ts'
import { CommandRefusedError } from './operation-errors.ts'
import { command as asking, ownBytes } from './operations.ts'
import type { ReplicatedMachine } from './replica-service.ts'

/** @param commits - of a member */
export function replicaFor(offered: OfferedServices, commits?: CommitLog): ReplicatedMachine {
  return {
    commits: (options = {}) => {
      if (commits !== undefined && offered.requests(replicaService.name) !== undefined)
        return commits.follow(options)
      throw new InvalidParametersError('commits: only a member of a group with a replicated machine has them')
    },
    submit: async (command, options = {}) => {
      const given = [ownBytes(command, 'command')]
      const { kind, result } = await offered.ask<CommandOutcome>(
        replicaService,
        'submit',
        given,
        asking('submit', options)
      )
      if (kind !== 'result') throw new CommandRefusedError(kind)
      return result
    },
    close: async (options = {}) =>
      offered.ask<ClosedSession>(replicaService, 'closeSession', [], asking('close', options))
  }
}
