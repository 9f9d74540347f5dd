/** Mutants of src/broadcast: signed echo and its certificates. */
import { type Mutant, NAMING } from '../mutant.ts'

const PROTOCOL = 'signed-echo'

export const signedEchoMutants: readonly Mutant[] = [
  {
    name: 'signed-echo-counts-unverified-signatures',
    kind: 'missing check',
    in: 'SignedEcho.#onEcho',
    find: 'if (!verifyStatement(this.env, this.path, from, echoStatement, fields, sig)) {',
    replace: 'if (sig.length !== 64) {',
    breaks: 'accuracy',
    because: 'the bad signature of a liar spoils the certificate of a correct sender, which is named for it',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'signed-echo-delivers-what-it-holds',
    kind: 'missing check',
    in: 'SignedEcho.progress',
    find: 'if (held !== undefined && sameBytes(held, agreed)) this.deliver',
    replace: 'if (held !== undefined) this.deliver',
    breaks: 'consistency',
    because: 'the certificate proves another payload than the one in hand',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'signed-echo-does-not-say-its-echo-again',
    kind: 'lost vote',
    in: 'SignedEcho.owe',
    find: '} else if (peer === sender && echoed !== null) {',
    replace: '} else if (false) {',
    breaks: 'validity',
    because: 'an ECHO that was lost with a session is lost for ever',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'signed-echo-does-not-sign-its-own-again',
    kind: 'forgotten restore',
    in: 'SignedEcho.resume',
    find: 'instance.echoes.set(self, signStatement(this.env, this.path, echoStatement, fields))',
    replace: 'void fields',
    breaks: 'validity',
    because: 'after a restart its own signature is missing from the quorum',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'signed-echo-does-not-store-its-echo',
    kind: 'forgotten write',
    in: 'SignedEcho.toRecord',
    find: 'return { echoed, agreed, certificate, delivered }',
    replace: 'return { echoed: null, agreed, certificate, delivered }',
    breaks: 'consistency',
    because: 'after a restart it signs what an equivocator sends it then, and both stories get a certificate',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4, adversary: 'twins', runs: 4000 }]
  },
  {
    name: 'certificate-counts-a-signer-twice',
    kind: 'wrong tally',
    in: 'verifyCertificate',
    find: 'if (!isMember(group, signer) || signer <= previous) return false',
    replace: 'if (!isMember(group, signer) || signer < previous) return false',
    breaks: NAMING,
    because: 'one signature stands for two, and who presents that is believed',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4 }]
  },
  {
    name: 'certificate-is-not-verified',
    kind: 'missing check',
    in: 'verifyCertificate',
    find: '  return certificate.every(({ signer, signature: sig }) => crypto.verify(signer, statementOf(signer), sig))',
    replace: '  return true',
    breaks: 'consistency',
    because: 'anybody can make a certificate',
    by: 'campaign',
    trials: [{ protocol: PROTOCOL, members: 4, adversary: 'forge' }]
  }
]
