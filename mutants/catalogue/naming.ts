/** Mutants that keep quiet: what a correct member can know of a liar, it does not say, or does not say for certain. */
import { type Mutant, NAMING } from '../mutant.ts'

export const namingMutants: readonly Mutant[] = [
  {
    name: 'authenticated-echo-only-suspects-who-equivocates',
    kind: 'missing accusation',
    file: 'broadcast/authenticated-echo.ts',
    find: "process: sender, kind: 'equivocation', certainty: 'certain'",
    replace: "process: sender, kind: 'equivocation', certainty: 'suspected'",
    breaks: NAMING,
    because: 'a member that was sent two payloads itself says that somebody lied, perhaps',
    trials: [{ protocol: 'authenticated-echo', members: 4, adversary: 'equivocate' }]
  },
  {
    name: 'double-echo-believes-no-echoes-against-the-sender',
    kind: 'missing accusation',
    file: 'broadcast/double-echo.ts',
    find: 'instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, instance.echoed ?? voted) !== undefined',
    replace: 'instance.echoes.reachedOther(this.env.group.n, instance.echoed ?? voted) !== undefined',
    breaks: NAMING,
    because: 'f+1 say that they were sent another payload, and the sender is not named for it',
    trials: [{ protocol: 'double-echo', members: 4, adversary: 'collude' }]
  },
  {
    name: 'double-echo-names-nobody-for-contradicting-votes',
    kind: 'missing accusation',
    file: 'broadcast/double-echo.ts',
    find: "if (outcome === 'contradicted') {",
    replace: "if (outcome === 'contradicted' && type === '') {",
    breaks: NAMING,
    because: 'who votes twice is counted once, and goes on unnamed',
    trials: [{ protocol: 'double-echo', members: 4, adversary: 'fabricate' }]
  },
  {
    name: 'signed-echo-names-nobody',
    kind: 'missing accusation',
    file: 'broadcast/signed-echo.ts',
    find: "    this.env.observer.fault({ process, kind, certainty: 'certain', detail })\n",
    replace: '',
    breaks: NAMING,
    because: 'certificates that prove nothing are refused, and nobody learns whose they were',
    trials: [{ protocol: 'signed-echo', members: 4, adversary: 'forge' }]
  },
  {
    name: 'payloads-only-suspect-who-hands-over-another',
    kind: 'missing accusation',
    file: 'broadcast/payloads.ts',
    find: "const certainty = question.asked.has(from) ? 'certain' : 'suspected'",
    replace: "const certainty = 'suspected'",
    breaks: NAMING,
    because: 'who was asked by digest and answers with something else is not named for it',
    trials: [{ protocol: 'double-echo', members: 4, adversary: 'mutate' }]
  },
  {
    name: 'ports-name-nobody-for-garbage',
    kind: 'missing accusation',
    file: 'links/ports.ts',
    find: "      observer.fault({ process: from, kind: 'malformed', certainty: 'certain', detail })\n",
    replace: "      if (detail === '') return\n",
    breaks: NAMING,
    because: 'bytes that no encoder made are dropped without a word',
    trials: [{ protocol: 'byzantine-reliable-channel', members: 4, adversary: 'garbage' }]
  },
  {
    name: 'windows-take-any-number-of-bases',
    kind: 'missing accusation',
    file: 'broadcast/windows.ts',
    find: "      observer.fault({ process: peer, kind: 'malformed', certainty: 'certain', detail })\n",
    replace: "      if (detail !== '') return\n",
    breaks: NAMING,
    because: 'a report about more members than there are is dropped without a word',
    trials: [{ protocol: 'authenticated-echo', members: 4, adversary: 'fabricate' }]
  }
]
