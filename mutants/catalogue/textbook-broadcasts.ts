/**
 * Mutants of what the broadcasts of the crash models stand on. What is wrong in best-effort broadcast itself, one line, is
 * wrong without any fault.
 */
import type { Mutant } from '../mutant.ts'

export const textbookBroadcastMutants: readonly Mutant[] = [
  {
    name: 'ports-send-nothing-while-somebody-is-gone',
    kind: 'lost message',
    in: 'Ports.#send',
    find: 'if (this.#gone.has(to)) return',
    replace: 'if (this.#gone.size > 0) return',
    breaks: 'validity',
    because: 'a member that has stopped for good keeps the others from hearing each other',
    by: 'campaign',
    trials: [{ protocol: 'best-effort-broadcast', members: 4 }]
  }
]
