/** Mutants of the three broadcasts in src/broadcast: quorums, tallies, votes and accusations. */
import type { Mutant } from '../mutant.ts'

const AUTHENTICATED_ECHO = 'authenticated-echo'
const SIGNED_ECHO = 'signed-echo'
const DOUBLE_ECHO = 'double-echo'

const authenticatedEcho: readonly Mutant[] = [
  {
    name: 'authenticated-echo-delivers-at-2f-plus-1',
    kind: 'quorum',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (instance.delivered) return\n    const agreed = instance.echoes.reached(this.env.group.quorum.byzantine)',
    replace:
      'if (instance.delivered) return\n    const agreed = instance.echoes.reached(this.env.group.quorum.correctMajority)',
    breaks: 'consistency',
    because: 'at n = 5 and n = 6 two sets of 2f + 1 need not share a correct process',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 6 }],
    invisibleAtFour: true
  },
  {
    name: 'authenticated-echo-delivers-at-a-majority',
    kind: 'quorum',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (instance.delivered) return\n    const agreed = instance.echoes.reached(this.env.group.quorum.byzantine)',
    replace:
      'if (instance.delivered) return\n    const agreed = instance.echoes.reached(this.env.group.quorum.majority)',
    breaks: 'consistency',
    because: 'at n = 5 and n = 7 two majorities may share nobody but liars',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'authenticated-echo-delivers-at-three',
    kind: 'quorum',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (instance.delivered) return\n    const agreed = instance.echoes.reached(this.env.group.quorum.byzantine)',
    replace: 'if (instance.delivered) return\n    const agreed = instance.echoes.reached(3)',
    breaks: 'consistency',
    because: 'three is a quorum of four only',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 5 }],
    invisibleAtFour: true
  },
  {
    name: 'authenticated-echo-accuses-after-two-echoes',
    kind: 'quorum',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, echoed) !== undefined) {',
    replace: 'if (instance.echoes.reachedOther(2, echoed) !== undefined) {',
    breaks: 'accuracy',
    because: 'at n = 7 two liars agree on an ECHO, and a correct sender is named an equivocator',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'authenticated-echo-accuses-late-after-two-echoes',
    kind: 'quorum',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, sent) !== undefined) {',
    replace: 'if (instance.echoes.reachedOther(2, sent) !== undefined) {',
    breaks: 'accuracy',
    because:
      'at n = 7 the ECHOs of two liars come before the SEND, and its correct sender is named an equivocator',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 7, adversary: 'forge' }],
    invisibleAtFour: true
  },
  {
    name: 'authenticated-echo-accuses-after-one-echo',
    kind: 'false accusation',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, echoed) !== undefined) {',
    replace: 'if (instance.echoes.reachedOther(1, echoed) !== undefined) {',
    breaks: 'accuracy',
    because: 'one liar echoes what was not sent, and a correct sender is named an equivocator',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'authenticated-echo-echoes-twice',
    kind: 'revised vote',
    file: 'broadcast/authenticated-echo.ts',
    find: `      if (!sameBytes(instance.echoed, sent)) this.#equivocation(from, sequence, instance)
      return
`,
    replace: `      if (!sameBytes(instance.echoed, sent)) this.#equivocation(from, sequence, instance)
`,
    breaks: 'accuracy',
    because: 'whoever gets two SENDs votes for both, and is named for it',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'authenticated-echo-accuses-of-repetition',
    kind: 'false accusation',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (!sameBytes(instance.echoed, sent)) this.#equivocation(from, sequence, instance)',
    replace: 'this.#equivocation(from, sequence, instance)',
    breaks: 'accuracy',
    because: 'a correct sender says its SEND again in a new session',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'authenticated-echo-delivers-what-it-holds',
    kind: 'missing check',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (instance.digest === undefined || !sameBytes(instance.digest, agreed)) {',
    replace: 'if (instance.digest === undefined) {',
    breaks: 'consistency',
    because: 'the quorum agreed on another payload than the one in hand',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'authenticated-echo-does-not-echo-what-it-pulled',
    kind: 'lost vote',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (instance.echoed === null) this.#echo(sender, sequence, instance, agreed)',
    replace: '',
    breaks: 'validity',
    because: 'who delivers before the SEND comes never echoes, and others lack its vote',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'authenticated-echo-does-not-say-its-echo-again',
    kind: 'lost vote',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (echoed !== null) this.#port.send(peer,',
    replace: 'if (false) this.#port.send(peer,',
    breaks: 'validity',
    because: 'an ECHO that was lost with a session is lost for ever',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'authenticated-echo-forgets-its-own-echo',
    kind: 'forgotten restore',
    file: 'broadcast/authenticated-echo.ts',
    find: 'if (stored.echoed !== null) instance.echoes.vote(this.env.self, stored.echoed)',
    replace: '',
    breaks: 'validity',
    because: 'after a restart its own vote is missing from the quorum',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'authenticated-echo-does-not-store-its-echo',
    kind: 'forgotten write',
    file: 'broadcast/authenticated-echo.ts',
    find: 'return { echoed, delivered }\n',
    replace: 'return { echoed: null, delivered }\n',
    breaks: 'accuracy',
    because: 'after a restart it echoes what an equivocator sends it then',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  }
]

const tally: readonly Mutant[] = [
  {
    name: 'tally-waits-for-one-vote-more',
    kind: 'wrong tally',
    file: 'broadcast/tally.ts',
    find: 'find(({ voters }) => voters.size >= quorum)',
    replace: 'find(({ voters }) => voters.size > quorum)',
    breaks: 'validity',
    because: 'where f members are silent the quorum is never exceeded',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'tally-waits-for-one-vote-less',
    kind: 'wrong tally',
    file: 'broadcast/tally.ts',
    find: 'find(({ voters }) => voters.size >= quorum)',
    replace: 'find(({ voters }) => voters.size + 1 >= quorum)',
    breaks: 'consistency',
    because: 'two quorums less one share nobody but liars',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'tally-counts-votes-for-any-digest',
    kind: 'wrong tally',
    file: 'broadcast/tally.ts',
    find: `    const candidate = this.#candidates.find((other) => sameBytes(other.digest, digest))
    if (candidate !== undefined) candidate.voters.add(voter)`,
    replace: `    const [candidate] = this.#candidates
    if (candidate !== undefined) candidate.voters.add(voter)`,
    breaks: 'consistency',
    because: 'votes for different payloads make a quorum for the one that was voted for first',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'tally-counts-a-repeated-vote',
    kind: 'wrong tally',
    file: 'broadcast/tally.ts',
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
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  },
  {
    name: 'tally-takes-a-repetition-for-a-contradiction',
    kind: 'false accusation',
    file: 'broadcast/tally.ts',
    find: "return sameBytes(candidate.digest, digest) ? 'repeated' : 'contradicted'",
    replace: "return 'contradicted'",
    breaks: 'accuracy',
    because: 'a correct process says its vote again in a new session',
    trials: [{ protocol: AUTHENTICATED_ECHO, members: 4 }]
  }
]

const doubleEcho: readonly Mutant[] = [
  {
    name: 'double-echo-readies-at-2f-plus-1-echoes',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'instance.echoes.reached(quorum.byzantine)',
    replace: 'instance.echoes.reached(quorum.correctMajority)',
    breaks: 'consistency',
    because: 'at n = 5 and n = 6 correct members get READY for different payloads',
    trials: [{ protocol: DOUBLE_ECHO, members: 5, adversary: 'collude' }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-readies-at-a-majority-of-echoes',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'instance.echoes.reached(quorum.byzantine)',
    replace: 'instance.echoes.reached(quorum.majority)',
    breaks: 'consistency',
    because: 'at n = 5 and n = 7 correct members get READY for different payloads',
    trials: [{ protocol: DOUBLE_ECHO, members: 7, adversary: 'collude' }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-readies-at-three-echoes',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'instance.echoes.reached(quorum.byzantine)',
    replace: 'instance.echoes.reached(3)',
    breaks: 'totality',
    because: 'at n = 6 and n = 7 correct members get READY for different payloads',
    trials: [{ protocol: DOUBLE_ECHO, members: 6, adversary: 'collude' }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-amplifies-at-two-readies',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'instance.readies.reached(quorum.oneCorrect)',
    replace: 'instance.readies.reached(2)',
    breaks: 'validity',
    because: 'at n = 7 two liars make correct members ready for what nobody broadcast',
    trials: [{ protocol: DOUBLE_ECHO, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-amplifies-at-one-ready',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'instance.readies.reached(quorum.oneCorrect)',
    replace: 'instance.readies.reached(1)',
    breaks: 'validity',
    because: 'one liar makes correct members ready for what nobody broadcast',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-amplifies-at-a-majority-of-readies',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'instance.readies.reached(quorum.oneCorrect)',
    replace: 'instance.readies.reached(quorum.correctMajority)',
    breaks: 'totality',
    because: 'the READY of a liar completes the quorum of one member; the others have too few to follow it',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-does-not-amplify',
    kind: 'lost vote',
    file: 'broadcast/double-echo.ts',
    find: 'echoed ?? instance.readies.reached(quorum.oneCorrect)',
    replace: 'echoed',
    breaks: 'totality',
    because: 'without amplification a member delivers and others never do',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-delivers-at-three-readies',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'const agreed = instance.readies.reached(quorum.correctMajority)',
    replace: 'const agreed = instance.readies.reached(3)',
    breaks: 'totality',
    because: 'at n = 7 three READYs may be those of two liars and one other, whom nobody follows',
    trials: [{ protocol: DOUBLE_ECHO, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-delivers-at-a-majority-of-readies',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'const agreed = instance.readies.reached(quorum.correctMajority)',
    replace: 'const agreed = instance.readies.reached(quorum.majority)',
    breaks: 'totality',
    because: 'at n = 7 four READYs may be those of two liars and two others, whom nobody follows',
    trials: [{ protocol: DOUBLE_ECHO, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-delivers-at-f-plus-1-readies',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'const agreed = instance.readies.reached(quorum.correctMajority)',
    replace: 'const agreed = instance.readies.reached(quorum.oneCorrect)',
    breaks: 'totality',
    because: 'one of f + 1 READYs is a correct one: too few for others to follow',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-accuses-after-two-echoes',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, instance.echoed ?? voted) !== undefined',
    replace: 'instance.echoes.reachedOther(2, instance.echoed ?? voted) !== undefined',
    breaks: 'accuracy',
    because: 'at n = 7 two liars agree on an ECHO, and a correct sender is named an equivocator',
    trials: [{ protocol: DOUBLE_ECHO, members: 7 }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-accuses-late-after-two-echoes',
    kind: 'quorum',
    file: 'broadcast/double-echo.ts',
    find: 'const other = instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, sent)',
    replace: 'const other = instance.echoes.reachedOther(2, sent)',
    breaks: 'accuracy',
    because:
      'at n = 7 the ECHOs of two liars come before the SEND, and its correct sender is named an equivocator',
    trials: [{ protocol: DOUBLE_ECHO, members: 7, adversary: 'forge' }],
    invisibleAtFour: true
  },
  {
    name: 'double-echo-accuses-after-one-echo',
    kind: 'false accusation',
    file: 'broadcast/double-echo.ts',
    find: 'instance.echoes.reachedOther(this.env.group.quorum.oneCorrect, instance.echoed ?? voted) !== undefined',
    replace: 'true',
    breaks: 'accuracy',
    because: 'one liar echoes what was not sent, and a correct sender is named an equivocator',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-delivers-what-it-holds',
    kind: 'missing check',
    file: 'broadcast/double-echo.ts',
    find: 'if (instance.digest !== undefined && sameBytes(instance.digest, agreed))',
    replace: 'if (instance.digest !== undefined)',
    breaks: 'consistency',
    because: 'the quorum agreed on another payload than the one in hand',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-does-not-say-its-ready-again',
    kind: 'lost vote',
    file: 'broadcast/double-echo.ts',
    find: 'if (readied !== null) this.#port.send(peer,',
    replace: 'if (false) this.#port.send(peer,',
    breaks: 'totality',
    because: 'who was away when others delivered never hears of it',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-does-not-say-its-echo-again',
    kind: 'lost vote',
    file: 'broadcast/double-echo.ts',
    find: '      if (echoed !== null) {',
    replace: '      if (false) {',
    breaks: 'validity',
    because: 'an ECHO that was lost with a session is lost for ever',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-forgets-its-own-echo',
    kind: 'forgotten restore',
    file: 'broadcast/double-echo.ts',
    find: 'if (stored.echoed !== null) instance.echoes.vote(this.env.self, stored.echoed)',
    replace: '',
    breaks: 'validity',
    because: 'after a restart its own vote is missing from the quorum',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-forgets-its-own-ready',
    kind: 'forgotten restore',
    file: 'broadcast/double-echo.ts',
    find: 'if (stored.readied !== null) instance.readies.vote(this.env.self, stored.readied)',
    replace: '',
    breaks: 'validity',
    because: 'after a restart its own vote is missing from the quorum',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-does-not-store-its-echo',
    kind: 'forgotten write',
    file: 'broadcast/double-echo.ts',
    find: 'return { echoed, readied, delivered, signature: sig }',
    replace: 'return { echoed: null, readied, delivered, signature: sig }',
    breaks: 'accuracy',
    because: 'after a restart it echoes what an equivocator sends it then',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-does-not-store-its-ready',
    kind: 'forgotten write',
    file: 'broadcast/double-echo.ts',
    find: 'return { echoed, readied, delivered, signature: sig }',
    replace: 'return { echoed, readied: null, delivered, signature: sig }',
    breaks: 'totality',
    because: 'what it delivered before a crash it never says READY for again',
    trials: [{ protocol: DOUBLE_ECHO, members: 4 }]
  },
  {
    name: 'double-echo-send-statement-without-digest',
    kind: 'forgotten binding',
    file: 'broadcast/double-echo.ts',
    find: "defineStatement('SEND', { sequence: uint(), digest })",
    replace: "defineStatement('SEND', { sequence: uint() })",
    breaks: 'accuracy',
    because: 'the signature of a SEND proves any other payload: a correct sender is proven to equivocate',
    trials: [{ protocol: DOUBLE_ECHO, members: 4, signedSend: true }]
  },
  {
    name: 'double-echo-send-statement-without-sequence',
    kind: 'forgotten binding',
    file: 'broadcast/double-echo.ts',
    find: "defineStatement('SEND', { sequence: uint(), digest })",
    replace: "defineStatement('SEND', { digest })",
    breaks: 'accuracy',
    because:
      'the signature of one broadcast proves a payload of another: a correct sender is proven to equivocate',
    trials: [{ protocol: DOUBLE_ECHO, members: 4, signedSend: true }]
  },
  {
    name: 'double-echo-believes-an-unsigned-echo',
    kind: 'missing check',
    file: 'broadcast/double-echo.ts',
    find: 'if (this.#signedSend && this.#signatureHolds(sender, sequence, voted, sig)) {',
    replace: 'if (this.#signedSend && sig !== null) {',
    breaks: 'accuracy',
    because: 'a liar echoes what was not sent, with a signature that nobody checks',
    trials: [{ protocol: DOUBLE_ECHO, members: 4, signedSend: true }]
  }
]

const signedEcho: readonly Mutant[] = [
  {
    name: 'signed-echo-signs-twice',
    kind: 'revised vote',
    file: 'broadcast/signed-echo.ts',
    find: `      if (!sameBytes(instance.echoed, sent)) this.#equivocation(from, sequence, instance)
      return
    }
    if (instance.agreed`,
    replace: `      if (!sameBytes(instance.echoed, sent)) this.#equivocation(from, sequence, instance)
    }
    if (instance.agreed`,
    breaks: 'consistency',
    because: 'both stories of an equivocator get a certificate',
    trials: [{ protocol: SIGNED_ECHO, members: 4 }]
  },
  {
    name: 'signed-echo-counts-unverified-signatures',
    kind: 'missing check',
    file: 'broadcast/signed-echo.ts',
    find: 'if (!verifyStatement(this.env, this.path, from, echoStatement, fields, sig)) {',
    replace: 'if (sig.length !== 64) {',
    breaks: 'accuracy',
    because: 'the bad signature of a liar spoils the certificate of a correct sender, which is named for it',
    trials: [{ protocol: SIGNED_ECHO, members: 4 }]
  },
  {
    name: 'signed-echo-delivers-what-it-holds',
    kind: 'missing check',
    file: 'broadcast/signed-echo.ts',
    find: 'if (held !== undefined && sameBytes(held, agreed)) this.deliver',
    replace: 'if (held !== undefined) this.deliver',
    breaks: 'consistency',
    because: 'the certificate proves another payload than the one in hand',
    trials: [{ protocol: SIGNED_ECHO, members: 4 }]
  },
  {
    name: 'signed-echo-does-not-say-its-echo-again',
    kind: 'lost vote',
    file: 'broadcast/signed-echo.ts',
    find: '} else if (peer === sender && echoed !== null) {',
    replace: '} else if (false) {',
    breaks: 'validity',
    because: 'an ECHO that was lost with a session is lost for ever',
    trials: [{ protocol: SIGNED_ECHO, members: 4 }]
  },
  {
    name: 'signed-echo-does-not-say-its-final-again',
    kind: 'lost message',
    file: 'broadcast/signed-echo.ts',
    find: 'if (agreed !== null) this.#port.send(peer,',
    replace: 'if (false) this.#port.send(peer,',
    breaks: 'validity',
    because: 'who was away when the certificate was sent never gets it',
    trials: [{ protocol: SIGNED_ECHO, members: 4 }]
  },
  {
    name: 'signed-echo-does-not-sign-its-own-again',
    kind: 'forgotten restore',
    file: 'broadcast/signed-echo.ts',
    find: 'instance.echoes.set(self, signStatement(this.env, this.path, echoStatement, fields))',
    replace: 'void fields',
    breaks: 'validity',
    because: 'after a restart its own signature is missing from the quorum',
    trials: [{ protocol: SIGNED_ECHO, members: 4 }]
  },
  {
    name: 'signed-echo-does-not-store-its-echo',
    kind: 'forgotten write',
    file: 'broadcast/signed-echo.ts',
    find: 'return { echoed, agreed, certificate, delivered }',
    replace: 'return { echoed: null, agreed, certificate, delivered }',
    breaks: 'consistency',
    because: 'after a restart it signs what an equivocator sends it then, and both stories get a certificate',
    trials: [{ protocol: SIGNED_ECHO, members: 4 }]
  },
  {
    name: 'certificate-is-not-verified',
    kind: 'missing check',
    file: 'broadcast/certificate.ts',
    find: `  return certificate.every(({ signer, signature: sig }) =>
    crypto.verify(signer, echoStatement.bytes(group, path, signer, instance), sig)
  )`,
    replace: '  return true',
    breaks: 'consistency',
    because: 'anybody can make a certificate',
    trials: [{ protocol: SIGNED_ECHO, members: 4, adversary: 'forge' }]
  },
  {
    name: 'certificate-needs-one-valid-signature',
    kind: 'missing check',
    file: 'broadcast/certificate.ts',
    find: 'return certificate.every(',
    replace: 'return certificate.some(',
    breaks: 'consistency',
    because: 'one signature of the sender itself makes its certificate',
    trials: [{ protocol: SIGNED_ECHO, members: 4, adversary: 'forge' }]
  },
  {
    name: 'certificate-counts-a-signer-twice',
    kind: 'missing check',
    file: 'broadcast/certificate.ts',
    find: '|| signer <= previous) return false',
    replace: ') return false',
    breaks: 'consistency',
    because: 'one signature, as often as a quorum has members, makes a certificate',
    trials: [{ protocol: SIGNED_ECHO, members: 4 }]
  },
  {
    name: 'certificate-statement-without-digest',
    kind: 'forgotten binding',
    file: 'broadcast/certificate.ts',
    find: "defineStatement('ECHO', { sender: uint(), sequence: uint(), digest })",
    replace: "defineStatement('ECHO', { sender: uint(), sequence: uint() })",
    breaks: 'consistency',
    because: 'the certificate of one payload proves any other',
    trials: [{ protocol: SIGNED_ECHO, members: 4 }]
  }
]

export const voteMutants: readonly Mutant[] = [...authenticatedEcho, ...tally, ...doubleEcho, ...signedEcho]
