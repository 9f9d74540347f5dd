/** Mutants of the crash-model registers in src/registers. */
import type { Mutant } from '../mutant.ts'

const VOTING = 'majority-voting-register'
const IMPOSING = 'read-impose-write-majority-register'
const CONSULTING = 'write-consult-majority-register'
const LOGGED = 'logged-majority-voting-register'

export const crashRegisterMutants: readonly Mutant[] = [
  {
    name: 'majority-register-reads-from-one-member-less',
    kind: 'quorum',
    in: 'MajorityRegister.query',
    find: 'if (answers.size < this.env.group.quorum.majority) return',
    replace: 'if (answers.size < this.env.group.quorum.majority - 1) return',
    breaks: 'validity',
    because: 'a read and the write before it need not share a member',
    by: 'campaign',
    trials: [{ protocol: VOTING, members: 3 }]
  },
  {
    name: 'majority-register-writes-to-one-member-less',
    kind: 'quorum',
    in: 'MajorityRegister.propagate',
    find: 'quorum: this.env.group.quorum.majority,',
    replace: 'quorum: this.env.group.quorum.majority - 1,',
    breaks: 'validity',
    because: 'a write and the read after it need not share a member',
    by: 'campaign',
    trials: [{ protocol: VOTING, members: 5 }]
  },
  {
    name: 'majority-register-waits-for-a-byzantine-quorum',
    kind: 'quorum',
    in: 'MajorityRegister.query',
    find: 'if (answers.size < this.env.group.quorum.majority) return',
    replace: 'if (answers.size < this.env.group.quorum.byzantine) return',
    breaks: 'termination',
    because: 'at n = 5 two members may have stopped, and four are waited for',
    by: 'campaign',
    trials: [{ protocol: VOTING, members: 5 }],
    invisibleAtFour: true
  },
  {
    name: 'majority-register-acknowledges-news-only',
    kind: 'lost vote',
    in: 'MajorityRegister.#onRequest',
    find: '    const refusal = this.#values.show(register, value)\n',
    replace: `    if (compareTimestamped(value, this.#values.get(register)) <= 0) return
    const refusal = this.#values.show(register, value)
`,
    breaks: 'termination',
    because: 'a reader writes back what members have already, and waits for ever',
    by: 'campaign',
    trials: [{ protocol: IMPOSING, members: 3 }]
  },
  {
    name: 'member-keeps-the-last-value-not-the-highest',
    kind: 'missing check',
    in: 'MemberValues.show',
    find: 'return compareTimestamped(value, this.get(register)) > 0 ? this.#kept.put(register, value) : undefined',
    replace: 'return this.#kept.put(register, value)',
    breaks: 'validity',
    because: 'what a slow reader writes back takes the place of a newer value',
    by: 'campaign',
    trials: [{ protocol: IMPOSING, members: 3 }]
  },
  {
    name: 'calls-take-late-answers-for-the-last-call',
    kind: 'forgotten binding',
    changes: [
      {
        in: 'Calls.answer',
        find: 'this.#open.get(number) : undefined',
        replace: 'this.#open.get(Math.max(number, this.#last)) : undefined'
      },
      {
        in: 'Calls.answer',
        find: 'if (!sameBytes(question, call.question)) {',
        replace: 'if (question.length === 0) {'
      }
    ],
    breaks: 'validity',
    because: 'an answer to an earlier read counts for this one, which meets no last write by it',
    by: 'campaign',
    trials: [{ protocol: VOTING, members: 3 }]
  },
  {
    name: 'majority-register-asks-nobody-again',
    kind: 'lost message',
    in: 'MajorityRegister.constructor',
    find: 'resync: (peer) => this.#calls.resync(peer)',
    replace: 'resync: () => {}',
    breaks: 'termination',
    because: 'what a session lost is not said in the next one',
    by: 'campaign',
    trials: [{ protocol: LOGGED, members: 3 }]
  },
  {
    name: 'read-impose-spares-the-write-back-at-one-equal-answer',
    kind: 'missing check',
    in: 'ReadImposeWriteMajorityRegister.startRead',
    find: '.every((value) => compareTimestamped(value, top) === 0)',
    replace: '.some((value) => compareTimestamped(value, top) === 0)',
    breaks: 'ordering',
    because: 'a later read asks others, who have not got what this one returned',
    by: 'campaign',
    trials: [{ protocol: IMPOSING, members: 3 }]
  },
  {
    name: 'write-consults-one-member',
    kind: 'quorum',
    in: 'WriteConsultMajorityRegister.startWrite',
    find: 'const top = highestTimestamped(answers.values())',
    replace: 'const top = highestTimestamped([...answers.values()].slice(0, 1))',
    breaks: 'atomicity',
    because: 'that one may have missed the last write: this one is older than it',
    by: 'campaign',
    trials: [{ protocol: CONSULTING, members: 3 }]
  },
  {
    name: 'timestamps-say-nothing-of-the-writer',
    kind: 'forgotten binding',
    in: 'compareTimestamped',
    find: 'return a.timestamp - b.timestamp || a.writer - b.writer',
    replace: 'return a.timestamp - b.timestamp',
    breaks: 'atomicity',
    because: 'two writers find the same number, and members keep the one that came first',
    by: 'campaign',
    trials: [{ protocol: CONSULTING, members: 3 }]
  },
  {
    name: 'logged-member-stores-nothing',
    kind: 'forgotten write',
    in: 'LoggedMajorityVotingRegister.constructor',
    find: 'super(env, path, ports, options, indications, true)',
    replace: 'super(env, path, ports, options, indications, false)',
    breaks: 'validity',
    because: 'a member that comes back has forgotten what it acknowledged',
    by: 'campaign',
    trials: [{ protocol: LOGGED, members: 3 }]
  },
  {
    name: 'logged-writer-stores-nothing',
    kind: 'forgotten write',
    in: 'LoggedMajorityVotingRegister.#log',
    find: '    this.store.put(PREFIX + key, encode(loggedShape, logged))\n',
    replace: '    void key\n',
    breaks: 'validity',
    because: 'a writer that comes back counts from 1, and members have higher values',
    by: 'campaign',
    trials: [{ protocol: LOGGED, members: 3 }]
  },
  {
    name: 'single-reader-forgets-what-it-returned',
    kind: 'missing check',
    in: 'RegularToSingleReaderAtomicRegister.startRead',
    find: 'if (isNewer) this.#newest.set(key, read)',
    replace: 'if (read !== null) this.#newest.set(key, read)',
    breaks: 'ordering',
    because: 'a regular register returns what is being written, and then the old value',
    by: 'campaign',
    trials: [{ protocol: 'regular-to-single-reader-atomic-register', members: 3 }]
  },
  {
    name: 'multi-reader-tells-nobody',
    kind: 'lost vote',
    in: 'SingleReaderToMultiReaderAtomicRegister.startRead',
    find: 'if (top === null) return found(contentResult(null))',
    replace: 'if (top !== null || top === null) return found(contentResult(top))',
    breaks: 'ordering',
    because: 'the writer has reached the register of one reader, and not yet that of the next',
    by: 'campaign',
    trials: [{ protocol: 'single-reader-to-multi-reader-atomic-register', members: 3 }]
  },
  {
    name: 'multi-writer-stands-on-regular-registers',
    kind: 'missing check',
    in: 'singleWriterToMultiWriterAtomicRegister',
    find: 'new ReadImposeWriteMajorityRegister(',
    replace: 'new (Object.getPrototypeOf(ReadImposeWriteMajorityRegister))(',
    breaks: 'atomicity',
    because: 'two readers meet a value that is being written, and the later one the old one again',
    by: 'schedule',
    found: { protocol: 'single-writer-to-multi-writer-atomic-register', members: 3 }
  }
]
