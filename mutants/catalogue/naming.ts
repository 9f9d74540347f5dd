/** Mutants that keep quiet: what a correct member can know of a liar, it does not say, or does not say for certain. */
import { type Mutant, NAMING } from '../mutant.ts'

export const namingMutants: readonly Mutant[] = [
  {
    name: 'broadcast-only-suspects-who-equivocates',
    kind: 'missing accusation',
    in: 'NumberedBroadcast.accuse',
    find: "{ process, kind, certainty: 'certain', detail }",
    replace: "{ process, kind, certainty: 'suspected', detail }",
    breaks: NAMING,
    because: 'a member that was sent two payloads itself says that somebody lied, perhaps',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-echo', members: 4, adversary: 'equivocate' }]
  },
  {
    name: 'double-echo-believes-no-echoes-against-the-sender',
    kind: 'missing accusation',
    in: 'DoubleEcho.#echoConflicts',
    find: 'instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, instance.echoed ?? voted) !== undefined',
    replace: 'instance.echoes.reachedOther(this.env.group.n, instance.echoed ?? voted) !== undefined',
    breaks: NAMING,
    because: 'f+1 say that they were sent another payload, and the sender is not named for it',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4, adversary: 'collude' }]
  },
  {
    name: 'double-echo-names-nobody-for-contradicting-votes',
    kind: 'missing accusation',
    in: 'DoubleEcho.#count',
    find: "if (outcome === 'contradicted') {",
    replace: "if (outcome === 'contradicted' && type === '') {",
    breaks: NAMING,
    because: 'who votes twice is counted once, and goes on unnamed',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4, adversary: 'fabricate' }]
  },
  {
    name: 'signed-echo-names-nobody',
    kind: 'missing accusation',
    in: 'SignedEcho',
    find: "        this.accuse(instance, from, 'invalid-signature', 'a certificate that proves nothing')\n",
    replace: '',
    breaks: NAMING,
    because: 'certificates that prove nothing are refused, and nobody learns whose they were',
    by: 'campaign',
    trials: [{ protocol: 'signed-echo', members: 4, adversary: 'forge' }]
  },
  {
    name: 'payloads-take-whatever-they-are-handed',
    kind: 'missing check',
    in: 'Pulls.onPayload',
    find: 'if (!sameBytes(this.#env.crypto.hash(payload), question.digest)) {',
    replace: 'if (question.digest.length === 0) {',
    breaks: NAMING,
    because: 'another payload than the one that was asked for ends the question, and nobody is named for it',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'payloads-only-suspect-who-hands-over-another',
    kind: 'missing accusation',
    in: 'Pulls.onPayload',
    find: "const certainty = question.asked.has(from) ? 'certain' : 'suspected'",
    replace: "const certainty = 'suspected'",
    breaks: NAMING,
    because: 'who was asked by digest and answers with something else is not named for it',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4, adversary: 'mutate' }]
  },
  {
    name: 'ports-name-nobody-for-garbage',
    kind: 'missing accusation',
    in: 'Ports.#deliver',
    find: "      observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })\n",
    replace: "      if (detail === '') return\n",
    breaks: NAMING,
    because: 'bytes that no encoder made are dropped without a word',
    by: 'campaign',
    trials: [{ protocol: 'byzantine-reliable-channel', members: 4, adversary: 'garbage' }]
  },
  {
    name: 'windows-take-any-number-of-bases',
    kind: 'missing accusation',
    in: 'Windows.#onStatus',
    find: "      observer.fault({ process: peer, kind: 'malformed', certainty: 'certain', detail })\n",
    replace: "      if (detail !== '') return\n",
    breaks: NAMING,
    because: 'a report about more members than there are is dropped without a word',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-echo', members: 4, adversary: 'fabricate' }]
  },
  {
    name: 'windows-name-nobody-for-a-gap-of-no-member',
    kind: 'missing accusation',
    in: 'Windows.#onGap',
    find: "      observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })\n",
    replace: "      if (detail !== '') return\n",
    breaks: NAMING,
    because: 'a gap in what a member broadcasts that there is not is dropped without a word',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4, adversary: 'fabricate' }]
  },
  {
    name: 'payloads-name-nobody-for-what-no-member-broadcast',
    kind: 'missing accusation',
    in: 'Payloads.#receive',
    find: "      this.#env.observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })\n",
    replace: "      if (detail !== '') return\n",
    breaks: NAMING,
    because: 'a question about a member that there is not is dropped without a word',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4, adversary: 'fabricate' }]
  },
  {
    name: 'double-echo-forgets-what-others-echoed-when-a-send-comes-late',
    kind: 'missing accusation',
    in: 'DoubleEcho.#onSend',
    find: 'if (other !== undefined) this.#equivocation(from, instance, other, null)',
    replace: '',
    breaks: NAMING,
    because: 'f+1 have echoed another payload before its sender says this one, and nobody compares them',
    by: 'campaign',
    trials: [
      { protocol: 'double-echo', members: 4, adversary: 'collude' },
      { protocol: 'double-echo', members: 7, adversary: 'equivocate' }
    ]
  }
]
