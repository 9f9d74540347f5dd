/**
 * Which question an answer answers. What is asked may be answered long after: by a member that had to fetch something
 * first, or whose disk was slow; in another session, and when whoever asked has crashed and lives again. So a question
 * has the life in which it was asked and a number in it, which together never come again; and an answer says these, and
 * a digest of all that was asked.
 */
import type { Environment } from '../core/environment.ts'
import type { Messages } from '../core/messages.ts'
import { digest, record, uint, type ValueOf } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'

const callFields = { life: uint(), number: uint() }

/** Heads a question. */
export const callShape = record(callFields)
export type CallId = ValueOf<typeof callShape>

/** Heads an answer. */
export const answeredShape = record({ ...callFields, question: digest })
export type Answered = ValueOf<typeof answeredShape>

/** What is said of whoever gives an answer that is none to its question. */
export const OTHER_QUESTION = 'answers another question than the one it was asked'

/** Messages that are asked. */
export type Question = { readonly type: string; readonly call: CallId } & {
  readonly [field: string]: PlainValue
}

/** Messages that answer. */
export type Reply = { readonly type: string; readonly call: Answered } & {
  readonly [field: string]: PlainValue
}

/** What an answer to the question is headed by, if it was asked in these messages. */
export function answering<Q extends Question>(
  { crypto }: Pick<Environment, 'crypto'>,
  messages: Pick<Messages<Q>, 'encode'>,
  question: Q
): Answered {
  const { life, number } = question.call
  return { life, number, question: crypto.hash(messages.encode(question)) }
}
