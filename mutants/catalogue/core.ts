/** Mutants of src/core and src/stacks: quorum arithmetic, turns and durability, what the parts are put together with. */
import type { Mutant } from '../mutant.ts'

export const coreMutants: readonly Mutant[] = [
  {
    name: 'byzantine-quorum-is-2f-plus-1',
    kind: 'quorum',
    file: 'core/quorum.ts',
    find: 'return Math.floor((n + f) / 2) + 1',
    replace: 'return 2 * f + 1',
    breaks: 'consistency',
    because: 'at n = 5 and n = 6 two sets of 2f + 1 need not share a correct process',
    trials: [{ protocol: 'signed-echo', members: 5, adversary: 'equivocate' }],
    invisibleAtFour: true
  },
  {
    name: 'byzantine-quorum-is-a-majority',
    kind: 'quorum',
    file: 'core/quorum.ts',
    find: 'return Math.floor((n + f) / 2) + 1',
    replace: 'return Math.floor(n / 2) + 1',
    breaks: 'consistency',
    because: 'at n = 7 two majorities may share a single process, which lies',
    trials: [{ protocol: 'signed-echo', members: 7, adversary: 'equivocate' }],
    invisibleAtFour: true
  },
  {
    name: 'byzantine-quorum-is-at-least-half',
    kind: 'quorum',
    file: 'core/quorum.ts',
    find: 'return Math.floor((n + f) / 2) + 1',
    replace: 'return Math.ceil((n + f) / 2)',
    breaks: 'consistency',
    because:
      'the quorum is more than (n + f) / 2; where that is a whole number, as at n = 5, "at least" is one too few',
    trials: [{ protocol: 'signed-echo', members: 5, adversary: 'collude' }],
    invisibleAtFour: true
  },
  {
    name: 'one-correct-is-n-minus-2f',
    kind: 'quorum',
    file: 'core/quorum.ts',
    find: 'return f + 1',
    replace: 'return n - 2 * f',
    breaks: 'totality',
    because:
      'at n = 5 READY is amplified at 3 of them: one delivers with the READY of a liar, the others never do',
    trials: [{ protocol: 'double-echo', members: 5 }],
    invisibleAtFour: true
  },
  {
    name: 'one-correct-is-half',
    kind: 'quorum',
    file: 'core/quorum.ts',
    find: 'return f + 1',
    replace: 'return Math.floor(n / 2)',
    breaks: 'totality',
    because: 'at n = 6 READY is amplified at 3 of them, as many as are delivered at',
    trials: [{ protocol: 'double-echo', members: 6, adversary: 'withhold' }],
    invisibleAtFour: true
  },
  {
    name: 'turn-shows-effects-before-they-are-durable',
    kind: 'write not awaited',
    file: 'core/process.ts',
    find: 'for (const effect of effects) this.#gathering.effects.push(effect)',
    replace: 'this.#release(effects)',
    breaks: 'no duplication',
    because: 'a delivery is consumed, a crash forgets its position, and it comes again under another one',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'batch-is-written-backwards',
    kind: 'forgotten write',
    file: 'core/process.ts',
    find: 'for (const write of writes) this.#gathering.writes.push(write)',
    replace: 'for (const write of writes) this.#gathering.writes.unshift(write)',
    breaks: 'no duplication',
    because: 'of two writes of one key in a batch the earlier one wins, and an old record comes back',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'statement-does-not-name-its-fields',
    kind: 'forgotten binding',
    file: 'core/statement.ts',
    find: '    signer: uint(),\n    fields: record(fields)\n',
    replace: '    signer: uint(),\n    fields: record({})\n',
    breaks: 'accuracy',
    because: 'the signature of one SEND proves any other: a correct sender is proven to equivocate',
    trials: [{ protocol: 'double-echo', members: 4, signedSend: true }]
  },
  {
    name: 'delivery-is-shown-before-its-position-is-durable',
    kind: 'write not awaited',
    file: 'stacks/compose.ts',
    find: 'deliver: (delivery) => env.whenDurable(() => application.deliver(delivery))',
    replace: 'deliver: (delivery) => application.deliver(delivery)',
    breaks: 'no duplication',
    because:
      'after a crash another delivery has the position, which the application was told as that of the one before',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'broadcasts-are-not-restored',
    kind: 'forgotten restore',
    file: 'stacks/compose.ts',
    find: 'for (const broadcast of restored) broadcast.restore()',
    replace: 'void restored',
    breaks: 'validity',
    because: 'broadcasts that were accepted before a crash are never sent again',
    trials: [{ protocol: 'double-echo', members: 4 }]
  }
]
