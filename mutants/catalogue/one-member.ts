/** Mutants of agreement and its clients that fall to a test of one member, which hears what others could say. */
import type { Mutant } from '../mutant.ts'

const one = 'consensus/pbft/one-member'
const views = 'consensus/pbft/attacks-on-views'
const waits = 'consensus/pbft/attacks-on-waiting'
const known = 'consensus/pbft/known-failures'
const verified = 'consensus/pbft/verification'
const pushed = 'consensus/pbft/pushes'
const sessions = 'replication/sessions'
const client = 'replication/client'
const member = 'replication/member'

/** What is voted for, and executed. */
const inOrdering: readonly Mutant[] = [
  {
    name: 'proposed-digest-is-believed',
    kind: 'missing check',
    in: 'Ordering.onPrePrepare',
    find: 'batch !== null && !batches.matches(digest, batch)',
    replace: 'false',
    by: 'test',
    test: one,
    breaks: 'of which the body is another one is refused, and its primary named (known failure 10)',
    because: 'a primary has other requests voted for than those of the digest'
  },
  {
    name: 'votes-are-counted-by-number',
    kind: 'wrong tally',
    in: 'hasQuorum',
    find: 'tally.votersFor(digest).length >= quorum',
    replace: 'tally.state().flatMap(({ voters }) => voters).length >= quorum',
    by: 'test',
    test: one,
    breaks: 'of one member for two batches: the first counts, and it is named (known failure 10)',
    because: 'votes for different batches make a quorum together'
  },
  {
    name: 'proposal-and-vote-of-the-primary-both-count',
    kind: 'wrong tally',
    changes: [
      {
        in: 'Ordering.onPrePrepare',
        find: 'this.#count(slot, from, slot.prepares, digest)',
        replace: 'this.#count(slot, from + env.group.n, slot.prepares, digest)'
      },
      {
        in: 'Ordering.onPrepare',
        find: 'slot === undefined || (from === progress.primary && sequence > progress.startEnd)',
        replace: 'slot === undefined'
      }
    ],
    by: 'test',
    test: one,
    breaks:
      'a quorum prepares, with the proposal and the own vote; a quorum commits; and it is executed (known failure 10)',
    because: 'the primary has two votes'
  },
  {
    name: 'prepared-at-two-f-plus-one',
    kind: 'quorum',
    in: 'Ordering.#advance',
    find: 'hasQuorum(slot.prepares, vote.digest, byzantine)',
    replace: 'hasQuorum(slot.prepares, vote.digest, 2 * env.group.f + 1)',
    by: 'test',
    test: known,
    breaks: 'three of six members prepare nothing, and four do',
    because: 'with six members two batches are prepared at one number'
  },
  {
    name: 'committed-at-two-f-plus-one',
    kind: 'quorum',
    in: 'Ordering.#advance',
    find: '!hasQuorum(slot.commits, vote.digest, byzantine)',
    replace: '!hasQuorum(slot.commits, vote.digest, 2 * env.group.f + 1)',
    by: 'test',
    test: known,
    breaks: 'three of six members commit nothing, and four do',
    because: 'with six members a view begins without what was committed in the last one'
  },
  {
    name: 'executed-as-it-is-committed',
    kind: 'missing check',
    in: 'Execution.run',
    find: 'const sequence = progress.executed + 1',
    replace: 'const sequence = Math.min(...this.#committed.keys())',
    by: 'test',
    test: one,
    breaks: 'are executed in the order of their numbers (known failure 10)',
    because: 'where a body is late members execute in different orders'
  },
  {
    name: 'votes-before-the-proposal-are-dropped',
    kind: 'lost vote',
    in: 'Ordering.onPrepare',
    find: 'if (slot === undefined ||',
    replace: 'if (slot?.proposal === undefined ||',
    by: 'test',
    test: one,
    breaks: 'that come before the proposal count (known failure 10)',
    because: 'whoever hears the proposal last hears no quorum'
  },
  {
    name: 'next-number-forgets-earlier-lives',
    kind: 'forgotten restore',
    in: 'Ordering.#proposeOne',
    find: '...voted) + 1',
    replace: '...voted.filter((one) => this.#slots.get(one)?.proposal !== undefined)) + 1',
    by: 'test',
    test: known,
    breaks: 'a primary goes on after the numbers that an earlier life has proposed',
    because: 'a correct primary that restarts equivocates'
  },
  {
    name: 'bad-batch-is-left-alone',
    kind: 'missing check',
    in: 'Pbft.constructor',
    find: 'ports, codec, machine, {',
    replace:
      'ports, codec, { ...machine, isValid: (envelope) => { const valid = machine.isValid(envelope); if (!valid) this.#viewChanges.changeTo(this.#progress.target + 1); return valid } }, {',
    by: 'test',
    test: views,
    breaks: 'who is shown a bad batch stays, and executes what the others say',
    because: 'a liar among the backups holds the quorum of a view that one has left'
  },
  {
    name: 'digest-is-without-the-last-signature',
    kind: 'forgotten binding',
    in: 'BatchCodec.digest',
    find: 'this.#crypto.hash(encoded)',
    replace: 'this.#crypto.hash(encoded.subarray(0, -64))',
    by: 'test',
    test: waits,
    breaks: 'the digest is of signatures too',
    because: 'of two bodies of one digest one is valid'
  },
  {
    name: 'proposals-far-ahead-are-kept',
    kind: 'missing check',
    in: 'Ordering.onPrePrepare',
    find: '!progress.isOpen(sequence) ||',
    replace: '',
    by: 'test',
    test: known,
    breaks: 'proposals: nothing is left, joined, or kept of them but the last',
    because: 'a primary fills the memory of all others'
  },
  {
    name: 'lone-request-waits',
    kind: 'lost message',
    in: 'Ordering.#proposeOne',
    find: '(inFlight > 0 && pool.size < batchCommandsMax)',
    replace: 'pool.size < batchCommandsMax',
    by: 'test',
    test: known,
    breaks: 'does not: it is proposed in the turn in which it comes',
    because: 'a request waits for others to fill its batch'
  }
]

/** The bodies of batches, who is asked for them, and what is verified of them. */
const inBodies: readonly Mutant[] = [
  {
    name: 'what-is-not-retained-stays-while-a-member-catches-up',
    kind: 'missing check',
    in: 'Progress.passes',
    find: 'sequence <= this.low && sequence % this.bounds.checkpointEvery === 0',
    replace: 'false',
    by: 'test',
    test: 'consensus/pbft/behind',
    breaks: 'whoever catches up with a stable checkpoint drops the bodies that it does not retain as it goes',
    because: 'the disk of a member that was behind has more bodies than may be retained'
  },
  {
    name: 'batch-is-verified-in-one-turn',
    kind: 'missing check',
    in: 'Verification.#goOn',
    find: 'this.#machine.verifications - before >= this.#perTurn',
    replace: 'false',
    by: 'test',
    test: verified,
    breaks: 'are verified a few in a turn, and voted for after the last',
    because: 'all else waits for a whole batch'
  },
  {
    name: 'batch-that-is-being-verified-is-refused',
    kind: 'false accusation',
    in: 'Ordering.#mayVoteFor',
    find: 'if (isValid !== false) return isValid === true',
    replace: 'if (isValid === true) return true',
    by: 'test',
    test: verified,
    breaks: 'are verified a few in a turn, and voted for after the last',
    because: 'a correct primary is named for a batch of many requests'
  },
  {
    name: 'whoever-is-slow-is-sent-all-bodies',
    kind: 'missing check',
    in: 'Pushes.propose',
    find: 'this.#unsettled(member) + bytes <= this.#bytesMax',
    replace: 'true',
    by: 'test',
    test: pushed,
    breaks: 'and has not voted for has a bound, well below that of a session; those who vote get all',
    because: 'the session with a slow member ends again and again'
  },
  {
    name: 'lost-bodies-count-for-good',
    kind: 'lost message',
    in: 'Pushes.sessionWith',
    find: 'this.#settled[member] = this.#of(this.#pushed, member)',
    replace: '',
    by: 'test',
    test: pushed,
    breaks: 'and was lost with a session does not count in the next',
    because: 'a member that was away has to ask for each body'
  },
  {
    name: 'body-is-handed-over-once',
    kind: 'lost message',
    in: 'Batches.#onFetch',
    find: 'times >= BODY_SERVED_MAX',
    replace: 'times >= 1',
    by: 'test',
    test: views,
    breaks: 'it is handed over again in the same session',
    because: 'whoever had to drop a body never has it again'
  },
  {
    name: 'bodies-of-accepted-starts-are-forgotten',
    kind: 'lost vote',
    in: 'ViewChanges.needed',
    find: '[...this.#acceptances.starts, ...this.#waitingForBodies()]',
    replace: '[]',
    by: 'test',
    test: views,
    breaks: 'what was accepted is kept and handed over, whatever becomes stable meanwhile',
    because: 'what a start selects is held by nobody'
  },
  {
    name: 'late-body-is-a-fault',
    kind: 'false accusation',
    in: 'Batches.#onBatch',
    find: 'if (this.matches(digest, batch)) {',
    replace: 'if (this.matches(digest, batch) && [...this.#pulls.open].length > 0) {',
    by: 'test',
    test: waits,
    breaks: 'a body that nobody asks for any more accuses nobody',
    because: 'a correct member is named for an answer that comes late'
  },
  {
    name: 'wrong-bytes-name-nobody',
    kind: 'missing accusation',
    in: 'Batches.#onBatch',
    find: "this.#env.observer.fault({ process: from, kind: 'protocol-violation', certainty: 'certain', detail })",
    replace: '',
    by: 'test',
    test: waits,
    breaks: 'bytes that are not those of the digest beside them do',
    because: 'who hands over what it was not asked for goes on'
  }
]

/** How a view ends, and how the next one begins. */
const inViews: readonly Mutant[] = [
  {
    name: 'accepted-without-the-bodies',
    kind: 'missing check',
    in: 'ViewChanges.#tryAccept',
    find: 'if (missing.length > 0) {',
    replace: 'if (missing.length < 0) {',
    by: 'test',
    test: views,
    breaks: 'a start is accepted only with the bodies of all that it selects (known failure 15)',
    because: 'a start is certified whose bodies nobody has'
  },
  {
    name: 'acceptance-is-not-written',
    kind: 'forgotten write',
    in: 'Acceptances.accept',
    find: 'log.putAccepted(start)\n',
    replace: '',
    by: 'test',
    test: views,
    breaks: 'nor accepts another start of the same view',
    because: 'a member that restarts signs two starts of one view'
  },
  {
    name: 'start-is-certified-by-one-correct',
    kind: 'quorum',
    in: 'Acceptances.certified',
    find: 'const { byzantine } = env.group.quorum',
    replace: 'const { oneCorrect: byzantine } = env.group.quorum',
    by: 'test',
    test: known,
    breaks: 'f + 1 that accept its start do not begin it, and a quorum does',
    because: 'one view has two starts'
  },
  {
    name: 'votes-on-in-a-view-that-it-has-left',
    kind: 'missing check',
    in: 'Progress.mayVote',
    find: 'this.serving && !this.isChanging',
    replace: 'this.serving',
    by: 'test',
    test: one,
    breaks: 'that was left gets no votes any more (known failure 16)',
    because: 'what is committed after a VIEW-CHANGE is not in it'
  },
  {
    name: 'nobody-joins-a-change',
    kind: 'lost vote',
    in: 'Changes.joined',
    find: '[group.quorum.oneCorrect - 1]',
    replace: '[group.n]',
    by: 'test',
    test: one,
    breaks: 'is left when f + 1 others leave it, and not before (known failure 16)',
    because: 'members that time out at different times never meet'
  },
  {
    name: 'new-view-comes-without-its-proofs',
    kind: 'lost message',
    in: 'ViewChanges.#tryNewView',
    find: "[...showing(this.#ownNewView), { type: 'NEW-VIEW', ...newView } as const]",
    replace: "[{ type: 'NEW-VIEW', ...newView } as const]",
    by: 'test',
    test: views,
    breaks: 'who sends a NEW-VIEW first shows what each VIEW-CHANGE in it names',
    because: 'a liar shows a certified start to each new primary alone, and views change for ever'
  },
  {
    name: 'what-was-not-shown-is-taken-for-wrong',
    kind: 'false accusation',
    in: 'ViewChanges.#tryAccept',
    find: 'const isShown = viewChanges.every((change) => this.#proofs.isShown(change))',
    replace: 'const isShown = true',
    by: 'test',
    test: views,
    breaks: 'a NEW-VIEW of which something was not shown waits, and is no fault',
    because: 'a correct primary is named for what was lost on its way'
  },
  {
    name: 'new-view-may-repeat-a-change',
    kind: 'missing check',
    in: 'ViewChanges.#problemOf',
    find: 'change.signer <= previous',
    replace: 'change.signer < 0',
    by: 'test',
    test: known,
    breaks: 'counts one of them twice',
    because: 'one member is a quorum'
  },
  {
    name: 'changes-of-a-new-view-do-not-count',
    kind: 'lost vote',
    in: 'ViewChanges.onNewView',
    find: 'if (isMember(env.group, change.signer) && change.signer !== env.self) this.#changes.take(change, from)',
    replace: '',
    by: 'test',
    test: views,
    breaks: 'VIEW-CHANGEs in a NEW-VIEW count as if they had come from their signers',
    because: 'who has lost them does not know that a quorum changes'
  },
  {
    name: 'start-below-the-wanted-view-is-entered',
    kind: 'missing check',
    changes: [
      {
        in: 'ViewChanges.onStart',
        find: 'if (start.view > progress.base && start.view >= progress.target) {',
        replace: 'if (start.view > progress.base) {'
      },
      {
        in: 'ViewChanges.#enter',
        find: 'if (view <= progress.base || view < progress.target) return',
        replace: 'if (view <= progress.base) return'
      }
    ],
    by: 'test',
    test: views,
    breaks: 'who sends a NEW-VIEW first shows what each VIEW-CHANGE in it names',
    because: 'a member votes in a view that it has said to leave'
  }
]

/** What a member may have missed. */
const inTold: readonly Mutant[] = [
  {
    name: 'change-is-not-told-again',
    kind: 'lost message',
    in: 'CatchUp.#owed',
    find: 'for (const message of viewChanges.ownChange) yield',
    replace: 'for (const message of []) yield',
    by: 'test',
    test: views,
    breaks: 'the own VIEW-CHANGE',
    because: 'what was lost with a session is never said again'
  },
  {
    name: 'acceptance-is-not-told-again',
    kind: 'lost message',
    in: 'CatchUp.#owed',
    find: 'of viewChanges.saidFor(target).entries()',
    replace: 'of [].entries()',
    by: 'test',
    test: views,
    breaks: 'the own ACCEPT',
    because: 'what was lost with a session is never said again'
  },
  {
    name: 'checkpoints-are-not-told-again',
    kind: 'lost message',
    in: 'CatchUp.#owed',
    find: 'for (const message of checkpoints.ownAbove(stable)) yield',
    replace: 'for (const message of []) yield',
    by: 'test',
    test: views,
    breaks: 'own CHECKPOINTs, COMMITTED, votes, and requests that wait (known failure 14)',
    because: 'checkpoints that are lost with three sessions close the window for good'
  },
  {
    name: 'start-is-not-told-to-who-is-behind',
    kind: 'lost message',
    in: 'CatchUp.#owed',
    find: 'if (base < progress.base) {',
    replace: 'if (base < 0) {',
    by: 'test',
    test: known,
    breaks: 'who is still in the view before is shown how this one began',
    because: 'whoever was away does not come into the view'
  },
  {
    name: 'stable-is-not-told-to-who-is-behind',
    kind: 'lost message',
    in: 'CatchUp.#owed',
    find: 'if (stable < progress.low) {',
    replace: 'if (stable < 0) {',
    by: 'test',
    test: known,
    breaks: 'a member that is behind what is stable is told so, though the group is idle',
    because: 'an idle group leaves members behind'
  },
  {
    name: 'all-is-told-for-each-status',
    kind: 'missing check',
    in: 'CatchUp.onStatus',
    find: 'if (peer.told.has(name)) continue',
    replace: '',
    by: 'test',
    test: waits,
    breaks: 'all else is told once for what the other says of itself',
    because: 'a STATUS is an amplifier'
  },
  {
    name: 'executed-is-told-for-each-status',
    kind: 'missing check',
    in: 'CatchUp.#tellExecuted',
    find: 'peer.toldExecuted = sequence',
    replace: '',
    by: 'test',
    test: waits,
    breaks: 'what was executed is told once in a session, whatever the other says of itself',
    because: 'a STATUS is an amplifier'
  },
  {
    name: 'status-may-fall',
    kind: 'missing check',
    in: 'CatchUp.onStatus',
    find: 'if (FIELDS.some((field) => status[field] < before[field])) return',
    replace: '',
    by: 'test',
    test: waits,
    breaks: 'what the other says of itself rises in a session, or is not heard',
    because: 'who goes up and down is told everything each time'
  }
]

/** What waits, for how long, and whom that costs its view. */
const inWaits: readonly Mutant[] = [
  {
    name: 'claims-that-differ-make-one-behind',
    kind: 'wrong tally',
    in: 'Execution.isBehind',
    find: 'this.#committed.has(executed + 1)',
    replace:
      '[...this.#claims.values()].flatMap((one) => one.state()).flatMap(({ voters }) => voters).length > 1',
    by: 'test',
    test: waits,
    breaks:
      'who hears different claims is not behind, and leaves a primary that serves nobody (known failure 11)',
    because: 'a liar switches all timers off'
  },
  {
    name: 'who-is-behind-blames',
    kind: 'missing check',
    in: 'Waiting.#wanted',
    find: 'isAnythingWaiting() && !isBehind()',
    replace: 'isAnythingWaiting()',
    by: 'test',
    test: waits,
    breaks: 'who hears one claim of f + 1 is, and blames nobody',
    because: 'a laggard stops voting in a view that works'
  },
  {
    name: 'idle-views-are-left',
    kind: 'missing check',
    changes: [
      { in: 'Waiting.#wanted', find: 'isAnythingWaiting() && !isBehind()', replace: '!isBehind()' },
      {
        in: 'Waiting.#tick',
        find: 'isLong ||= age >= WAIT_TICKS\n    }',
        replace: 'isLong ||= age >= WAIT_TICKS\n    }\n    isLong ||= names.size === 0'
      }
    ],
    by: 'test',
    test: views,
    breaks: 'in a new view in which nothing waits no timer runs (known failure 17)',
    because: 'an idle group changes views for ever'
  },
  {
    name: 'change-is-timed-before-a-quorum',
    kind: 'missing check',
    in: 'Waiting.#wanted',
    find: "isChangeUnderWay() ? 'change' : undefined",
    replace: "'change'",
    by: 'test',
    test: views,
    breaks: 'before a quorum wants to change too no timer runs either',
    because: 'views run away from a member that is cut off'
  },
  {
    name: 'selected-numbers-are-not-waited-for',
    kind: 'lost vote',
    in: 'Ordering.#isWaited',
    find: 'progress.selectedAt(sequence) !== undefined ||',
    replace: '',
    by: 'test',
    test: waits,
    breaks: 'is waited for when the view began with it',
    because: 'a view whose primary is down goes on for ever'
  },
  {
    name: 'voted-numbers-are-not-waited-for',
    kind: 'lost vote',
    in: 'Ordering.#isWaited',
    find: 'slot?.prepares.reached(oneCorrect) !== undefined ||',
    replace: '',
    by: 'test',
    test: waits,
    breaks: 'is waited for when f + 1 voted at it',
    because: 'a number that some have executed is never executed by others'
  },
  {
    name: 'what-is-executed-ends-all-waits',
    kind: 'missing check',
    in: 'Waiting.executed',
    find: 'if (held === 0) return',
    replace: 'if (held === 0) return\n    this.#ages.clear()',
    by: 'test',
    test: waits,
    breaks: 'each request has a deadline of its own (known failures 11 and 17)',
    because: 'a primary that serves others censors one for ever'
  },
  {
    name: 'timeout-does-not-grow',
    kind: 'missing check',
    in: 'Waiting.#expire',
    find: 'if (!isCapped) this.#k++',
    replace: '',
    by: 'test',
    test: waits,
    breaks: 'it grows up to its cap (known failure 17)',
    because: 'where the network is slow views change for ever'
  },
  {
    name: 'timeout-has-no-cap',
    kind: 'missing check',
    changes: [
      {
        in: 'Waiting.timeoutMs',
        find: 'Math.min(viewTimeoutMaxMs, viewTimeoutMinMs * 2 ** this.#k)',
        replace: 'viewTimeoutMinMs * 2 ** this.#k'
      },
      { in: 'Waiting.#expire', find: 'if (!isCapped) this.#k++', replace: 'this.#k++' }
    ],
    by: 'test',
    test: waits,
    breaks: 'it grows up to its cap (known failure 17)',
    because: 'after an hour of trouble the next view takes another hour'
  },
  {
    name: 'timeout-falls-to-the-least',
    kind: 'missing check',
    in: 'Waiting.executed',
    find: 'this.#k--',
    replace: 'this.#k = 0',
    by: 'test',
    test: waits,
    breaks: 'it falls by one step when no wait was long for a window of batches, not to the least',
    because: 'a correct primary is deposed every so many batches'
  },
  {
    name: 'empty-batches-lower-the-timeout',
    kind: 'missing check',
    in: 'Waiting.executed',
    find: 'if (held === 0) return',
    replace: '',
    by: 'test',
    test: waits,
    breaks: 'batches without requests do not count',
    because: 'a primary that lies lowers the timeout of all'
  },
  {
    name: 'long-waits-lower-the-timeout-too',
    kind: 'missing check',
    in: 'Waiting.executed',
    find: '[...this.#ages.values()].some((age) => age > WAIT_TICKS / 4)',
    replace: 'false',
    by: 'test',
    test: waits,
    breaks: 'it does not fall while waits are long beside the timeout below',
    because: 'a correct primary is deposed as soon as the timeout has fallen'
  }
]

/** Checkpoints, and the window. */
const inStable: readonly Mutant[] = [
  {
    name: 'checkpoints-far-ahead-are-kept',
    kind: 'missing check',
    in: 'Checkpoints.onCheckpoint',
    find: '!progress.isOpen(sequence) ||',
    replace: '',
    by: 'test',
    test: known,
    breaks: 'checkpoints: nothing is left, joined, or kept of them but the last',
    because: 'a member fills the memory of all others'
  },
  {
    name: 'checkpoints-of-other-states-count',
    kind: 'wrong tally',
    in: 'Checkpoints.#makeStable',
    find: '.filter(([, signed]) => sameBytes(signed.digest, digest))',
    replace: '',
    by: 'test',
    test: known,
    breaks: 'CHECKPOINTs of another digest make none stable',
    because: 'what is stable is the state of nobody'
  },
  {
    name: 'whose-window-moves-says-nothing',
    kind: 'lost message',
    in: 'Pbft.#onStable',
    find: 'this.#catchUp.announce()',
    replace: '',
    by: 'test',
    test: known,
    breaks: 'the horizon splits nobody: who has come further says so, and is told again what it dropped',
    because: 'what was dropped beyond the window is never told again'
  }
]

/** Sessions of clients. */
const inSessions: readonly Mutant[] = [
  {
    name: 'who-has-no-room-says-nothing',
    kind: 'lost message',
    in: 'Replica.#onRequest',
    find: 'if (mayAnswer && !isTakenIn) this.#port.answer(from, this.#full(envelope))',
    replace: '',
    by: 'test',
    test: member,
    breaks: 'says so to that one, and takes in what another asks',
    because: 'a client asks as often as if nobody had heard it'
  },
  {
    name: 'one-member-without-room-is-believed',
    kind: 'quorum',
    in: 'ReplicaClient.#onFull',
    find: 'this.#full.size < env.group.quorum.oneCorrect',
    replace: 'false',
    by: 'test',
    test: client,
    breaks: 'are asked again as soon as ever if only f say so, however often',
    because: 'a liar makes a client wait'
  },
  {
    name: 'acknowledged-commands-are-forgotten',
    kind: 'missing check',
    in: 'Sessions.replyTo',
    find: "if (session !== undefined && number <= session.mark) return 'over'",
    replace: '',
    by: 'test',
    test: sessions,
    breaks: 'what was acknowledged is over, and the window goes on',
    because: 'a command that is ordered again after its client has acknowledged the reply is executed twice'
  },
  {
    name: 'opened-again-by-the-same-envelope',
    kind: 'missing check',
    in: 'Sessions.open',
    find: 'if (known !== undefined) return known',
    replace: '',
    by: 'test',
    test: sessions,
    breaks: 'is not opened a second time by the same envelope',
    because: 'an envelope that is ordered again closes the session that it has opened'
  },
  {
    name: 'mark-of-a-session-may-fall',
    kind: 'missing check',
    in: 'Sessions.acknowledge',
    find: 'if (session === undefined || acknowledged <= session.mark) return',
    replace: 'if (session === undefined) return',
    by: 'test',
    test: sessions,
    breaks: 'an acknowledgement is a maximum',
    because: 'what was acknowledged is executed again'
  },
  {
    name: 'closed-sessions-execute-commands',
    kind: 'missing check',
    in: 'Sessions.#of',
    find: 'return session?.closed === null ? session : undefined',
    replace: 'return session',
    by: 'test',
    test: sessions,
    breaks: 'a number of no session, of a closed one and of that of another key has none',
    because: 'what its client was told for certain never to take effect is executed later'
  },
  {
    name: 'sessions-that-end-forget-what-they-have-executed',
    kind: 'lost vote',
    in: 'executedBy',
    find: 'executed: executed.sort((a, b) => a - b)',
    replace: 'executed: []',
    by: 'test',
    test: sessions,
    breaks: 'says when it is closed what it has executed, and says it again to the same envelope',
    because: 'a client is told for certain that what was executed never is'
  }
]

/** Clients that close their sessions. */
const inCloses: readonly Mutant[] = [
  {
    name: 'whatever-is-under-way-at-a-close-counts-as-refused',
    kind: 'missing check',
    in: 'ReplicaClient.#end',
    find: 'ended !== undefined && number > ended.mark && !ended.executed.includes(number)',
    replace: 'ended !== undefined',
    by: 'test',
    test: client,
    breaks: 'of a session that has executed the second',
    because: 'a client is told for certain that what was executed never is, and does it again'
  },
  {
    name: 'lost-sessions-refuse-what-is-under-way',
    kind: 'missing check',
    in: 'ReplicaClient.#end',
    find: 'ended !== undefined && number > ended.mark && !ended.executed.includes(number)',
    replace: 'number > (ended?.mark ?? 0) && ended?.executed.includes(number) !== true',
    by: 'test',
    test: client,
    breaks: 'of a session that has executed nobody knows what, since it was replaced',
    because: 'what was executed before another process took the session is said to be refused'
  },
  {
    name: 'closes-are-asked-for-anew-by-what-is-submitted',
    kind: 'missing check',
    in: 'ReplicaClient.#send',
    find: 'if (this.#asking !== undefined) return',
    replace: 'if (this.#asking?.kind === OPEN) return',
    by: 'test',
    test: client,
    breaks: 'is followed by another session, with what was submitted meanwhile',
    because:
      'replies to what was asked before count for nothing, and a busy client never has its session closed'
  },
  {
    name: 'members-that-have-closed-a-session-end-its-close',
    kind: 'missing check',
    in: 'ReplicaClient.#onNumber',
    find: 'if (this.#asking === undefined) this.#end(undefined)',
    replace: 'this.#end(undefined)',
    by: 'test',
    test: client,
    breaks: 'leaves their results to commands that return before it',
    because: 'what was refused for certain is said to be unknown'
  }
]

export const oneMemberMutants: readonly Mutant[] = [
  ...inOrdering,
  ...inBodies,
  ...inViews,
  ...inTold,
  ...inWaits,
  ...inStable,
  ...inSessions,
  ...inCloses
]
