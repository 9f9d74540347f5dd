/** The leaderless key-value store. */
import { failRecovery } from '../core/model.ts'
import { majority } from '../core/quorum.ts'
import { REPLICAS } from '../leaderless/constants.ts'
import { LeaderlessStore } from '../leaderless/leaderless-store.ts'
import { leaderlessService } from '../leaderless/service.ts'
import type { LeaderlessStoreStack, Resilience } from '../stacks/stack.ts'

/** Whichever members are down for good, a majority of the replicas of each key is up. */
const minorityOfReplicas: Resilience = {
  formula: 'f < a majority of the replicas of a key',
  admits: (n, f) => f <= minorityOfReplicas.largest(n),
  largest(n) {
    const replicas = Math.min(REPLICAS, n)
    return replicas - majority(replicas)
  }
}

export const leaderlessStore: LeaderlessStoreStack = {
  abstraction: 'leaderless-store',
  services: [leaderlessService],
  clients: true,
  name: 'leaderless-store',
  title: 'Leaderless key-value store: quorums of replicas, siblings, read repair, anti-entropy',
  source: 'DeCandia et al. 2007',
  model: failRecovery,
  resilience: minorityOfReplicas,
  properties: ['termination', 'no creation', 'regularity', 'no lost update', 'convergence', 'accuracy'],
  landmarks: [
    'siblings-read',
    'read-repair',
    'anti-entropy-repaired',
    'put-asks-another-replica',
    'partial-quorum-missed-a-put',
    'replicas-compared',
    'session-ended',
    'restarted',
    'held-message-dropped'
  ],
  build(env, ports) {
    const store = new LeaderlessStore(env, 'leaderless-store', ports)
    return {
      services: { [leaderlessService.name]: store },
      restore() {},
      state: () => ({ [store.path]: store.state() })
    }
  }
}
