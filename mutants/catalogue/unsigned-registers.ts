/** Mutants of src/registers: masking quorum and double write, and what they share with the signed registers. */
import { type Mutant, NAMING } from '../mutant.ts'

const MASKING = 'masking-quorum-register'
const DOUBLE = 'double-write-register'

export const unsignedRegisterMutants: readonly Mutant[] = [
  {
    name: 'masking-quorum-believes-f-alike',
    kind: 'quorum',
    in: 'MaskingQuorumRegister.find',
    find: '          oneCorrect\n        )',
    replace: '          oneCorrect - 1\n        )',
    breaks: 'validity',
    because: 'what f liars say alike is returned',
    by: 'campaign',
    trials: [{ protocol: MASKING, members: 5, adversary: 'invent' }]
  },
  {
    name: 'masking-quorum-believes-two-alike',
    kind: 'quorum',
    in: 'MaskingQuorumRegister.find',
    find: '          oneCorrect\n        )',
    replace: '          2\n        )',
    breaks: 'validity',
    because: 'at n = 9 what two liars invent alike is returned; at n = 5 there is one',
    by: 'campaign',
    trials: [{ protocol: MASKING, members: 9, adversary: 'invent' }]
  },
  {
    name: 'masking-quorum-reads-from-one-less',
    kind: 'quorum',
    in: 'MaskingQuorumRegister.find',
    find: 'if (answers.length < masking) return',
    replace: 'if (answers.length < masking - 1) return',
    breaks: 'validity',
    because: 'a liar and a laggard say alike what was overwritten, and too few others are heard',
    by: 'campaign',
    trials: [{ protocol: MASKING, members: 5, adversary: 'stale' }]
  },
  {
    name: 'masking-quorum-writes-to-a-byzantine-quorum',
    kind: 'quorum',
    in: 'MaskingQuorumRegister.propagate',
    find: 'this.env.group.quorum.masking,',
    replace: 'this.env.group.quorum.byzantine,',
    breaks: 'validity',
    because: 'two quorums share correct members, but not more of them than there are liars',
    by: 'schedule',
    found: { protocol: MASKING, members: 9, adversary: 'stale', runs: 4000 }
  },
  {
    name: 'double-write-takes-pairs-in-any-order',
    kind: 'missing accusation',
    in: 'DoubleWriteRegister.#answerOf',
    find: 'if (prewritten.timestamp > written.timestamp || prewritten.name === written.name)',
    replace: 'if (prewritten.timestamp >= 0)',
    breaks: NAMING,
    because: 'who says that more was written than was prewritten is not named for it',
    by: 'campaign',
    trials: [{ protocol: DOUBLE, members: 4 }]
  },
  {
    name: 'double-write-believes-one-member',
    kind: 'missing check',
    in: 'selected',
    find: '    vouchers\n  )',
    replace: '    1\n  )',
    breaks: 'validity',
    because: 'the highest timestamp is returned, whoever invented it',
    by: 'campaign',
    trials: [{ protocol: DOUBLE, members: 4, adversary: 'invent' }]
  },
  {
    name: 'double-write-believes-two-members',
    kind: 'quorum',
    in: 'selected',
    find: '    vouchers\n  )',
    replace: '    2\n  )',
    breaks: 'validity',
    because: 'at n = 7 what two liars invent alike is returned',
    by: 'campaign',
    trials: [{ protocol: DOUBLE, members: 7, adversary: 'invent' }],
    invisibleAtFour: true
  },
  {
    name: 'double-write-returns-what-is-not-selected',
    kind: 'missing check',
    in: 'selected',
    find: 'highestClaim(authentic.filter(isSelected))',
    replace: 'highestClaim(authentic)',
    breaks: 'validity',
    because: 'f + 1 old answers are authentic before others are heard',
    by: 'campaign',
    trials: [{ protocol: DOUBLE, members: 4, adversary: 'stale' }]
  },
  {
    name: 'double-write-selects-by-one-less',
    kind: 'quorum',
    in: 'selected',
    find: '.length >= quorum\n',
    replace: '.length >= quorum - 1\n',
    breaks: 'validity',
    because: 'a liar and a laggard select what was overwritten',
    by: 'campaign',
    trials: [{ protocol: DOUBLE, members: 4, adversary: 'stale' }]
  },
  {
    name: 'double-write-writes-to-a-majority',
    kind: 'quorum',
    in: 'DoubleWriteRegister.#gather',
    find: 'this.env.group.quorum.byzantine,',
    replace: 'this.env.group.quorum.majority,',
    breaks: 'validity',
    because: 'at n = 7 a quorum of liars and laggards shares no correct member with those who have the value',
    by: 'campaign',
    trials: [{ protocol: DOUBLE, members: 7, adversary: 'stale', runs: 4000 }],
    invisibleAtFour: true
  },
  {
    name: 'double-write-does-not-ask-again',
    kind: 'lost message',
    in: 'DoubleWriteRegister.find',
    find: '      call.again()\n',
    replace: '',
    breaks: 'termination',
    because: 'what members answered at different moments of several writes never fits',
    by: 'campaign',
    trials: [{ protocol: DOUBLE, members: 4, adversary: 'mutate' }]
  },
  {
    name: 'double-write-waits-for-all-before-it-asks-again',
    kind: 'quorum',
    in: 'DoubleWriteRegister.find',
    find: 'else if (call.answered >= available) timer',
    replace: 'else if (call.answered > available) timer',
    breaks: 'termination',
    because: 'a member that answers nothing is waited for',
    by: 'campaign',
    trials: [{ protocol: DOUBLE, members: 7 }]
  },
  {
    name: 'double-write-accuses-who-has-missed-a-write',
    kind: 'false accusation',
    in: 'DoubleWriteRegister.#answerOf',
    find: 'if (prewritten.timestamp > written.timestamp ||',
    replace: 'if (prewritten.timestamp === written.timestamp + 1 ||',
    breaks: 'accuracy',
    because: 'a session took whole writes with it, and the first part of the next one arrived',
    by: 'campaign',
    trials: [{ protocol: DOUBLE, members: 4 }]
  },
  {
    name: 'writer-stores-its-value-when-it-is-complete',
    kind: 'forgotten write',
    in: 'WrittenValues.begin',
    find: 'this.#put({ register, value, complete: false })',
    replace: 'this.#written.set(registerKey(register), { register, value, complete: false })',
    breaks: 'accuracy',
    because: 'after a crash it writes another value at the same timestamp, and is named for it',
    by: 'campaign',
    trials: [{ protocol: DOUBLE, members: 4 }]
  },
  {
    name: 'members-do-not-store-what-they-acknowledge',
    kind: 'forgotten write',
    in: 'KeptRegisters.replace',
    find: '    this.#durable?.store.put(PREFIX + storeKey, encode(this.#shape, { register, value }))\n',
    replace: '',
    breaks: 'validity',
    because: 'a quorum that has forgotten answers with the initial value',
    by: 'campaign',
    trials: [
      { protocol: MASKING, members: 5 },
      { protocol: 'authenticated-data-register', members: 4 }
    ]
  },
  {
    name: 'calls-count-a-member-twice',
    kind: 'wrong tally',
    in: 'Calls.answer',
    find: 'if (call === undefined || !wasAsked(call, from) || call.answered.has(from)) return',
    replace: 'if (call === undefined || !wasAsked(call, from)) return',
    breaks: 'validity',
    because: 'a liar that answers twice stands for a member that was not heard',
    by: 'campaign',
    trials: [
      { protocol: 'authenticated-data-register', members: 4, adversary: 'twins' },
      { protocol: 'authenticated-data-register', members: 7 }
    ]
  },
  {
    name: 'calls-do-not-ask-again-in-a-new-session',
    kind: 'lost message',
    in: 'Calls.resync',
    find: `    this.#serving.delete(peer)
    this.#askAgain(peer)
`,
    replace: '    this.#serving.delete(peer)\n',
    breaks: 'termination',
    because: 'what a session took with it is lost for ever',
    by: 'campaign',
    trials: [{ protocol: MASKING, members: 5 }]
  }
]
