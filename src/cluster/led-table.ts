/** What became of a group with a leader, as a person reads it: a row for each phase, and who counted among the f. */
import type { Colors } from '../program/output.ts'
import { ledOf } from './led-standing.ts'
import type { Phase } from './phases.ts'
import { describeFaults, describeProperties, listOf, type Told } from './table.ts'

const COLUMNS = [20, 10, 12, 12, 10] as const

export function describeLed(
  { plan, judgement, trace }: Told,
  phases: readonly Phase[],
  colors: Colors
): string[] {
  const { bold, dim, red } = colors
  const { words } = ledOf(plan)
  const isRight = judgement.properties.linearizability !== 'violated'
  const row = (...cells: readonly string[]) =>
    `  ${cells.map((cell, column) => cell.padEnd(COLUMNS[column] ?? 0)).join('  ')}`.trimEnd()
  return [
    `${bold(words.title)}  ${plan.stack.name}: ${plan.members} members, at most f = ${plan.f} dead, cut off or lying at once; what clients saw is ${isRight ? 'linearizable' : red('not linearizable')}`,
    dim(row('phase', 'dead', 'cut off', 'lying', words.term, 'operations')),
    ...phases.map(({ name, leader, stricken, from, to, operations }) => {
      const { dead, cutOff, lying } = stricken
      const who = [dead, cutOff, lying].map((members) => (members.length === 0 ? '-' : members.join(', ')))
      return row(name.replace('leader', `leader ${leader}`), ...who, `${from} → ${to}`, String(operations))
    }),
    ...describeStandings(phases.at(-1), words),
    ...describeFaults(plan, judgement, colors).slice(2),
    ...describeProperties(judgement, colors).map((line) => `  ${line}`),
    dim(`  trace: ${trace}`)
  ]
}

/** Where everybody was in the end. */
export function describeStandings(
  phase: Pick<Phase, 'standings'> | undefined,
  { term, done }: { readonly term: string; readonly done: string }
): string[] {
  if (phase === undefined) return []
  const terms = new Map<number, string[]>()
  for (const [member, standing] of phase.standings) {
    const there = terms.get(standing.term) ?? []
    terms.set(standing.term, there)
    there.push(`${standing.done} at member ${member}`)
  }
  return [...terms].map(([number, members]) => `  ${term} ${number}; ${done} ${members.join(', ')}`)
}

/** What begins, in words. */
export function describePhase({
  name,
  leader,
  stricken
}: Pick<Phase, 'name' | 'leader' | 'stricken'>): string {
  const { cutOff, lying } = stricken
  if (name === 'leader killed') return `now member ${leader}, which leads, is killed`
  if (name === 'leader lies')
    return `now member ${leader} leads, and ${listOf(lying)} ${lying.length === 1 ? 'lies' : 'lie'}`
  const others = cutOff.filter((member) => member !== leader)
  const beside = others.length === 0 ? '' : `, and with it ${listOf(others)}`
  return `now member ${leader}, which leads, is cut off from all others${beside}`
}
