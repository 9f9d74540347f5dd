/** Mutants of src/broadcast: double echo. */
import type { Mutant } from '../mutant.ts'

const PROTOCOL = 'double-echo'

export const doubleEchoMutants: readonly Mutant[] = [
  {
    name: 'double-echo-readies-at-2f-plus-1-echoes',
    kind: 'quorum',
    in: 'DoubleEcho.progress',
    find: 'instance.echoes.reached(quorum.byzantine)',
    replace: 'instance.echoes.reached(quorum.correctMajority)',
    breaks: 'consistency',
    because: 'at n = 5 and n = 6 correct members say READY for different payloads',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 5, adversary: 'collude' }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-readies-at-a-majority-of-echoes',
    kind: 'quorum',
    in: 'DoubleEcho.progress',
    find: 'instance.echoes.reached(quorum.byzantine)',
    replace: 'instance.echoes.reached(quorum.majority)',
    breaks: 'totality',
    because: 'at n = 7 correct members say READY for different payloads, and too few for either',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 7, adversary: 'collude' }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-readies-at-three-echoes',
    kind: 'quorum',
    in: 'DoubleEcho.progress',
    find: 'instance.echoes.reached(quorum.byzantine)',
    replace: 'instance.echoes.reached(3)',
    breaks: 'consistency',
    because: 'at n = 6 and n = 7 correct members say READY for different payloads',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 6, adversary: 'collude' }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-amplifies-at-two-readies',
    kind: 'quorum',
    in: 'DoubleEcho.progress',
    find: 'instance.readies.reached(quorum.oneCorrect)',
    replace: 'instance.readies.reached(2)',
    breaks: 'validity',
    because: 'at n = 7 two liars make correct members ready for what nobody broadcast',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-amplifies-at-one-ready',
    kind: 'quorum',
    in: 'DoubleEcho.progress',
    find: 'instance.readies.reached(quorum.oneCorrect)',
    replace: 'instance.readies.reached(1)',
    breaks: 'validity',
    because: 'one liar makes correct members ready for what nobody broadcast',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-amplifies-at-a-majority-of-readies',
    kind: 'quorum',
    in: 'DoubleEcho.progress',
    find: 'instance.readies.reached(quorum.oneCorrect)',
    replace: 'instance.readies.reached(quorum.correctMajority)',
    breaks: 'totality',
    because: 'the READY of a liar completes the quorum of one member; the others have too few to follow it',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-does-not-amplify',
    kind: 'lost vote',
    in: 'DoubleEcho.progress',
    find: 'echoed ?? instance.readies.reached(quorum.oneCorrect)',
    replace: 'echoed',
    breaks: 'totality',
    because: 'without amplification a member delivers and others never do',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-delivers-at-three-readies',
    kind: 'quorum',
    in: 'DoubleEcho.progress',
    find: 'const agreed = instance.readies.reached(quorum.correctMajority)',
    replace: 'const agreed = instance.readies.reached(3)',
    breaks: 'totality',
    because: 'at n = 7 three READYs may be those of two liars and one other, whom nobody follows',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-delivers-at-a-majority-of-readies',
    kind: 'quorum',
    in: 'DoubleEcho.progress',
    find: 'const agreed = instance.readies.reached(quorum.correctMajority)',
    replace: 'const agreed = instance.readies.reached(quorum.majority)',
    breaks: 'totality',
    because: 'at n = 7 four READYs may be those of two liars and two others, whom nobody follows',
    by: 'schedule',
    found: { protocol: PROTOCOL, members: 7, runs: 4000 },
    invisibleAtFour: true
  },
  {
    name: 'double-echo-delivers-at-f-plus-1-readies',
    kind: 'quorum',
    in: 'DoubleEcho.progress',
    find: 'const agreed = instance.readies.reached(quorum.correctMajority)',
    replace: 'const agreed = instance.readies.reached(quorum.oneCorrect)',
    breaks: 'totality',
    because: 'one of f + 1 READYs is a correct one: too few for others to follow',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-accuses-after-two-echoes',
    kind: 'quorum',
    in: 'DoubleEcho.#echoConflicts',
    find: 'instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, instance.echoed ?? voted) !== undefined',
    replace: 'instance.echoes.reachedOther(2, instance.echoed ?? voted) !== undefined',
    breaks: 'accuracy',
    because: 'at n = 7 two liars agree on an ECHO, and a correct sender is named an equivocator',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-accuses-late-after-two-echoes',
    kind: 'quorum',
    in: 'DoubleEcho.#onSend',
    find: 'const other = instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, sent)',
    replace: 'const other = instance.echoes.reachedOther(2, sent)',
    breaks: 'accuracy',
    because:
      'at n = 7 the ECHOs of two liars come before the SEND, and its correct sender is named an equivocator',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 7, adversary: 'collude' }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-accuses-after-one-echo',
    kind: 'false accusation',
    in: 'DoubleEcho.#echoConflicts',
    find: 'instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, instance.echoed ?? voted) !== undefined',
    replace: 'true',
    breaks: 'accuracy',
    because: 'one liar echoes what was not sent, and a correct sender is named an equivocator',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-echoes-twice',
    kind: 'revised vote',
    in: 'DoubleEcho.#onSend',
    find: `      if (!sameBytes(instance.echoed, sent)) this.#equivocation(from, instance, sent, sig)
      return
`,
    replace: `      if (!sameBytes(instance.echoed, sent)) this.#equivocation(from, instance, sent, sig)
`,
    breaks: 'accuracy',
    because: 'whoever gets two SENDs votes for both, and is named for it',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-accuses-of-repetition',
    kind: 'false accusation',
    in: 'DoubleEcho.#onSend',
    find: 'if (!sameBytes(instance.echoed, sent)) this.#equivocation(from, instance, sent, sig)',
    replace: 'this.#equivocation(from, instance, sent, sig)',
    breaks: 'accuracy',
    because: 'a correct sender says its SEND again in a new session',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-delivers-what-it-holds',
    kind: 'missing check',
    in: 'DoubleEcho.progress',
    find: 'if (instance.digest !== undefined && sameBytes(instance.digest, agreed))',
    replace: 'if (instance.digest !== undefined)',
    breaks: 'consistency',
    because: 'the quorum agreed on another payload than the one in hand',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-forgets-its-own-echo',
    kind: 'forgotten restore',
    in: 'DoubleEcho.fromRecord',
    find: 'if (stored.echoed !== null) instance.echoes.vote(this.env.self, stored.echoed)',
    replace: '',
    breaks: 'validity',
    because: 'after a restart its own vote is missing from the quorum',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-forgets-its-own-ready',
    kind: 'forgotten restore',
    in: 'DoubleEcho.fromRecord',
    find: 'if (stored.readied !== null) instance.readies.vote(this.env.self, stored.readied)',
    replace: '',
    breaks: 'validity',
    because: 'after a restart its own vote is missing from the quorum',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-does-not-store-its-ready',
    kind: 'forgotten write',
    in: 'DoubleEcho.toRecord',
    find: 'return { echoed, readied, delivered, signature: sig }',
    replace: 'return { echoed, readied: null, delivered, signature: sig }',
    breaks: 'totality',
    because: 'what it delivered before a crash it never says READY for again',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'double-echo-send-statement-without-digest',
    kind: 'forgotten binding',
    in: 'sendStatement',
    find: "defineStatement('SEND', { sequence: uint(), digest })",
    replace: "defineStatement('SEND', { sequence: uint() })",
    breaks: 'accuracy',
    because: 'the signature of a SEND proves any other payload: a correct sender is proven to equivocate',
    by: 'campaign',
    trials: [{ protocol: 'signed-double-echo', members: 4 }]
  },
  {
    name: 'double-echo-send-statement-without-sequence',
    kind: 'forgotten binding',
    in: 'sendStatement',
    find: "defineStatement('SEND', { sequence: uint(), digest })",
    replace: "defineStatement('SEND', { digest })",
    breaks: 'accuracy',
    because:
      'the signature of one broadcast proves a payload of another: a correct sender is proven to equivocate',
    by: 'campaign',
    trials: [{ protocol: 'signed-double-echo', members: 4 }]
  },
  {
    name: 'double-echo-believes-an-unsigned-echo',
    kind: 'missing check',
    in: 'DoubleEcho.#echoConflicts',
    find: 'if (this.#signedSend && this.#signatureHolds(from, instance, voted, sig)) {',
    replace: 'if (this.#signedSend && sig !== null) {',
    breaks: 'accuracy',
    because: 'a liar echoes what was not sent, with a signature that nobody checks',
    by: 'campaign',
    trials: [{ protocol: 'signed-double-echo', members: 4 }]
  }
]
