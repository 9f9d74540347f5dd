/** Mutants of src/leaderless. */
import type { Mutant } from '../mutant.ts'

const PROTOCOL = 'leaderless-store'

export const leaderlessMutants: readonly Mutant[] = [
  {
    name: 'leaderless-replica-does-not-store-what-it-has',
    kind: 'forgotten write',
    in: 'KeptStates.#hold',
    find: '    this.#init.store.put(PREFIX + this.#nameOf(key), encoded)\n',
    replace: '',
    breaks: 'regularity',
    because: 'a replica that comes back has nothing of what it acknowledged',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 3 }]
  },
  {
    name: 'leaderless-put-asks-no-other-replica',
    kind: 'lost message',
    in: 'PutOperation.#onTimeout',
    find: 'this.#asked < this.#init.replicas.length) this.#askNext()',
    replace: 'this.#asked < this.#init.replicas.length) return',
    breaks: 'termination',
    because: 'the first replica may be down for good',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'leaderless-put-counts-on-fewer-than-gets-do',
    kind: 'quorum',
    in: 'StoreQuorums.ofPut',
    find: 'Math.min(this.r, this.replicas - this.w + 1)',
    replace: 'this.r',
    breaks: 'regularity',
    because: 'of two replicas a get asks one and a put another, where the store asks both',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 2 }]
  },
  {
    name: 'leaderless-replicas-do-not-exchange',
    kind: 'lost message',
    in: 'LeaderlessStore.#onMessage',
    find: "      case 'SAME':\n      case 'NODES':",
    replace: "      case 'NODES':\n        break\n      case 'SAME':",
    breaks: 'convergence',
    because: 'a replica that was away when a put came keeps an older state for ever, unless somebody reads',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 3 }]
  }
]
