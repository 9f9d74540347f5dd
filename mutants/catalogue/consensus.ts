/** Mutants of src/consensus. */
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
    breaks: 'quorum behind a commit',
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
    because: 'a member that votes for another batch in another view contradicts itself',
    by: 'test',
    test: 'consensus/pbft/one-member',
    breaks: 'of another view do not count'
  },
  {
    name: 'votes-are-not-told-again',
    kind: 'lost vote',
    in: 'CatchUp.#owed',
    find: 'for (const message of ordering.ownVotes(sequence)) yield',
    replace: 'for (const message of ordering.ownVotes(-sequence)) yield',
    because: 'votes that came before a member entered the view are lost',
    by: 'test',
    test: 'consensus/pbft/attacks-on-views',
    breaks: 'own CHECKPOINTs, COMMITTED, votes, and requests that wait (known failure 14)'
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
  },
  {
    name: 'nothing-is-given-up',
    kind: 'lost message',
    in: 'Waiting.#tick',
    find: 'isLong ||= age >= WAIT_TICKS',
    replace: 'isLong ||= age < 0',
    breaks: 'termination',
    because: 'a primary that is down stays primary',
    by: 'campaign',
    trials: [at(4)]
  },
  {
    name: 'stable-at-one-correct',
    kind: 'quorum',
    in: 'Checkpoints.#makeStable',
    find: 'if (signatures.length < env.group.quorum.byzantine) return',
    replace: 'if (signatures.length < env.group.quorum.oneCorrect) return',
    because: 'nobody else takes a certificate of f + 1 signatures',
    by: 'test',
    test: 'consensus/pbft/known-failures',
    breaks: 'CHECKPOINTs of f + 1 make none stable, and those of a quorum do'
  },
  {
    name: 'new-view-is-not-selected-again',
    kind: 'missing check',
    in: 'ViewChanges.#tryAccept',
    find: 'selected === undefined || !isSame(selected)',
    replace: 'selected === undefined || !isSame({ ...selected, selected: start.selected })',
    because: 'a primary that lies begins its view with what it likes',
    breaks: 'carried over',
    by: 'campaign',
    trials: [at(4, { adversary: 'perjure-views' })]
  },
  {
    name: 'view-change-is-not-restored',
    kind: 'forgotten restore',
    in: 'ViewChanges.restore',
    find: 'progress.target = change.change.view',
    replace: '',
    breaks: 'vote once',
    because: 'a member that restarts votes on in a view that it has left, which its VIEW-CHANGE does not say',
    by: 'campaign',
    trials: [at(4), at(5)]
  }
]

/** What is not on the disk when a member comes back: it says another thing than before. */
const durability: readonly Mutant[] = [
  {
    name: 'vote-in-a-view-is-not-written',
    kind: 'forgotten write',
    in: 'Log.putVote',
    find: 'this.#put(',
    replace: 'void (',
    breaks: 'accuracy',
    because: 'a member that restarts votes for another batch at the same number',
    by: 'campaign',
    trials: [at(4, { runs: 1000 }), at(5, { runs: 1000 })]
  },
  {
    name: 'view-change-is-not-written',
    kind: 'forgotten write',
    in: 'Log.putChange',
    find: "this.#put('change', changeShape, change)",
    replace: 'return void change',
    breaks: 'accuracy',
    because: 'a member that restarts leaves its view a second time, in another way',
    by: 'campaign',
    trials: [at(4, { runs: 1500 }), at(4, { byzantine: 0, runs: 1500 })]
  },
  {
    name: 'start-of-the-view-is-not-written',
    kind: 'forgotten write',
    in: 'Log.putBase',
    find: "this.#put('start', certifiedStart, base)",
    replace: 'return void base',
    breaks: 'accuracy',
    because: 'a member that restarts takes its votes for those of an older view',
    by: 'campaign',
    trials: [at(4, { runs: 1000 }), at(4, { byzantine: 0, runs: 1000 })]
  },
  {
    name: 'commit-is-not-written',
    kind: 'forgotten write',
    in: 'Ordering.#advance',
    find: 'prepared: true }\n      log.putVote(sequence, slot.vote)',
    replace: 'prepared: true }',
    breaks: 'quorum behind a commit',
    because: 'a batch is executed of which the disks do not say that it was prepared',
    by: 'campaign',
    trials: [at(4)]
  },
  {
    name: 'commit-is-not-restored',
    kind: 'forgotten restore',
    in: 'Ordering.restore',
    find: 'slot.vote = vote',
    replace: 'slot.vote = { ...vote, prepared: false }',
    breaks: 'vote once',
    because: 'a member that restarts leaves its view without the COMMIT that it has sent',
    by: 'campaign',
    trials: [at(4)]
  }
]

export const consensusMutants: readonly Mutant[] = [...selection, ...ordering, ...views, ...durability]
