/**
 * Answers reads with values that nobody wrote, from the future: every timestamp in the answer is raised, by one or by a
 * lot, and what was written is replaced; signatures and digests stay. All Byzantine members invent alike, so that as
 * many say the same as there are.
 */
import type { ShapeDescription } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { type Answer, FalseWitness } from './answers.ts'
import type { Behaviour } from './behaviour.ts'
import { oneIn } from './draw.ts'

const FAR = 2 ** 40
/** What is said to have been written. */
const INVENTED = Uint8Array.of(0xbe, 0xef)

class Inventor extends FalseWitness {
  protected falsify(answer: Answer): Answer['found'] {
    const { random } = this.env
    if (oneIn(3, random)) return answer.found
    this.report('invented-answer')
    const by = oneIn(2, random) ? 1 : FAR
    return inventedAnswer(answer, by)
  }
}

/** What was found, with timestamps so much later, and another value. */
export function inventedAnswer({ format, found }: Answer, by: number): Answer['found'] {
  const shapes = new Map(format.fields)
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => [name, future(shapes.get(name), value, by)])
  )
}

/** The same kind of value, later and other. */
function future(shape: ShapeDescription | undefined, value: PlainValue, by: number): PlainValue {
  switch (shape?.kind) {
    case 'uint':
      return typeof value === 'number' && shape.means === 'timestamp' ? value + by : value
    case 'bytes': {
      const isWritten =
        shape.means === undefined && shape.min <= INVENTED.length && INVENTED.length <= shape.max
      return isWritten ? INVENTED : value
    }
    case 'optional':
      return value === null ? null : future(shape.of, value, by)
    case 'record': {
      if (typeof value !== 'object') return value
      const parts = new Map(Object.entries(value ?? {}))
      return Object.fromEntries(
        shape.fields.map(([name, of]) => [name, future(of, parts.get(name) ?? null, by)])
      )
    }
    default:
      return value
  }
}

export const invent: Behaviour = {
  name: 'invent',
  powers: 'answers reads with values that nobody wrote, from the future',
  live: true,
  effect: { faults: ['invalid-signature'], landmarks: ['false-answer-outvoted'] },
  create: (context) => new Inventor(context)
}
