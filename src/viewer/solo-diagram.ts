/** What happened at one process alone, as a diagram: the transcript of a unit test. */
import type { Solo } from '../laboratory/solo.ts'
import { spaceTimeDiagram } from './terminal.ts'

const plain = (text: string) => text
const PLAIN = { red: plain, green: plain, yellow: plain, cyan: plain, dim: plain, bold: plain }

/**
 * A lane for each process, time downward, a line for each event: what came (◀), what was sent (●), who was named (⚑),
 * and what the component was asked and indicated (·). It begins where `solo.events` does, which a test may empty.
 */
export function diagramOf({ events, group }: Pick<Solo<unknown>, 'events' | 'group'>): string {
  const members = group.n + group.clients.length
  const drawn = spaceTimeDiagram(events, {
    members,
    byzantine: [],
    violations: [],
    judged: false,
    all: true,
    colors: PLAIN
  })
  return drawn
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()
}
