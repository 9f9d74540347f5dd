/** Mutants of src/core and src/stacks: quorum arithmetic, turns and durability, what the parts are put together with. */
import type { Mutant } from '../mutant.ts'

export const coreMutants: readonly Mutant[] = [
  {
    name: 'byzantine-quorum-is-2f-plus-1',
    kind: 'quorum',
    in: 'byzantineQuorum',
    find: 'return Math.floor((n + f) / 2) + 1',
    replace: 'return 2 * f + 1',
    breaks: 'consistency',
    because: 'at n = 5 and n = 6 two sets of 2f + 1 need not share a correct process',
    by: 'campaign',
    trials: [{ protocol: 'signed-echo', members: 5, adversary: 'equivocate' }],
    invisibleAtFour: true
  },
  {
    name: 'byzantine-quorum-is-a-majority',
    kind: 'quorum',
    in: 'byzantineQuorum',
    find: 'return Math.floor((n + f) / 2) + 1',
    replace: 'return Math.floor(n / 2) + 1',
    breaks: 'consistency',
    because: 'at n = 7 two majorities may share a single process, which lies',
    by: 'campaign',
    trials: [{ protocol: 'signed-echo', members: 7, adversary: 'equivocate' }],
    invisibleAtFour: true
  },
  {
    name: 'byzantine-quorum-is-at-least-half',
    kind: 'quorum',
    in: 'byzantineQuorum',
    find: 'return Math.floor((n + f) / 2) + 1',
    replace: 'return Math.ceil((n + f) / 2)',
    breaks: 'consistency',
    because:
      'the quorum is more than (n + f) / 2; where that is a whole number, as at n = 5, "at least" is one too few',
    by: 'campaign',
    trials: [{ protocol: 'signed-echo', members: 5, adversary: 'collude' }],
    invisibleAtFour: true
  },
  {
    name: 'one-correct-is-n-minus-2f',
    kind: 'quorum',
    in: 'oneCorrect',
    find: 'return f + 1',
    replace: 'return n - 2 * f',
    breaks: 'totality',
    because:
      'at n = 5 READY is amplified at 3 of them: one delivers with the READY of a liar, the others never do',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 5 }],
    invisibleAtFour: true
  },
  {
    name: 'one-correct-is-half',
    kind: 'quorum',
    in: 'oneCorrect',
    find: 'return f + 1',
    replace: 'return Math.floor(n / 2)',
    breaks: 'totality',
    because: 'at n = 6 READY is amplified at 3 of them, as many as are delivered at',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 6, adversary: 'withhold' }],
    invisibleAtFour: true
  },
  {
    name: 'turn-shows-effects-before-they-are-durable',
    kind: 'write not awaited',
    in: 'Process.#endTurn',
    find: 'for (const effect of effects) this.#gathering.effects.push(effect)',
    replace: 'this.#release(effects)',
    breaks: 'no duplication',
    because: 'a delivery is consumed, a crash forgets its position, and it comes again under another one',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'batch-is-written-backwards',
    kind: 'forgotten write',
    in: 'Process.#endTurn',
    find: 'for (const write of writes) this.#gathering.writes.push(write)',
    replace: 'for (const write of writes) this.#gathering.writes.unshift(write)',
    breaks: 'no duplication',
    because: 'of two writes of one key in a batch the earlier one wins, and an old record comes back',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'statement-does-not-name-its-fields',
    kind: 'forgotten binding',
    in: 'defineStatement',
    find: '    signer: uint(),\n    fields: record(fields)\n',
    replace: '    signer: uint(),\n    fields: record({})\n',
    breaks: 'accuracy',
    because: 'the signature of one SEND proves any other: a correct sender is proven to equivocate',
    by: 'campaign',
    trials: [{ protocol: 'signed-double-echo', members: 4 }]
  },
  {
    name: 'delivery-is-shown-before-its-position-is-durable',
    kind: 'write not awaited',
    in: 'makeLog',
    find: 'deliver: (delivery) => env.whenDurable(() => tell(application, delivery))',
    replace: 'deliver: (delivery) => tell(application, delivery)',
    breaks: 'no duplication',
    because:
      'after a crash another delivery has the position, which the application was told as that of the one before',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'broadcasts-are-not-restored',
    kind: 'forgotten restore',
    in: 'instance',
    find: 'below.restore()',
    replace: '',
    breaks: 'validity',
    because: 'broadcasts that were accepted before a crash are never sent again',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'turns-without-writes-overtake-the-batch',
    kind: 'write not awaited',
    in: 'Process.#endTurn',
    find: 'if (writes.length === 0 && !this.#inFlight) {',
    replace: 'if (writes.length === 0) {',
    breaks: 'accuracy',
    because:
      'what is being written is said again in a later turn; it is lost, and the next life says something else',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  }
]
