/** Mutants of src/consensus, and of src/replication. */
import type { Mutant, Trial } from '../mutant.ts'

const at = (members: number, changes: Partial<Trial> = {}): Trial => ({
  protocol: 'pbft',
  members,
  runs: 400,
  ...changes
})

/** Clauses of the selection rule: they fall to the enumeration of all that can happen. */
const selection: readonly Mutant[] = [
  {
    name: 'selection-does-not-ask-who-is-prepared-for-another',
    kind: 'missing check',
    in: 'choose',
    find: 'members - (prepared - support.prepared) >= byzantine &&',
    replace: '',
    by: 'table',
    table: 'selection',
    breaks: 'at one number nothing that was committed is lost',
    because: 'without A1 a digest with f + 1 voters is taken although another may have committed'
  },
  {
    name: 'selection-believes-a-single-claim',
    kind: 'missing check',
    in: 'choose',
    find: 'support.voted >= oneCorrect',
    replace: 'support.voted >= 1',
    by: 'table',
    table: 'selection',
    breaks: 'whatever is selected at one number has a correct voter',
    because: 'without A2 a liar has a batch selected that nobody holds'
  },
  {
    name: 'selection-ignores-what-the-base-began-with',
    kind: 'missing check',
    in: 'selectStart',
    find: 'sequence <= startEnd\n',
    replace: 'sequence <= -startEnd\n',
    by: 'table',
    table: 'selection',
    breaks: 'at one number nothing that was committed is lost',
    because:
      'what was carried into the view, and committed there or before, is asked for again among its votes'
  },
  {
    name: 'selection-counts-votes-of-older-bases',
    kind: 'wrong tally',
    in: 'supportByNumber',
    find: 'if (change.base !== base) continue\n',
    replace: '',
    by: 'table',
    table: 'selection',
    breaks: 'of several numbers all sets of reports are decided rightly',
    because: 'the highest claim of any view wins over what a later view began with'
  },
  {
    name: 'selection-waits-for-two-f-plus-one',
    kind: 'quorum',
    in: 'choose',
    find: '{ byzantine, oneCorrect }: Quorums',
    replace: '{ correctMajority: byzantine, oneCorrect }: Quorums',
    by: 'table',
    table: 'selection',
    breaks: 'at one number nothing that was committed is lost',
    because: 'at n = 5 and 6 two sets of 2f + 1 need not share a correct member'
  },
  {
    name: 'selection-leaves-holes',
    kind: 'missing check',
    in: 'selectStart',
    find: "if (chosen === 'free') {\n      selected.push(nothing)\n    } else {",
    replace: "if (chosen !== 'free') {",
    by: 'table',
    table: 'selection',
    breaks: 'of several numbers all sets of reports are decided rightly',
    because: 'a digest moves to the number of a hole before it'
  },
  {
    name: 'selection-begins-after-the-lowest-checkpoint',
    kind: 'missing check',
    in: 'selectStart',
    find: 'change.stable.sequence > highest.sequence ? change.stable : highest',
    replace: 'change.stable.sequence < highest.sequence ? change.stable : highest',
    by: 'table',
    table: 'selection',
    breaks: 'of several numbers all sets of reports are decided rightly',
    because: 'what is stable has no votes any more, and looks free'
  }
]

const ordering: readonly Mutant[] = [
  {
    name: 'second-proposal-is-voted-for-too',
    kind: 'revised vote',
    changes: [
      {
        in: 'Ordering.onPrePrepare',
        find: 'if (proposal !== undefined) {',
        replace: 'if (proposal !== undefined && sequence < 0) {'
      },
      {
        in: 'Ordering.#advance',
        find: 'progress.mayVote && slot.vote === undefined',
        replace:
          'progress.mayVote && (slot.vote === undefined || !sameBytes(slot.vote.digest, this.#wanted(sequence) ?? slot.vote.digest))'
      }
    ],
    breaks: 'accuracy',
    because: 'a primary that equivocates makes correct members contradict themselves',
    by: 'campaign',
    trials: [at(4, { adversary: 'equivocate' }), at(4, { adversary: 'twins' }), at(4)]
  },
  {
    name: 'anybody-proposes',
    kind: 'missing check',
    in: 'Ordering.onPrePrepare',
    find: 'if (from !== progress.primary) {',
    replace: 'if (from < 0) {',
    breaks: 'accuracy',
    because: 'a liar proposes before the primary, which is named for the second of two proposals',
    by: 'campaign',
    trials: [at(4, { adversary: 'fabricate' }), at(4, { runs: 1000 })]
  },
  {
    name: 'committed-at-one-correct',
    kind: 'quorum',
    in: 'Ordering.#advance',
    find: '!hasQuorum(slot.commits, vote.digest, byzantine)',
    replace: '!hasQuorum(slot.commits, vote.digest, env.group.quorum.oneCorrect)',
    breaks: 'agreement',
    because: 'what f + 1 have committed need not be selected by the next view',
    by: 'campaign',
    trials: [at(4, { adversary: 'swarm' }), at(7)]
  },
  {
    name: 'executed-when-prepared',
    kind: 'quorum',
    in: 'Ordering.#advance',
    find: ' || !hasQuorum(slot.commits, vote.digest, byzantine)) return',
    replace: ') return',
    breaks: 'agreement',
    because: 'what one member is prepared for need not be selected by the next view',
    by: 'campaign',
    trials: [at(4)]
  },
  {
    name: 'commit-is-not-awaited',
    kind: 'write not awaited',
    in: 'Ordering.#advance',
    find: 'env.whenDurable(() => env.trigger(() => this.#init.committed(sequence, vote.digest)))',
    replace: 'this.#init.committed(sequence, vote.digest)',
    breaks: 'agreement',
    because: 'a crash takes back a vote that completed a quorum, and with it what was executed',
    by: 'campaign',
    trials: [at(1, { byzantine: 0 })]
  },
  {
    name: 'one-member-says-what-is-committed',
    kind: 'quorum',
    in: 'Execution.onCommitted',
    find: 'claims.reached(env.group.quorum.oneCorrect)',
    replace: 'claims.reached(1)',
    breaks: 'agreement',
    because: 'a liar says that something else was executed',
    by: 'campaign',
    trials: [at(4, { adversary: 'mutate' }), at(4, { adversary: 'fabricate' }), at(4)]
  },
  {
    name: 'votes-of-other-views-count',
    kind: 'forgotten binding',
    in: 'Ordering.#slotOf',
    find: 'view === progress.base && progress.isOpen(sequence)',
    replace: 'view >= 0 && progress.isOpen(sequence)',
    breaks: 'accuracy',
    because: 'a member that votes for another batch in another view contradicts itself',
    by: 'campaign',
    trials: [at(4)]
  },
  {
    name: 'votes-are-not-told-again',
    kind: 'lost vote',
    in: 'CatchUp.#owed',
    find: 'for (const message of ordering.ownVotes(sequence)) yield',
    replace: 'for (const message of ordering.ownVotes(-sequence)) yield',
    breaks: 'termination',
    because: 'votes that came before a member entered the view are lost',
    by: 'campaign',
    trials: [at(4), at(4, { byzantine: 0 })]
  },
  {
    name: 'requests-may-be-anything',
    kind: 'missing check',
    in: 'Replica.#isValid',
    find: 'envelope !== undefined && isSigned(this.#verdicts, this.env, this.path, envelope)',
    replace: 'envelope !== undefined',
    breaks: 'validity',
    because: 'a primary orders what nobody has asked for',
    by: 'campaign',
    trials: [at(4, { adversary: 'mutate', runs: 1000 }), at(4, { adversary: 'fabricate' }), at(4)]
  }
]

const views: readonly Mutant[] = [
  {
    name: 'one-member-moves-the-others',
    kind: 'quorum',
    in: 'Changes.joined',
    find: 'group.quorum.oneCorrect - 1',
    replace: '0',
    breaks: 'termination',
    because: 'a liar has all others leave each view',
    by: 'campaign',
    trials: [at(4, { adversary: 'mutate' }), at(4, { adversary: 'fabricate' }), at(4)]
  }
]

const clients: readonly Mutant[] = [
  {
    name: 'signatures-are-the-matter-of-the-primary',
    kind: 'missing check',
    in: 'Pbft.#areValid',
    find: 'return envelopes.every((envelope) => this.#machine.isValid(envelope))',
    replace: 'return true',
    by: 'table',
    table: 'commands',
    breaks: 'a batch with what its client has not signed is not voted for',
    because: 'a primary that lies has commands executed that no client has signed'
  },
  {
    name: 'verdicts-are-remembered-without-what-was-signed',
    kind: 'forgotten binding',
    in: 'Verdicts.verifyBy',
    find: 'concatBytes(publicKey, signature, statement)',
    replace: 'concatBytes(publicKey, signature)',
    by: 'table',
    table: 'commands',
    breaks: 'a verdict that is remembered is one of the same bytes',
    because: 'the signature of one envelope is taken for that of another one with other commands'
  },
  {
    name: 'batches-are-judged-by-the-sessions-here',
    kind: 'missing check',
    in: 'Replica.constructor',
    find: 'isValid: (encoded: Uint8Array) => this.#isValid(this.#read(encoded))',
    replace:
      'isValid: (encoded: Uint8Array) => { const read = this.#read(encoded); return this.#isValid(read) && state.answersTo(read) === undefined }',
    by: 'table',
    table: 'commands',
    breaks: 'a batch is judged by its bytes, whatever was executed before',
    because: 'who has executed a command refuses the batch that holds it again, and votes are missing'
  },
  {
    name: 'waiting-requests-are-not-told-to-the-next-primary',
    kind: 'lost message',
    in: 'Pbft.#onEntered',
    find: 'for (const envelope of this.#pool.own.values()) this.#relay(envelope)',
    replace: '',
    by: 'table',
    table: 'commands',
    breaks: 'who enters a view hands what waits to its primary',
    because: 'a command that its client has told the old primary alone waits until the client asks all'
  },
  {
    name: 'commands-are-told-apart-on-arrival-alone',
    kind: 'missing check',
    in: 'ReplicatedState.#executeCommands',
    find: 'const known = this.#sessions.replyTo(client, session, number)',
    replace: 'const known = undefined',
    by: 'table',
    table: 'commands',
    breaks: 'a command that is ordered again is not executed again',
    because: 'a command that is ordered in two views is executed twice'
  },
  {
    name: 'acknowledged-commands-are-forgotten',
    kind: 'missing check',
    in: 'Sessions.replyTo',
    find: "if (session !== undefined && number <= session.mark) return 'over'",
    replace: '',
    breaks: 'exactly once',
    because: 'a command that is ordered again after its client has acknowledged the reply is executed twice',
    by: 'campaign',
    trials: [at(4, { byzantine: 0 }), at(4), at(4, { adversary: 'replay' })]
  },
  {
    name: 'clients-return-at-f-replies',
    kind: 'quorum',
    in: 'MatchingReplies.add',
    find: '.length < this.#needed) return undefined',
    replace: '.length < this.#needed - 1) return undefined',
    breaks: 'results',
    because: 'f liars tell a client what was never executed',
    by: 'campaign',
    trials: [at(4, { adversary: 'mutate' }), at(4, { adversary: 'fabricate' }), at(7)]
  }
]

export const consensusMutants: readonly Mutant[] = [...selection, ...ordering, ...views, ...clients]
