/**
 * What the messages of a protocol are to somebody who does not know the protocol: declared beside their shapes
 * (core/messages.ts). The adversary reads this alone, and so attacks protocols that were written after it.
 */

import type { Environment } from './environment.ts'
import type { Group, ProcessId } from './group.ts'
import type { Fields, RecordOf, ValueOf } from './shapes.ts'

/**
 * - `proposal`: the first message of an instance; it says what its proposer wants of it;
 * - `vote`: says for which content of the instance its speaker is;
 * - `decision`: says which content the instance has come to;
 * - `request`: asks for something;
 * - `answer`: answers a request.
 */
export type RoleName = 'proposal' | 'vote' | 'decision' | 'request' | 'answer'

/** Which instance of the protocol a message belongs to. Messages of one instance name it alike. */
export interface InstanceFields<F extends Fields = Fields> {
  /**
   * Who proposes in it: the process whose rank is in a field, whoever says the message or hears it, or whom the numbers
   * determine, as the leader of a view. Left out where every process proposes.
   */
  readonly of?: 'speaker' | 'receiver' | FieldsOf<F, number> | ProposerOf
  /** The fields that tell the instances of one proposer apart: a sequence number; a view and a sequence number. */
  readonly numbers: readonly FieldsOf<F, number>[]
}

export type ProposerOf = (numbers: readonly number[], group: Group) => ProcessId

export interface Role<F extends Fields = Fields> {
  readonly role: RoleName
  /** Absent where a message belongs to none, as in registers. */
  readonly instance?: InstanceFields<F>
  /** The field with what is proposed, voted for, decided, asked for or answered: itself, or its digest. */
  readonly content?: FieldsOf<F>
  /** The field with the bytes of which `content` is the digest, where they come with it. */
  readonly body?: FieldsOf<F>
  /** The field by which a request and its answer belong together. */
  readonly call?: FieldsOf<F>
  /** The field with what an answer is about: a register, a key. */
  readonly subject?: FieldsOf<F>
  /** What it asks for is put into one order with what others ask for. */
  readonly ordered?: true
  /** The term of its port that says for how long others wait for it before they give its speaker up; milliseconds. */
  readonly awaited?: string
  /**
   * Where its speaker tells of its own past: the list of its votes, ascending, and points that it has come to, behind
   * the first of which the votes stand.
   */
  readonly testimony?: { readonly votes: FieldsOf<F>; readonly reached: readonly FieldsOf<F>[] }
  /** The field with what follows from the rest of the message, as whoever hears it can tell. */
  readonly follows?: FieldsOf<F>
  /**
   * Where its speaker signs what it says: the message with the signature that it has of this process, whatever it says.
   * @param path - of the port
   */
  readonly signed?: (env: Signing, path: string, message: RecordOf<F>) => Partial<RecordOf<F>>
}

/** What it takes to sign. */
export type Signing = Pick<Environment, 'crypto' | 'group' | 'self'>

/** Names of fields whose values are of a type. */
type FieldsOf<F extends Fields, T = unknown> = {
  [K in keyof F & string]: ValueOf<F[K]> extends T ? K : never
}[keyof F & string]
