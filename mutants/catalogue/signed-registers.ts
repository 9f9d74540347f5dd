/**
 * Mutants of src/registers: the signed registers. What campaigns do not show, or only once in many thousand runs, is
 * left to tests in test/registers that fail with it: a register (there is one in a run) or a timestamp missing from what
 * is signed; processes that lost their store; bounds; timestamps of refused writes; a member that acknowledges before
 * its sync; an atomic read that returns before its write-back has ended. And what shows without any fault is no mutant here: no consult, answers without the call's number.
 */
import type { Mutant } from '../mutant.ts'

const REGULAR = 'authenticated-data-register'
const ATOMIC = 'authenticated-data-atomic-register'
const SHARED = 'authenticated-data-shared-register'
const STORE = 'key-value-store'

const READ_QUORUM = 'if (over || answers.size < this.env.group.quorum.byzantine) return'
const WRITE_QUORUM = 'quorum: this.env.group.quorum.byzantine,'

export const signedRegisterMutants: readonly Mutant[] = [
  {
    name: 'signed-register-reads-from-one-fewer',
    kind: 'quorum',
    in: 'AuthenticatedStorage.query',
    find: READ_QUORUM,
    replace: 'if (over || answers.size < this.env.group.quorum.byzantine - 1) return',
    breaks: 'validity',
    because: 'what it shares with a write is a liar, which answers with an old value',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4, adversary: 'stale' }]
  },
  {
    name: 'signed-register-reads-from-2f-plus-1',
    kind: 'quorum',
    in: 'AuthenticatedStorage.query',
    find: READ_QUORUM,
    replace: 'if (over || answers.size < this.env.group.quorum.correctMajority) return',
    breaks: 'validity',
    because: 'at n = 6 three that answer and four that have the value share one, perhaps the liar',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 6, adversary: 'stale' }],
    invisibleAtFour: true
  },
  {
    name: 'signed-register-reads-from-a-majority',
    kind: 'quorum',
    in: 'AuthenticatedStorage.query',
    find: READ_QUORUM,
    replace: 'if (over || answers.size < this.env.group.quorum.majority) return',
    breaks: 'validity',
    because: 'at n = 7 four that answer and five that have the value share two, perhaps the liars',
    by: 'schedule',
    found: { protocol: REGULAR, members: 7, adversary: 'stale', runs: 5000 },
    invisibleAtFour: true
  },
  {
    name: 'signed-register-writes-to-one-fewer',
    kind: 'quorum',
    in: 'AuthenticatedStorage.propagate',
    find: WRITE_QUORUM,
    replace: 'quorum: this.env.group.quorum.byzantine - 1,',
    breaks: 'validity',
    because: 'of those who have the value, a read may meet the liar alone',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4, adversary: 'stale' }]
  },
  {
    name: 'signed-register-writes-to-2f-plus-1',
    kind: 'quorum',
    in: 'AuthenticatedStorage.propagate',
    find: WRITE_QUORUM,
    replace: 'quorum: this.env.group.quorum.correctMajority,',
    breaks: 'validity',
    because: 'at n = 6 three that have the value and four that answer share one, perhaps the liar',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 6, adversary: 'stale' }],
    invisibleAtFour: true
  },
  {
    name: 'signed-register-writes-to-a-majority',
    kind: 'quorum',
    in: 'AuthenticatedStorage.propagate',
    find: WRITE_QUORUM,
    replace: 'quorum: this.env.group.quorum.majority,',
    breaks: 'validity',
    because: 'at n = 7 four that have the value and five that answer share two, perhaps the liars',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 7, adversary: 'stale', runs: 5000 }],
    invisibleAtFour: true
  },
  {
    name: 'signed-register-counts-a-second-answer',
    kind: 'wrong tally',
    in: 'Calls.answer',
    find: '    call.answered.add(from)\n',
    replace: '',
    breaks: 'validity',
    because: 'a liar that acknowledges twice is taken for two',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4, adversary: 'twins' }]
  },
  {
    name: 'signed-register-believes-answers',
    kind: 'missing check',
    in: 'AuthenticatedStorage.#isAnswer',
    find: 'const isValid = () => this.#mayHold(value) && this.signer.verify(register, value)',
    replace: 'const isValid = () => value.timestamp > 0',
    breaks: 'validity',
    because: 'a liar invents a value from the future, and it is returned',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4, adversary: 'invent' }]
  },
  {
    name: 'signed-register-keeps-what-nobody-signed',
    kind: 'missing check',
    in: 'KeptValues.judge',
    find: "    if (!this.#signer.verify(register, value)) return { type: 'invalid' }\n",
    replace: '',
    breaks: 'accuracy',
    because: 'a liar hands a made-up value to correct members, and their readers name them for it',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-does-not-sign-the-value',
    kind: 'forgotten binding',
    in: 'ValueSigner.#statement',
    find: 'const fields = { register, timestamp, content, value }',
    replace: 'const fields = { register, timestamp, content, value: new Uint8Array(32) }',
    breaks: 'validity',
    because: 'other bytes stand under the signature, and it still fits',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-remembers-verdicts-without-the-signature',
    kind: 'missing check',
    in: 'Verdicts.verifyBy',
    find: 'const key = toHex(this.#crypto.hash(concatBytes(publicKey, signature, statement)))',
    replace: 'const key = toHex(this.#crypto.hash(concatBytes(publicKey, statement)))',
    breaks: 'accuracy',
    because:
      'a liar shows the right value under a wrong signature, and whoever shows the right one is named for it',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-writer-does-not-store',
    kind: 'forgotten write',
    in: 'WrittenValues.#put',
    find: '    this.#store.put(PREFIX + storeKey, encode(this.#shape, written))\n',
    replace: '',
    breaks: 'termination',
    because: 'the next life finds a value of its own that it knows nothing of, and does not write any more',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-writer-sends-before-it-stores',
    kind: 'write not awaited',
    in: 'RegisterClient.writeAt',
    find: 'this.written.begin(register, value)',
    replace: 'this.env.whenDurable(() => this.env.trigger(() => this.written.begin(register, value)))',
    breaks: 'accuracy',
    because: 'the next life signs another value at the timestamp that it does not remember',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-goes-on-from-its-last-complete-write',
    kind: 'forgotten restore',
    in: 'WrittenValues.constructor',
    find: 'if (written !== undefined) this.#written.set(registerKey(written.register), { ...written, storeKey })',
    replace: `if (written === undefined) continue
      const { value, complete } = written
      const known = { ...value, timestamp: value.timestamp - (complete ? 0 : 1) }
      this.#written.set(registerKey(written.register), { ...written, value: known, complete: true, storeKey })`,
    breaks: 'accuracy',
    because:
      'a write that was under way shows at no quorum, as one reads before going on; its timestamp is signed twice',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-forgets-what-a-crash-interrupted',
    kind: 'forgotten restore',
    in: 'RegisterClient.restore',
    find: 'const { incomplete } = this.written',
    replace: 'const incomplete = this.written.incomplete.slice(0, 0)',
    breaks: 'termination',
    because: 'a write that somebody has read is not under way any more, and may never be with a quorum',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-tells-too-early-that-a-write-was-resumed',
    kind: 'write not awaited',
    in: 'RegisterClient.restore',
    find: 'this.env.whenDurable(() => this.indicate.resumed(register, value.value, result))',
    replace: 'this.indicate.resumed(register, value.value, result)',
    breaks: 'termination',
    because: 'a life later the same write is resumed again, while the application waits for another one',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-believes-that-a-member-serves-for-ever',
    kind: 'lost message',
    in: 'Calls.resync',
    find: '    this.#serving.delete(peer)\n',
    replace: '',
    breaks: 'termination',
    because: 'a member that turned it away after a restart is not asked again when it serves',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'signed-register-asks-nobody-again',
    kind: 'lost message',
    in: 'AuthenticatedStorage.#onResync',
    find: '    this.#calls.resync(peer)\n',
    replace: '',
    breaks: 'termination',
    because: 'what was under way when a session ended is not asked in the next one',
    by: 'campaign',
    trials: [{ protocol: REGULAR, members: 4 }]
  },
  {
    name: 'atomic-register-does-not-write-back',
    kind: 'missing check',
    in: 'AuthenticatedDataAtomicRegister.find',
    find: 'if (!operation.over) operation.awaits(storage.propagate(register, top, () => found(top)))',
    replace: 'found(top)',
    breaks: 'ordering',
    because: 'a value that few have is read, and then its predecessor',
    by: 'campaign',
    trials: [{ protocol: ATOMIC, members: 4, adversary: 'stale' }]
  },
  {
    name: 'atomic-register-spares-its-write-back-at-f-plus-1',
    kind: 'quorum',
    in: 'AuthenticatedDataAtomicRegister.find',
    find: 'if (top === null || values.every((value) => sameWrite(value, top))) {',
    replace:
      'if (top === null || values.filter((value) => sameWrite(value, top)).length >= env.group.quorum.oneCorrect) {',
    breaks: 'ordering',
    because: 'one of f + 1 shows the value to this reader alone, and the next does not hear of the others',
    by: 'campaign',
    trials: [{ protocol: ATOMIC, members: 4 }]
  },
  {
    name: 'store-spares-its-write-back-at-f-plus-1',
    kind: 'quorum',
    in: 'BodyRead.#settle',
    find: 'const isEverywhere = values.filter((value) => sameWrite(value, ready)).length >= q',
    replace:
      'const isEverywhere = values.filter((value) => sameWrite(value, ready)).length >= this.#init.env.group.quorum.oneCorrect',
    breaks: 'atomicity',
    because: 'one of f + 1 shows the value to this reader alone, and the next does not hear of the others',
    by: 'schedule',
    found: { protocol: STORE, members: 4 }
  },
  {
    name: 'shared-register-overwrites-the-same-timestamp',
    kind: 'wrong tally',
    in: 'KeptValues.judge',
    find: 'const isHigher = compareSigned(value, own) > 0',
    replace: 'const isHigher = true',
    breaks: 'atomicity',
    because: 'of two writers at one timestamp some members keep the one and some the other',
    by: 'campaign',
    trials: [{ protocol: SHARED, members: 4, adversary: 'stale' }]
  }
]
