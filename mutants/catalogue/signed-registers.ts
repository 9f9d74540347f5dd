/**
 * Mutants of src/registers: the signed registers. What campaigns do not show, or only once in many thousand runs, is
 * left to tests in test/registers that fail with it: a register (there is one in a run) or a timestamp missing from what
 * is signed; processes that lost their store; bounds; timestamps of refused writes; a member that acknowledges before
 * its sync; an atomic read that returns before its write-back has ended, or spares it at f + 1. And what shows without
 * any fault is no mutant here: no consult, answers without the call's number.
 */
import type { Mutant } from '../mutant.ts'

const REGULAR = 'authenticated-data-register'
const ATOMIC = 'authenticated-data-atomic-register'
const SHARED = 'authenticated-data-shared-register'

const STORAGE = 'registers/authenticated-storage.ts'
const READ_QUORUM = 'if (over || answers.size < this.env.group.quorum.byzantine) return'
const WRITE_QUORUM = 'if (acknowledged < quorum.byzantine && refused <= n - quorum.byzantine) return'

export const signedRegisterMutants: readonly Mutant[] = [
  {
    name: 'signed-register-reads-from-one-fewer',
    kind: 'quorum',
    file: STORAGE,
    find: READ_QUORUM,
    replace: 'if (over || answers.size < this.env.group.quorum.byzantine - 1) return',
    breaks: 'validity',
    because: 'what it shares with a write is a liar, which answers with an old value',
    trials: [{ protocol: REGULAR, members: 4, adversary: 'stale' }]
  },
  {
    name: 'signed-register-reads-from-2f-plus-1',
    kind: 'quorum',
    file: STORAGE,
    find: READ_QUORUM,
    replace: 'if (over || answers.size < this.env.group.quorum.correctMajority) return',
    breaks: 'validity',
    because: 'at n = 6 three that answer and four that have the value share one, perhaps the liar',
    trials: [{ protocol: REGULAR, members: 6, adversary: 'stale' }],
    invisibleAtFour: true
  },
  {
    name: 'signed-register-reads-from-a-majority',
    kind: 'quorum',
    file: STORAGE,
    find: READ_QUORUM,
    replace: 'if (over || answers.size < this.env.group.quorum.majority) return',
    breaks: 'validity',
    because: 'at n = 7 four that answer and five that have the value share two, perhaps the liars',
    trials: [{ protocol: REGULAR, members: 7, adversary: 'stale', runs: 5000 }],
    invisibleAtFour: true
  },
  {
    name: 'signed-register-writes-to-one-fewer',
    kind: 'quorum',
    file: STORAGE,
    find: WRITE_QUORUM,
    replace: 'if (acknowledged < quorum.byzantine - 1 && refused <= n - quorum.byzantine) return',
    breaks: 'validity',
    because: 'of those who have the value, a read may meet the liar alone',
    trials: [{ protocol: REGULAR, members: 4, adversary: 'stale' }]
  },
  {
    name: 'signed-register-writes-to-2f-plus-1',
    kind: 'quorum',
    file: STORAGE,
    find: WRITE_QUORUM,
    replace: 'if (acknowledged < quorum.correctMajority && refused <= n - quorum.byzantine) return',
    breaks: 'validity',
    because: 'at n = 6 three that have the value and four that answer share one, perhaps the liar',
    trials: [{ protocol: REGULAR, members: 6, adversary: 'stale' }],
    invisibleAtFour: true
  },
  {
    name: 'signed-register-writes-to-a-majority',
    kind: 'quorum',
    file: STORAGE,
    find: WRITE_QUORUM,
    replace: 'if (acknowledged < quorum.majority && refused <= n - quorum.byzantine) return',
    breaks: 'validity',
    because: 'at n = 7 four that have the value and five that answer share two, perhaps the liars',
    trials: [{ protocol: REGULAR, members: 7, adversary: 'stale', runs: 5000 }],
    invisibleAtFour: true
  },
  {
    name: 'signed-register-counts-a-second-answer',
    kind: 'wrong tally',
    file: 'registers/calls.ts',
    find: '    call.answered.add(from)\n',
    replace: '',
    breaks: 'validity',
    because: 'a liar that acknowledges twice is taken for two',
    trials: [{ protocol: REGULAR, members: 4, adversary: 'twins' }]
  },
  {
    name: 'signed-register-believes-answers',
    kind: 'missing check',
    file: STORAGE,
    find: 'const isValid = () => this.#mayHold(value) && this.signer.verify(register, value)',
    replace: 'const isValid = () => value.timestamp > 0',
    breaks: 'validity',
    because: 'a liar invents a value from the future, and it is returned',
    trials: [{ protocol: REGULAR, members: 4, adversary: 'invent' }]
  },
  {
    name: 'signed-register-keeps-what-nobody-signed',
    kind: 'missing check',
    file: 'registers/kept-values.ts',
    find: "    if (!this.#signer.verify(register, value)) return { type: 'invalid' }\n",
    replace: '',
    breaks: 'accuracy',
    because: 'a liar hands a made-up value to correct members, and their readers name them for it',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-does-not-sign-the-value',
    kind: 'forgotten binding',
    file: 'registers/signed-value.ts',
    find: 'const fields = { register, timestamp, content, value }',
    replace: 'const fields = { register, timestamp, content, value: new Uint8Array(32) }',
    breaks: 'validity',
    because: 'other bytes stand under the signature, and it still fits',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-remembers-verdicts-without-the-signature',
    kind: 'missing check',
    file: 'registers/signed-value.ts',
    find: 'const key = toHex(this.#env.crypto.hash(concatBytes(signed, header.signature)))',
    replace: 'const key = toHex(this.#env.crypto.hash(signed))',
    breaks: 'accuracy',
    because:
      'a liar shows the right value under a wrong signature, and whoever shows the right one is named for it',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-writer-does-not-store',
    kind: 'forgotten write',
    file: 'registers/written-values.ts',
    find: '    this.#store.put(PREFIX + storeKey, encode(this.#shape, written))\n',
    replace: '',
    breaks: 'termination',
    because: 'the next life finds a value of its own that it knows nothing of, and does not write any more',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-writer-sends-before-it-stores',
    kind: 'write not awaited',
    file: 'registers/register-client.ts',
    find: 'this.written.begin(register, value)',
    replace: 'this.env.whenDurable(() => this.env.trigger(() => this.written.begin(register, value)))',
    breaks: 'accuracy',
    because: 'the next life signs another value at the timestamp that it does not remember',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-goes-on-from-its-last-complete-write',
    kind: 'forgotten restore',
    file: 'registers/written-values.ts',
    find: 'if (written !== undefined) this.#written.set(registerKey(written.register), { ...written, storeKey })',
    replace: `if (written === undefined) continue
      const { value, complete } = written
      const known = { ...value, timestamp: value.timestamp - (complete ? 0 : 1) }
      this.#written.set(registerKey(written.register), { ...written, value: known, complete: true, storeKey })`,
    breaks: 'accuracy',
    because:
      'a write that was under way shows at no quorum, as one reads before going on; its timestamp is signed twice',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-tells-too-early-that-a-write-was-resumed',
    kind: 'write not awaited',
    file: 'registers/register-client.ts',
    find: 'this.env.whenDurable(() => this.indicate.resumed(register, value.value, result))',
    replace: 'this.indicate.resumed(register, value.value, result)',
    breaks: 'termination',
    because: 'a life later the same write is resumed again, while the application waits for another one',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-believes-that-a-member-serves-for-ever',
    kind: 'lost message',
    file: 'registers/calls.ts',
    find: '    this.#serving.delete(peer)\n',
    replace: '',
    breaks: 'termination',
    because: 'a member that turned it away after a restart is not asked again when it serves',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-asks-nobody-again',
    kind: 'lost message',
    file: STORAGE,
    find: '    this.#calls.resync(peer)\n',
    replace: '',
    breaks: 'termination',
    because: 'what was under way when a session ended is not asked in the next one',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'atomic-register-does-not-write-back',
    kind: 'missing check',
    file: 'registers/authenticated-data-atomic-register.ts',
    find: 'if (!operation.over) operation.awaits(storage.propagate(register, top, () => found(top)))',
    replace: 'found(top)',
    breaks: 'ordering',
    because: 'a value that few have is read, and then its predecessor',
    trials: [{ protocol: ATOMIC, members: 4, adversary: 'stale' }]
  },
  {
    name: 'shared-register-overwrites-the-same-timestamp',
    kind: 'wrong tally',
    file: 'registers/kept-values.ts',
    find: 'const isHigher = compareSigned(value, own) > 0',
    replace: 'const isHigher = true',
    breaks: 'atomicity',
    because: 'of two writers at one timestamp some members keep the one and some the other',
    trials: [{ protocol: SHARED, members: 4, adversary: 'stale' }]
  }
]
