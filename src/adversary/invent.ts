/**
 * Answers reads with values that nobody wrote, from the future: every other number in the answer is raised, by one or by a
 * lot, and what was written is replaced. All Byzantine members invent alike, so that as many say the same as there are.
 */
import type { Message } from '../core/messages.ts'
import type { PlainValue } from '../core/trace.ts'
import { FalseWitness } from './answers.ts'
import type { Behaviour } from './behaviour.ts'
import { oneIn } from './draw.ts'

const FAR = 2 ** 40

class Inventor extends FalseWitness {
  protected falsify(answer: Message): Message {
    const { random } = this.env
    if (oneIn(3, random)) return answer
    this.report('invented-answer')
    const by = oneIn(2, random) ? 1 : FAR
    return inventedAnswer(answer, by)
  }
}

/** The answer with timestamps so much later, and another value; what it says it answers stays. */
export function inventedAnswer(answer: Message, by: number): Message {
  const { type, call = 0, register = null, ...found } = answer
  const invented = Object.entries(found).map(([name, value]) => [name, future(name, value, by)])
  return { type, call, ...(register === null ? {} : { register }), ...Object.fromEntries(invented) }
}

/** The same kind of value, later and other. */
function future(name: string, value: PlainValue, by: number): PlainValue {
  if (typeof value === 'number') return name === 'timestamp' ? value + by : value
  if (value instanceof Uint8Array) return name === 'value' ? Uint8Array.of(0xbe, 0xef) : value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([inner, of]) => [inner, future(inner, of, by)]))
}

export const invent: Behaviour = {
  name: 'invent',
  powers: 'answers reads with values that nobody wrote, from the future',
  live: true,
  effect: { faults: ['invalid-signature'], landmarks: ['false-answer-outvoted'] },
  create: (context) => new Inventor(context)
}
