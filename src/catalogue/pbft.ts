/** State machine replication by practical Byzantine fault tolerance. */
import { alteredModel, failArbitrary } from '../core/model.ts'
import { KeyValueMachine } from '../replication/key-value-machine.ts'
import { Replica } from '../replication/replica.ts'
import { replicaService } from '../replication/service.ts'
import type { StateMachine } from '../replication/state-machine.ts'
import { againstAgreement } from '../stacks/landmarks.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { ReplicaStack } from '../stacks/stack.ts'

/**
 * A stack that replicates a machine of somebody's own: for `stack` of members and clients, and for the simulator.
 *
 * @param name - of the stack, in kebab case
 * @param machine - makes a machine in its first state: the same for all members, for ever
 */
export const replicated = (name: string, machine: () => StateMachine): ReplicaStack => ({
  abstraction: 'replica',
  orders: true,
  services: [replicaService],
  name,
  title: 'Replicated state machine: PBFT, with views that begin with a certified start',
  source: 'Castro, Liskov 1999 and 2002',
  model: alteredModel(failArbitrary, { timing: 'eventually bounded' }),
  resilience: moreThanThreeF,
  clients: true,
  machine,
  properties: [
    'termination',
    'agreement',
    'order',
    'validity',
    'exactly once',
    'results',
    'real time',
    'vote once',
    'quorum behind a commit',
    'carried over',
    'space',
    'message complexity',
    'view stability',
    'accuracy'
  ],
  landmarks: [
    'several-in-a-batch',
    'batches-in-flight',
    'batch-refused',
    'vote-before-proposal',
    'payload-pulled',
    'window-full',
    'window-opened',
    'contradicting-vote',
    'equivocation-seen',
    'stable',
    'behind-stable',
    'catch-up-used',
    'retained-log-used',
    'state-installed',
    'view-entered',
    'entered-by-start-alone',
    'view-joined',
    'view-skipped',
    'view-of-a-few',
    'views-without-a-command',
    'liar-led-a-view',
    'new-view-refused',
    'number-carried-over',
    'number-selected-by-votes',
    'number-copied-from-a-start',
    'null-selected',
    'older-base-outvoted',
    'vote-not-selected',
    'selection-undecided',
    'request-carried-over',
    'voted-for-what-was-executed',
    'executed-in-several-views',
    'accept-waits-for-bodies',
    'ordered-again',
    'several-in-an-envelope',
    'answered-from-the-state',
    'answered-after-a-view-change',
    'session-replaced',
    'session-closed',
    'session-evicted',
    'session-lost',
    'refused-at-a-close',
    'result-asked-again',
    'timeout-doubled',
    'timeout-at-the-cap',
    'timeout-lowered',
    'request-passed-over',
    'session-ended',
    'restarted',
    'restarted-in-a-change',
    'restarted-before-a-commit',
    'restarted-after-accepting',
    'restarted-before-the-first-vote',
    'restarted-as-primary',
    'log-replayed'
  ],
  landmarksAgainst: againstAgreement,
  build(env, ports, options, application) {
    const replica = new Replica(env, 'replica', ports, options, machine(), application)
    const { agreement } = replica
    return {
      services: { [replicaService.name]: replica },
      restore: () => replica.restore(),
      state: () => ({
        [replica.path]: replica.state(),
        ...(agreement && { [agreement.path]: agreement.state() })
      })
    }
  }
})

export const pbft = replicated('pbft', () => new KeyValueMachine())
