/** Mutants of encodings, keys and names. They fall to tables. */
import type { Mutant } from '../mutant.ts'

export const encodingMutants: readonly Mutant[] = [
  {
    name: 'numbers-with-long-heads-are-read',
    kind: 'missing check',
    in: 'Reader.head',
    find: 'return this.#atLeast(ARGUMENT_1, this.#byte())',
    replace: 'return this.#byte()',
    by: 'table',
    table: 'names',
    breaks: 'a number has the shortest head, and no other is read',
    because: 'one value has two encodings, and two digests'
  },
  {
    name: 'large-numbers-with-long-heads-are-read',
    kind: 'missing check',
    in: 'Reader.head',
    find: 'this.#atLeast(TWO_32, high * TWO_32 + this.#word())',
    replace: 'high * TWO_32 + this.#word()',
    by: 'table',
    table: 'names',
    breaks: 'a number has the shortest head, and no other is read',
    because: 'one value has two encodings, and two digests'
  },
  {
    name: 'what-follows-a-value-is-ignored',
    kind: 'missing check',
    in: 'Reader.isDone',
    find: '!this.#failed && this.#at === this.#bytes.length',
    replace: '!this.#failed',
    by: 'table',
    table: 'names',
    breaks: 'what is longer, larger or of another kind than its shape is refused',
    because: 'one message has as many encodings as a liar wants'
  },
  {
    name: 'malformed-text-is-repaired',
    kind: 'missing check',
    in: 'Reader.text',
    find: '(short === undefined && !sameBytes(encoder.encode(value), taken))',
    replace: 'false',
    by: 'table',
    table: 'names',
    breaks: 'no bytes but those of its encoding are decoded to a value',
    because: 'two encodings are read as one text'
  },
  {
    name: 'any-byte-is-a-boolean',
    kind: 'missing check',
    in: 'Reader.bool',
    find: 'if (byte !== TRUE && byte !== FALSE) this.fail()',
    replace: '',
    by: 'table',
    table: 'names',
    breaks: 'no bytes but those of its encoding are decoded to a value',
    because: 'one value has many encodings'
  },
  {
    name: 'numbers-above-their-bound-are-read',
    kind: 'missing check',
    in: 'uint',
    find: 'if (value > max) reader.fail()',
    replace: '',
    by: 'table',
    table: 'names',
    breaks: 'what is longer, larger or of another kind than its shape is refused',
    because: 'a decoded number cannot be encoded again'
  },
  {
    name: 'optional-values-are-lists',
    kind: 'missing check',
    in: 'optional',
    find: 'if (length > 1) reader.fail()',
    replace: '',
    by: 'table',
    table: 'names',
    breaks: 'no bytes but those of its encoding are decoded to a value',
    because: 'one value has two encodings'
  },
  {
    name: 'surrogate-pairs-take-three-bytes-each',
    kind: 'wrong tally',
    in: 'textSize',
    find: 'unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1',
    replace: 'unit > 0x7ff ? 2 : 1',
    by: 'table',
    table: 'names',
    breaks: 'what was encoded is decoded again',
    because: 'a text with such a character cannot be sent'
  },
  {
    name: 'heads-grow-at-256',
    kind: 'wrong tally',
    in: 'headSize',
    find: 'argument <= 0xff',
    replace: 'argument < 0xff',
    by: 'table',
    table: 'names',
    breaks: 'what was encoded is decoded again',
    because: 'a list of 255 cannot be sent'
  },
  {
    name: 'keys-of-numbers-are-not-padded',
    kind: 'forgotten binding',
    in: 'numericKey',
    find: ".padStart(14, '0')",
    replace: '',
    by: 'table',
    table: 'names',
    breaks: 'numbers as keys are in the order of the numbers, and are read again',
    because: 'what is restored comes in another order than it was written'
  },
  {
    name: 'scoped-bulk-is-ordinary',
    kind: 'forgotten write',
    in: 'scopedStore',
    find: 'isBulk(key) ? BULK_PREFIX + prefix + key.slice(BULK_PREFIX.length) : prefix + key',
    replace: 'prefix + key',
    by: 'table',
    table: 'names',
    breaks: 'a part of a store reaches its own keys alone, and bulk stays bulk',
    because: 'every checkpoint writes all values anew'
  },
  {
    name: 'writers-are-joined-without-a-separator',
    kind: 'forgotten binding',
    in: 'registerKey',
    find: 'keyIn(ownerKey(writers), name)',
    replace: 'keyIn(ownerKey(writers).slice(0, 64), name)',
    by: 'table',
    table: 'names',
    breaks: 'a register has a key that no other has',
    because: 'a shared register takes the place of that of its first writer'
  },
  {
    name: 'registers-are-the-same-by-name',
    kind: 'forgotten binding',
    in: 'sameRegister',
    find: `a.writers.length === b.writers.length &&
  a.writers.every((writer, index) => sameBytes(writer, b.writers[index] as Uint8Array))`,
    replace: 'a.writers.length >= 0',
    by: 'table',
    table: 'names',
    breaks: 'two registers are the same exactly if their names and writers are',
    because: 'two registers of two owners are taken for one'
  },
  {
    name: 'writers-may-stand-twice',
    kind: 'missing check',
    in: 'writersProblem',
    find: 'compareBytes(writers[index - 1] as Uint8Array, key) < 0',
    replace: 'compareBytes(writers[index - 1] as Uint8Array, key) <= 0',
    by: 'table',
    table: 'names',
    breaks: 'writers stand in ascending order, each of them once, and they alone may write',
    because: 'one register has as many names as a liar wants'
  }
]
