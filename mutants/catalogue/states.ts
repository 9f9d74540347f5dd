/** Mutants of states that travel, and of those that differ, which fall to a test of one member. */
import type { Mutant } from '../mutant.ts'

const transfer = 'replication/state-transfer'
const divergence = 'replication/divergence'

export const stateMutants: readonly Mutant[] = [
  {
    name: 'state-is-fetched-at-once',
    kind: 'lost message',
    in: 'CatchUp.#lookWhetherStuck',
    find: 'at !== undefined && at === this.#stuckAt',
    replace: 'at !== undefined',
    by: 'test',
    test: transfer,
    breaks: 'asks for its state when nothing was executed for a whole interval, and not before',
    because: 'a member that is a little behind fetches all, where a few batches would do'
  },
  {
    name: 'liar-about-a-list-is-asked-again',
    kind: 'missing check',
    in: 'StateTransfer.#onParts',
    find: 'this.#refuse(from)',
    replace: '',
    by: 'test',
    test: transfer,
    breaks: 'about the list is named, and not asked again; another one is (known failure 18)',
    because: 'a liar holds each transfer up for as long as it is asked'
  },
  {
    name: 'liar-about-a-chunk-is-asked-again',
    kind: 'missing check',
    in: 'StateTransfer.#fetchPart',
    find: 'lied: (source) => this.#refuse(source)',
    replace: 'lied: () => {}',
    by: 'test',
    test: transfer,
    breaks: 'about a chunk is named, and not asked again; others are',
    because: 'a liar has each part fetched twice'
  },
  {
    name: 'transfer-begins-anew-with-each-checkpoint',
    kind: 'lost message',
    in: 'StateTransfer.obtain',
    find: 'wanted.progressed || isSame(wanted.state, state)',
    replace: 'isSame(wanted.state, state)',
    by: 'test',
    test: transfer,
    breaks:
      'goes on with the first state while that comes, although a later one is stable (known failure 18)',
    because: 'in a busy group a transfer never ends'
  },
  {
    name: 'transfer-waits-for-what-is-gone',
    kind: 'lost message',
    in: 'StateTransfer.obtain',
    find: 'wanted.progressed || isSame(wanted.state, state)',
    replace: 'state.sequence > 0',
    by: 'test',
    test: transfer,
    breaks: 'fetches a later state if nobody has the first one any more',
    because: 'a member waits for ever for what nobody keeps'
  },
  {
    name: 'parts-that-are-here-are-fetched',
    kind: 'lost message',
    in: 'StateTransfer.#seek',
    find: 'const isHere = this.#kept.readPart(',
    replace: "const isHere = part.name === '' && this.#kept.readPart(",
    by: 'test',
    test: transfer,
    breaks: 'fetches no part that it has on its disk',
    because: 'all of a state travels, where little of it has changed'
  },
  {
    name: 'all-parts-are-fetched-at-once',
    kind: 'missing check',
    in: 'StateTransfer.#fetchMissing',
    find: 'wanted.open.size < PARTS_FETCHED_MAX',
    replace: 'wanted.open.size >= 0',
    by: 'test',
    test: transfer,
    breaks: 'is fetched a few at once, and a few of each source',
    because: 'a state of many parts sets a timer for each of them'
  },
  {
    name: 'installed-state-is-not-written',
    kind: 'forgotten write',
    in: 'ReplicatedState.install',
    find: 'this.kept.install(sequence, parts)',
    replace: '',
    by: 'test',
    test: transfer,
    breaks: 'after it leaves the new one, with its sessions',
    because: 'a member that restarts has executed what it has no state of'
  },
  {
    name: 'part-that-is-here-is-believed',
    kind: 'missing check',
    in: 'KeptStates.readPart',
    find: 'then(isWhole ? encoded : undefined)',
    replace: 'then(encoded)',
    by: 'test',
    test: transfer,
    breaks: 'fetches a part that its disk has lost, and writes it',
    because: 'what the own disk has lost is installed again'
  },
  {
    name: 'state-is-written-in-one-turn',
    kind: 'missing check',
    in: 'KeptStates.#goOn',
    find: 'bytes > 0 && bytes + length > bytesMax',
    replace: 'false',
    by: 'test',
    test: 'replication/kept-states',
    breaks: 'is written in several, and is none before it is whole',
    because: 'all votes wait in the journal behind a whole state'
  },
  {
    name: 'state-is-one-before-it-is-whole',
    kind: 'write not awaited',
    in: 'KeptStates.#goOn',
    find: 'if (writing.part !== undefined) {',
    replace:
      'if (writing.part !== undefined) {\n if (written.length === 0) whole(this.#put(sequence, parts))',
    by: 'test',
    test: 'replication/kept-states',
    breaks: 'is written in several, and is none before it is whole',
    because: 'a member signs a state of which the disk has a part, and goes on from it'
  },
  {
    name: 'state-that-is-not-whole-is-dropped-by-the-next',
    kind: 'forgotten write',
    in: 'KeptStates.write',
    find: 'this.finish()',
    replace: '',
    by: 'test',
    test: 'replication/kept-states',
    breaks: 'is whole before the next one is begun, which is made upon it',
    because: 'what has changed between is in no state'
  },
  {
    name: 'parts-are-encoded-in-one-turn',
    kind: 'missing check',
    in: 'KeptStates.write',
    find: 'changed, next: 0, part',
    replace:
      'changed: changed.map(([name, encode]) => { const now = encode(); return [name, () => now] as const }), next: 0, part',
    by: 'test',
    test: 'replication/kept-states',
    breaks: 'encodes little more in a turn than it writes',
    because: 'nothing else is done while all that has changed is encoded and hashed'
  },
  {
    name: 'bucket-is-written-as-it-is-now',
    kind: 'missing check',
    in: 'StateMap.#put',
    find: 'if (this.#taken.delete(bucket)) this.#before.set(bucket, this.#pairsOf(bucket))',
    replace: '',
    by: 'test',
    test: 'replication/managed-state',
    breaks: 'are encoded as they were when they were taken, and later ones as they are then',
    because: 'a checkpoint has what was executed after it, at one member more and at another less'
  },
  {
    name: 'session-is-written-as-it-is-now',
    kind: 'missing check',
    in: 'Sessions.#willChange',
    find: 'if (this.#taken.delete(name)) this.#before.set(name, storedOf(session))',
    replace: '',
    by: 'test',
    test: 'replication/sessions',
    breaks:
      'a session is written as it was when it was taken, whatever becomes of it meanwhile: it is closed',
    because: 'a checkpoint has what was executed after it, at one member more and at another less'
  },
  {
    name: 'state-is-prepared-in-one-turn',
    kind: 'missing check',
    in: 'ReplicatedState.prepare',
    find: 'if (bytes > 0 && bytes + encoded.length > this.#bounds.writtenBytesPerTurn) break',
    replace: '',
    by: 'test',
    test: 'replication/prepared-state',
    breaks: 'is prepared in as many, and shows when it is installed',
    because: 'nothing else is done while a whole state is read'
  },
  {
    name: 'state-that-nobody-needs-is-prepared-on',
    kind: 'missing check',
    in: 'ReplicatedState.prepare',
    find: 'if (this.#preparing !== goOn) return',
    replace: '',
    by: 'test',
    test: 'replication/prepared-state',
    breaks: 'is given up when nobody needs it any more, and another one takes its place',
    because: 'a member goes back to a state that it has left behind'
  },
  {
    name: 'part-that-was-lost-is-kept',
    kind: 'missing check',
    in: 'KeptStates.install',
    find: 'kept ? this.#find(name, body.root) : undefined',
    replace: 'this.#find(name, body.root)',
    by: 'test',
    test: transfer,
    breaks: 'fetches a part that its disk has lost, and writes it',
    because: 'a part that was fetched is not written, since one of its name is there'
  },
  {
    name: 'state-that-differs-is-executed-upon',
    kind: 'missing check',
    in: 'Execution.run',
    find: '!this.#isReading && !progress.diverged',
    replace: '!this.#isReading',
    by: 'test',
    test: divergence,
    breaks: 'executes nothing more, and answers nothing, until it has that',
    because: 'a member goes on from a state that nobody else has'
  },
  {
    name: 'state-that-differs-is-answered-from',
    kind: 'missing check',
    in: 'Replica.#onRequest',
    find: 'this.#serving.admits(from) && !agreement.diverged',
    replace: 'this.#serving.admits(from)',
    by: 'test',
    test: divergence,
    breaks: 'executes nothing more, and answers nothing, until it has that',
    because: 'a client is told what only this member came to'
  },
  {
    name: 'what-came-after-a-state-is-not-executed-again',
    kind: 'lost message',
    in: 'Execution.installed',
    find: 'this.#committed.set(after, digest)',
    replace: '',
    by: 'test',
    test: divergence,
    breaks: 'executes again what it had executed after it',
    because: 'a member waits for others with batches that it has itself'
  },
  {
    name: 'state-that-differed-is-signed-again',
    kind: 'revised vote',
    in: 'Checkpoints.go',
    find: 'sequence <= progress.low || this.#unsigned.has(sequence)',
    replace: 'sequence <= progress.low',
    by: 'test',
    test: divergence,
    breaks: 'signs no second state at a number, in this life or a later one',
    because: 'two states at one number are proof against a correct member'
  },
  {
    name: 'state-that-differed-is-forgotten',
    kind: 'forgotten write',
    in: 'Checkpoints.installed',
    find: 'log.putUnsigned(after)',
    replace: '',
    by: 'test',
    test: divergence,
    breaks: 'signs no second state at a number, in this life or a later one',
    because: 'a member that restarts signs a second state at one number'
  },
  {
    name: 'stored-state-is-not-compared',
    kind: 'forgotten restore',
    in: 'Checkpoints.restore',
    find: 'this.#compare(this.#init.progress.low)',
    replace: '',
    by: 'test',
    test: divergence,
    breaks: 'is told so by its disk in another life, too',
    because: 'a member that restarts goes on from a state that differs'
  },
  {
    name: 'state-differs-again-and-again',
    kind: 'missing check',
    in: 'Checkpoints.requireFirst',
    find: 'if (this.#hasDiverged) throw',
    replace: 'if (sequence < 0) throw',
    by: 'test',
    test: divergence,
    breaks: 'stops if it comes to another one once more, and says at which number and where',
    because: 'a machine that is no function fetches one state after the other'
  }
]
