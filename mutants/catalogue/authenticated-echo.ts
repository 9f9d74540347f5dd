/** Mutants of src/broadcast: authenticated echo, and the tally that it shares with double echo. */
import type { Mutant } from '../mutant.ts'

const PROTOCOL = 'authenticated-echo'

export const authenticatedEchoMutants: readonly Mutant[] = [
  {
    name: 'authenticated-echo-delivers-at-2f-plus-1',
    kind: 'quorum',
    in: 'AuthenticatedEcho.progress',
    find: 'if (instance.delivered) return\n    const agreed = instance.echoes.reached(this.env.group.quorum.byzantine)',
    replace:
      'if (instance.delivered) return\n    const agreed = instance.echoes.reached(this.env.group.quorum.correctMajority)',
    breaks: 'consistency',
    because: 'at n = 5 and n = 6 two sets of 2f + 1 need not share a correct process',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 6 }],
    invisibleAtFour: true
  },
  {
    name: 'authenticated-echo-delivers-at-a-majority',
    kind: 'quorum',
    in: 'AuthenticatedEcho.progress',
    find: 'if (instance.delivered) return\n    const agreed = instance.echoes.reached(this.env.group.quorum.byzantine)',
    replace:
      'if (instance.delivered) return\n    const agreed = instance.echoes.reached(this.env.group.quorum.majority)',
    breaks: 'consistency',
    because: 'at n = 5 and n = 7 two majorities may share nobody but liars',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'authenticated-echo-delivers-at-three',
    kind: 'quorum',
    in: 'AuthenticatedEcho.progress',
    find: 'if (instance.delivered) return\n    const agreed = instance.echoes.reached(this.env.group.quorum.byzantine)',
    replace: 'if (instance.delivered) return\n    const agreed = instance.echoes.reached(3)',
    breaks: 'consistency',
    because: 'three is a quorum of four only',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 5 }],
    invisibleAtFour: true
  },
  {
    name: 'authenticated-echo-accuses-after-two-echoes',
    kind: 'quorum',
    in: 'AuthenticatedEcho.#onEcho',
    find: 'if (instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, echoed) !== undefined) {',
    replace: 'if (instance.echoes.reachedOther(2, echoed) !== undefined) {',
    breaks: 'accuracy',
    because: 'at n = 7 two liars agree on an ECHO, and a correct sender is named an equivocator',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'authenticated-echo-accuses-late-after-two-echoes',
    kind: 'quorum',
    in: 'AuthenticatedEcho.#onSend',
    find: 'if (instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, sent) !== undefined) {',
    replace: 'if (instance.echoes.reachedOther(2, sent) !== undefined) {',
    breaks: 'accuracy',
    because:
      'at n = 7 the ECHOs of two liars come before the SEND, and its correct sender is named an equivocator',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 7, adversary: 'collude' }],
    invisibleAtFour: true
  },
  {
    name: 'authenticated-echo-accuses-after-one-echo',
    kind: 'false accusation',
    in: 'AuthenticatedEcho.#onEcho',
    find: 'if (instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, echoed) !== undefined) {',
    replace: 'if (instance.echoes.reachedOther(1, echoed) !== undefined) {',
    breaks: 'accuracy',
    because: 'one liar echoes what was not sent, and a correct sender is named an equivocator',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'authenticated-echo-echoes-twice',
    kind: 'revised vote',
    in: 'AuthenticatedEcho.#onSend',
    find: `      if (!sameBytes(instance.echoed, sent)) this.#equivocation(instance)
      return
`,
    replace: `      if (!sameBytes(instance.echoed, sent)) this.#equivocation(instance)
`,
    breaks: 'accuracy',
    because: 'whoever gets two SENDs votes for both, and is named for it',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'authenticated-echo-accuses-of-repetition',
    kind: 'false accusation',
    in: 'AuthenticatedEcho.#onSend',
    find: 'if (!sameBytes(instance.echoed, sent)) this.#equivocation(instance)',
    replace: 'this.#equivocation(instance)',
    breaks: 'accuracy',
    because: 'a correct sender says its SEND again in a new session',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'authenticated-echo-delivers-what-it-holds',
    kind: 'missing check',
    in: 'AuthenticatedEcho.progress',
    find: 'if (instance.digest === undefined || !sameBytes(instance.digest, agreed)) {',
    replace: 'if (instance.digest === undefined) {',
    breaks: 'consistency',
    because: 'the quorum agreed on another payload than the one in hand',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'authenticated-echo-forgets-its-own-echo',
    kind: 'forgotten restore',
    in: 'AuthenticatedEcho.fromRecord',
    find: 'if (stored.echoed !== null) instance.echoes.vote(this.env.self, stored.echoed)',
    replace: '',
    breaks: 'validity',
    because: 'after a restart its own vote is missing from the quorum',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'authenticated-echo-does-not-store-its-echo',
    kind: 'forgotten write',
    in: 'AuthenticatedEcho.toRecord',
    find: 'return { echoed, delivered }\n',
    replace: 'return { echoed: null, delivered }\n',
    breaks: 'accuracy',
    because: 'after a restart it echoes what an equivocator sends it then',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  }
]

export const tallyMutants: readonly Mutant[] = [
  {
    name: 'tally-waits-for-one-vote-more',
    kind: 'wrong tally',
    in: 'Tally.reached',
    find: 'find(({ voters }) => voters.size >= quorum)',
    replace: 'find(({ voters }) => voters.size > quorum)',
    breaks: 'validity',
    because: 'where f members are silent the quorum is never exceeded',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'tally-waits-for-one-vote-less',
    kind: 'wrong tally',
    in: 'Tally.reached',
    find: 'find(({ voters }) => voters.size >= quorum)',
    replace: 'find(({ voters }) => voters.size + 1 >= quorum)',
    breaks: 'consistency',
    because: 'two quorums less one share nobody but liars',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'tally-counts-votes-for-any-digest',
    kind: 'wrong tally',
    in: 'Tally.vote',
    find: `    const candidate = this.#candidates.find((other) => sameBytes(other.digest, digest))
    if (candidate !== undefined) candidate.voters.add(voter)`,
    replace: `    const [candidate] = this.#candidates
    if (candidate !== undefined) candidate.voters.add(voter)`,
    breaks: 'consistency',
    because: 'votes for different payloads make a quorum for the one that was voted for first',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'tally-counts-a-repeated-vote',
    kind: 'wrong tally',
    in: 'Tally.vote',
    find: `      if (candidate.voters.has(voter))
        return sameBytes(candidate.digest, digest) ? 'repeated' : 'contradicted'
`,
    replace: `      if (!candidate.voters.has(voter)) continue
      if (!sameBytes(candidate.digest, digest)) return 'contradicted'
      candidate.voters.add(voter - 1000 * candidate.voters.size)
      return 'counted'
`,
    breaks: 'consistency',
    because: 'one liar that says its vote again makes up the quorum',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'tally-takes-a-repetition-for-a-contradiction',
    kind: 'false accusation',
    in: 'Tally.vote',
    find: "return sameBytes(candidate.digest, digest) ? 'repeated' : 'contradicted'",
    replace: "return 'contradicted'",
    breaks: 'accuracy',
    because: 'a correct process says its vote again in a new session',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  }
]
