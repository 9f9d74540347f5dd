/** Mutants of src/replication, and of what agreement does for it. */
import type { Mutant, Trial } from '../mutant.ts'

const at = (members: number, changes: Partial<Trial> = {}): Trial => ({
  protocol: 'pbft',
  members,
  runs: 400,
  ...changes
})

export const replicationMutants: readonly Mutant[] = [
  {
    name: 'signatures-are-the-matter-of-the-primary',
    kind: 'missing check',
    in: 'Verification.#goOn',
    find: 'if (!this.#machine.isValid(envelope)) return this.#refuse(work)',
    replace: '',
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
    name: 'clients-return-at-f-replies',
    kind: 'quorum',
    in: 'MatchingReplies.add',
    find: '.length < this.#needed) return undefined',
    replace: '.length < this.#needed - 1) return undefined',
    breaks: 'results',
    because: 'f liars tell a client what was never executed',
    by: 'campaign',
    trials: [at(4, { adversary: 'mutate' }), at(4, { adversary: 'fabricate' }), at(7)]
  },
  {
    name: 'state-is-read-without-its-sessions',
    kind: 'forgotten restore',
    in: 'ReplicatedState.resume',
    find: 'this.#take(parts)',
    replace: 'this.#take(parts.filter(([name]) => !Sessions.has(name)))',
    breaks: 'results',
    because:
      'a member that restarts has another state than the others, and executes again what is ordered again',
    by: 'campaign',
    trials: [at(4), at(4, { byzantine: 0 })]
  },
  {
    name: 'list-of-a-state-is-believed',
    kind: 'missing check',
    changes: [
      {
        in: 'StateTransfer.#onParts',
        find: 'if (sameBytes(this.env.crypto.hash(partList), digest)) {',
        replace: 'if (digest.length > 0) {'
      },
      {
        in: 'Pulls.onPayload',
        find: 'if (!sameBytes(this.#env.crypto.hash(payload), question.digest)) {',
        replace: 'if (payload.length < 0) {'
      }
    ],
    by: 'table',
    table: 'states',
    breaks: 'a list that is not the one whose digest was signed is nobody’s state',
    because: 'a member that was away has the state that a liar hands it'
  },
  {
    name: 'chunks-of-a-state-are-believed',
    kind: 'missing check',
    in: 'Bodies.#onChunk',
    find: 'if (!isChunkOf(this.env.crypto.hash, transfer.reference, index, { chunk, proof })) {',
    replace: 'if (index < 0) {',
    by: 'table',
    table: 'states',
    breaks: 'a chunk that is none of a part is taken from nobody',
    because: 'a member that was away has in its state what a liar puts there'
  },
  {
    name: 'state-is-installed-without-its-sessions',
    kind: 'forgotten restore',
    in: 'ReplicatedState.install',
    find: 'this.#sessions = sessions',
    replace: 'this.#sessions = sessions && this.#noSessions()',
    by: 'table',
    table: 'states',
    breaks: 'what lies before a state is executed by nobody who has installed it',
    because: 'what is ordered again after a transfer is executed again'
  },
  {
    name: 'installed-state-is-executed-upon-from-before',
    kind: 'forgotten binding',
    in: 'Execution.installed',
    find: 'progress.executed = sequence',
    replace: '',
    by: 'table',
    table: 'states',
    breaks: 'what lies before a state is executed by nobody who has installed it',
    because: 'commands whose effects are in the state are executed again'
  },
  {
    name: 'one-stable-state-is-kept',
    kind: 'lost message',
    in: 'Checkpoints.#forgetStates',
    find: 'settled.slice(0, -STATES_KEPT)',
    replace: 'settled.slice(0, -1)',
    by: 'table',
    table: 'states',
    breaks: 'the states of the last two stable checkpoints are had',
    because: 'who fetches a state while the window moves begins anew each time'
  }
]
