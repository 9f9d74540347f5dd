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
    file: 'registers/majority-register.ts',
    find: 'if (answers.size < this.env.group.quorum.majority) return',
    replace: 'if (answers.size < this.env.group.quorum.majority - 1) return',
    breaks: 'validity',
    because: 'a read and the write before it need not share a member',
    trials: [{ protocol: VOTING, members: 3 }]
  },
  {
    name: 'majority-register-writes-to-one-member-less',
    kind: 'quorum',
    file: 'registers/majority-register.ts',
    find: 'if (acknowledged < quorum.majority && refused',
    replace: 'if (acknowledged < quorum.majority - 1 && refused',
    breaks: 'validity',
    because: 'a write and the read after it need not share a member',
    trials: [{ protocol: VOTING, members: 5 }]
  },
  {
    name: 'majority-register-waits-for-a-byzantine-quorum',
    kind: 'quorum',
    file: 'registers/majority-register.ts',
    find: 'if (answers.size < this.env.group.quorum.majority) return',
    replace: 'if (answers.size < this.env.group.quorum.byzantine) return',
    breaks: 'termination',
    because: 'at n = 5 two members may have stopped, and four are waited for',
    trials: [{ protocol: VOTING, members: 5 }],
    invisibleAtFour: true
  },
  {
    name: 'majority-register-acknowledges-news-only',
    kind: 'lost vote',
    file: 'registers/majority-register.ts',
    find: '    const refusal = this.#values.show(register, value)\n',
    replace: `    if (compareTimestamped(value, this.#values.get(register)) <= 0) return
    const refusal = this.#values.show(register, value)
`,
    breaks: 'termination',
    because: 'a reader writes back what members have already, and waits for ever',
    trials: [{ protocol: IMPOSING, members: 3 }]
  },
  {
    name: 'member-keeps-the-last-value-not-the-highest',
    kind: 'missing check',
    file: 'registers/member-values.ts',
    find: 'return compareTimestamped(value, this.get(register)) > 0 ? this.#kept.put(register, value) : undefined',
    replace: 'return this.#kept.put(register, value)',
    breaks: 'validity',
    because: 'what a slow reader writes back takes the place of a newer value',
    trials: [{ protocol: IMPOSING, members: 3 }]
  },
  {
    name: 'calls-take-late-answers-for-the-last-call',
    kind: 'forgotten binding',
    changes: [
      {
        file: 'registers/calls.ts',
        find: 'this.#open.get(number) : undefined',
        replace: 'this.#open.get(Math.max(number, this.#last)) : undefined'
      },
      {
        file: 'registers/calls.ts',
        find: 'if (!sameBytes(question, call.question)) {',
        replace: 'if (question.length === 0) {'
      }
    ],
    breaks: 'validity',
    because: 'an answer to an earlier read counts for this one, which meets no last write by it',
    trials: [{ protocol: VOTING, members: 3 }]
  },
  {
    name: 'majority-register-asks-nobody-again',
    kind: 'lost message',
    file: 'registers/majority-register.ts',
    find: 'resync: (peer) => this.#calls.resync(peer)',
    replace: 'resync: () => {}',
    breaks: 'termination',
    because: 'what a session lost is not said in the next one',
    trials: [{ protocol: LOGGED, members: 3 }]
  },
  {
    name: 'read-impose-spares-the-write-back-at-one-equal-answer',
    kind: 'missing check',
    file: 'registers/read-impose-write-majority-register.ts',
    find: '.every((value) => compareTimestamped(value, top) === 0)',
    replace: '.some((value) => compareTimestamped(value, top) === 0)',
    breaks: 'ordering',
    because: 'a later read asks others, who have not got what this one returned',
    trials: [{ protocol: IMPOSING, members: 3 }]
  },
  {
    name: 'write-consults-one-member',
    kind: 'quorum',
    file: 'registers/write-consult-majority-register.ts',
    find: 'const top = highestTimestamped(answers.values())',
    replace: 'const top = highestTimestamped([...answers.values()].slice(0, 1))',
    breaks: 'atomicity',
    because: 'that one may have missed the last write: this one is older than it',
    trials: [{ protocol: CONSULTING, members: 3 }]
  },
  {
    name: 'timestamps-say-nothing-of-the-writer',
    kind: 'forgotten binding',
    file: 'registers/timestamped-value.ts',
    find: 'return a.timestamp - b.timestamp || a.writer - b.writer',
    replace: 'return a.timestamp - b.timestamp',
    breaks: 'atomicity',
    because: 'two writers find the same number, and members keep the one that came first',
    trials: [{ protocol: CONSULTING, members: 3 }]
  },
  {
    name: 'logged-member-stores-nothing',
    kind: 'forgotten write',
    file: 'registers/logged-majority-voting-register.ts',
    find: 'super(env, path, ports, options, indications, true)',
    replace: 'super(env, path, ports, options, indications, false)',
    breaks: 'validity',
    because: 'a member that comes back has forgotten what it acknowledged',
    trials: [{ protocol: LOGGED, members: 3 }]
  },
  {
    name: 'logged-writer-stores-nothing',
    kind: 'forgotten write',
    file: 'registers/logged-majority-voting-register.ts',
    find: '    this.store.put(PREFIX + key, encode(loggedShape, logged))\n',
    replace: '    void key\n',
    breaks: 'validity',
    because: 'a writer that comes back counts from 1, and members have higher values',
    trials: [{ protocol: LOGGED, members: 3 }]
  },
  {
    name: 'single-reader-forgets-what-it-returned',
    kind: 'missing check',
    file: 'registers/regular-to-single-reader-atomic-register.ts',
    find: 'if (isNewer) this.#newest.set(key, read)',
    replace: 'if (read !== null) this.#newest.set(key, read)',
    breaks: 'ordering',
    because: 'a regular register returns what is being written, and then the old value',
    trials: [{ protocol: 'regular-to-single-reader-atomic-register', members: 3 }]
  },
  {
    name: 'multi-reader-tells-nobody',
    kind: 'lost vote',
    file: 'registers/single-reader-to-multi-reader-atomic-register.ts',
    find: 'if (top === null) return found(contentResult(null))',
    replace: 'if (top !== null || top === null) return found(contentResult(top))',
    breaks: 'ordering',
    because: 'the writer has reached the register of one reader, and not yet that of the next',
    trials: [{ protocol: 'single-reader-to-multi-reader-atomic-register', members: 3 }]
  },
  {
    name: 'multi-writer-stands-on-regular-registers',
    kind: 'missing check',
    file: 'stacks/single-writer-to-multi-writer-atomic-register.ts',
    find: "import { ReadImposeWriteMajorityRegister } from '../registers/read-impose-write-majority-register.ts'",
    replace:
      "import { MajorityVotingRegister as ReadImposeWriteMajorityRegister } from '../registers/majority-voting-register.ts'",
    breaks: 'atomicity',
    because: 'two readers meet a value that is being written, and the later one the old one again',
    trials: [{ protocol: 'single-writer-to-multi-writer-atomic-register', members: 3 }]
  }
]
