/** What simulated processes ask of a replicated key-value store: of few keys, so that they meet. */
import type { PlainValue } from '../../core/trace.ts'
import { type PairOperation, pairCommand } from '../../replication/key-value-machine.ts'
import type { Request } from '../../simulator/application.ts'
import type { SeededRandom } from '../../simulator/seeded-random.ts'

/** Keys that are put, read and deleted. */
const KEYS = 3
const ASKED = ['put', 'append', 'get', 'delete', 'compare-and-set', 'list'] as const

/** What is asked for and of which key, as numbers. */
export const drawCommand = (random: SeededRandom) => ({
  asked: random.below(ASKED.length),
  key: random.below(KEYS)
})

/**
 * No two commands are alike: beside what is asked for each reads a key of its own, under which there is nothing.
 *
 * @param payload - begins with the process and the number of the request, which is told apart by `round` where 256 of
 * them are not enough
 */
export function commandOf({ arguments: given }: Request, payload: Uint8Array): readonly PlainValue[] {
  const key = Uint8Array.of(0, given.key ?? 0)
  const asked = ASKED[given.asked ?? 0] ?? 'put'
  const { round } = given
  const ownKey = Uint8Array.of(1, ...payload.subarray(0, 2), ...(round === undefined ? [] : [round]))
  const own: PairOperation = { type: 'get', key: ownKey }
  switch (asked) {
    case 'put':
    case 'append':
      return [pairCommand([{ type: asked, key, value: payload }, own])]
    case 'compare-and-set':
      return [pairCommand([{ type: 'put', key, value: payload }, own], [{ key, value: null }])]
    case 'list':
      return [pairCommand([{ type: 'list', prefix: key.subarray(0, 1), after: new Uint8Array() }, own])]
    default:
      return [pairCommand([{ type: asked, key }, own])]
  }
}
