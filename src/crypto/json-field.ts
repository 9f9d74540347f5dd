/** Reading JSON files strictly: every complaint names the file, the field, and what would be right. */
import { fromHex } from '../core/bytes.ts'
import { shortened } from '../core/parameters.ts'
import { isAcceptablePublicKey, PUBLIC_KEY_BYTES } from './ed25519-rules.ts'
import { parseStrictJson } from './strict-json.ts'

/** A group file or a member's file is not acceptable; one line. */
export class GroupFileError extends Error {
  override name = 'GroupFileError'
}

/** How much an error shows of what `JSON.parse` says, in characters. */
const SAID_CHARACTERS_MAX = 200

/** A value in a JSON file, together with where it stands. */
export class Field {
  readonly #file: string
  readonly #path: string
  readonly #value: unknown

  private constructor(file: string, path: string, value: unknown) {
    this.#file = file
    this.#path = path
    this.#value = value
  }

  /** The whole of a file. */
  static parse(file: string, text: string): Field {
    try {
      return new Field(file, '', parseStrictJson(text))
    } catch (error) {
      // JSON.parse quotes what it stumbled over, line breaks and all.
      const said = (error as Error).message.replaceAll(/\s+/g, ' ')
      throw new GroupFileError(`${file}: ${shortened(said, SAID_CHARACTERS_MAX)}`)
    }
  }

  /** Its fields; all of `required` must be there, and none but those and `optional` ones. */
  object(required: readonly string[], optional: readonly string[] = []): (name: string) => Field {
    if (!isObject(this.#value)) this.wrong('an object')
    const object = this.#value
    for (const name of Object.keys(object)) {
      if (!required.includes(name) && !optional.includes(name))
        this.#child(name, undefined).fail('unknown field')
    }
    for (const name of required)
      if (!Object.hasOwn(object, name)) this.#child(name, undefined).fail('missing')
    return (name) => this.#child(name, Object.hasOwn(object, name) ? object[name] : undefined)
  }

  list(max: number): Field[] {
    if (!Array.isArray(this.#value)) this.wrong('a list')
    if (this.#value.length > max) this.fail(`expected at most ${max} elements, not ${this.#value.length}`)
    return this.#value.map((value, i) => new Field(this.#file, `${this.#path}[${i}]`, value))
  }

  integer(min: number, max: number): number {
    const value = this.#value
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max) return value
    return this.wrong(min === max ? `${min}` : `an integer from ${min} to ${max}`)
  }

  /** Text that `accepts`; `expected` says in words what that is. */
  text(expected: string, accepts: (value: string) => boolean): string {
    const value = this.#value
    return typeof value === 'string' && accepts(value) ? value : this.wrong(expected)
  }

  boolean(): boolean {
    return typeof this.#value === 'boolean' ? this.#value : this.wrong('true or false')
  }

  publicKey(): Uint8Array {
    const hex = this.text(`${2 * PUBLIC_KEY_BYTES} lower-case hexadecimal digits`, (value) =>
      /^[0-9a-f]{64}$/.test(value)
    )
    const key = fromHex(hex)
    return isAcceptablePublicKey(key) ? key : this.wrong('a usable Ed25519 public key')
  }

  /** Whether it is an object that has this field. */
  has(name: string): boolean {
    return isObject(this.#value) && Object.hasOwn(this.#value, name)
  }

  isText(): boolean {
    return typeof this.#value === 'string'
  }

  /** Bytes in hexadecimal. */
  bytes(max: number, min = 0): Uint8Array {
    const expected =
      min === max ? `${2 * max} lower-case hexadecimal digits` : 'lower-case hexadecimal digits'
    const hex = this.text(expected, (value) => {
      const { length } = value
      return length % 2 === 0 && length >= 2 * min && length <= 2 * max && /^[0-9a-f]*$/.test(value)
    })
    return fromHex(hex)
  }

  isAbsent(): boolean {
    return this.#value === undefined
  }

  wrong(expected: string): never {
    this.fail(`expected ${expected}, not ${shortened(JSON.stringify(this.#value) ?? 'nothing')}`)
  }

  fail(problem: string): never {
    throw new GroupFileError([this.#file, this.#path, problem].filter((part) => part !== '').join(': '))
  }

  #child(name: string, value: unknown): Field {
    // A name that is none of ours may hold anything, and is not to break the line.
    const shown = /^\w{1,40}$/.test(name) ? name : shortened(JSON.stringify(name))
    return new Field(this.#file, this.#path === '' ? shown : `${this.#path}.${shown}`, value)
  }
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
