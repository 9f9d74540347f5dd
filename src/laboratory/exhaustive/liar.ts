/**
 * A liar of an exhaustive exploration that has no menu: to each message that it is sent it answers, once, as one that
 * has heard of nothing else, or as one that has heard of all that it was sent so far; or it does not.
 */
import type { ProcessId } from '../../core/group.ts'
import { LIAR, type MessageId, type Vocabulary } from './menu.ts'
import { ExploredProcess, type Got, type ProcessSetting } from './process.ts'

export interface LiarInit {
  readonly setting: ProcessSetting
  readonly starting: readonly Got[]
  readonly vocabulary: Vocabulary
}

/** What was sent to the liar, by whom. */
export type Heard = readonly (readonly MessageId[])[]

export class AnsweringLiar {
  readonly #init: LiarInit
  readonly #answers = new Map<string, readonly MessageId[]>()

  constructor(init: LiarInit) {
    this.#init = init
  }

  /** What it may answer to the message of a process that stands at that place. */
  answers(heard: Heard, to: ProcessId, place: number): readonly MessageId[] {
    const last = heard[to]?.[place]
    if (last === undefined) return []
    const key = `${to}/${place}/${heard.map((messages) => messages.join()).join('/')}`
    const known = this.#answers.get(key)
    if (known !== undefined) return known
    const others = heard.flatMap((messages, from) =>
      (from === to ? messages.slice(0, place) : messages).map((message) => ({ from, message }))
    )
    const answers = [...new Set([...this.#answer(to, last, []), ...this.#answer(to, last, others)])]
    this.#answers.set(key, answers)
    return answers
  }

  #answer(
    to: ProcessId,
    last: MessageId,
    before: readonly { readonly from: ProcessId; readonly message: MessageId }[]
  ): readonly MessageId[] {
    const { setting, starting, vocabulary } = this.#init
    const face = new ExploredProcess(setting, LIAR, starting)
    for (const { from, message } of before) face.receive(from, vocabulary.bytes(message))
    const said = face.sent[to]?.length ?? 0
    face.receive(to, vocabulary.bytes(last))
    return (face.sent[to]?.slice(said) ?? []).map((message) => vocabulary.intern(message))
  }
}
