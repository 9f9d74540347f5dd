/** What questions and answers are headed by, as tests write them. */
import type { Message, Messages } from '../../src/core/messages.ts'
import { nobleBackend } from '../../src/crypto/index.ts'
import { type Answered, answering, type CallId, type Question } from '../../src/exchange/call-id.ts'

/** The n-th question of a life: of the first one, unless told otherwise. */
export const asked = (number: number, life = 1): CallId => ({ life, number })

/** Of an answer to the question, in whatever messages it is. */
export const answerTo = (messages: Pick<Messages<never>, 'encode'>, question: Message): Answered =>
  answering(
    { crypto: { hash: nobleBackend.sha256 } as never },
    messages as Pick<Messages<Question>, 'encode'>,
    question as Question
  )

/** Of an answer to the n-th question of the first life, whatever that was. */
export const unasked = (number: number): Answered => ({ ...asked(number), question: new Uint8Array(32) })
