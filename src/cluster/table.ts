/** The outcome of a cluster as a person reads it. */
import { type Colors, oneLine } from '../program/output.ts'
import type { Judgement } from './judgement.ts'
import type { ClusterPlan } from './plan.ts'
import { type Assembled, sha256 } from './recorder.ts'
import type { FaultSeen } from './tally.ts'

const DIGEST_CHARACTERS = 8
const VIOLATIONS_SHOWN = 5

/** A cluster that is over. */
export interface Told {
  readonly plan: ClusterPlan
  readonly judgement: Judgement
  /** The path of its trace, as it is shown. */
  readonly trace: string
}

/** All of it but the verdict. */
export function describeTour({ plan, judgement, trace }: Told, colors: Colors): string[] {
  return [
    ...(plan.chunks.length > 0
      ? describeDeliveries(plan, judgement, colors)
      : describeTold(plan, judgement, colors)),
    ...describeRegisters(judgement, colors),
    ...describeAttack(plan, judgement, colors),
    ...describeFaults(plan, judgement, colors),
    '',
    ...describeProperties(judgement, colors),
    colors.dim(`trace: ${trace}`),
    colors.dim(`draw it with: npx byzkit replay ${trace}`)
  ]
}

/** A row for each sender, and for each different thing that was assembled from it. */
function describeDeliveries(
  { members, byzantine, chunks, input }: ClusterPlan,
  { digests }: Judgement,
  { bold, dim, green, red, yellow }: Colors
): string[] {
  const rows = Array.from({ length: members }, (_, sender) => {
    const liar = byzantine.includes(sender)
    const name = `from member ${sender}${liar ? ' (Byzantine)' : ''}`.padEnd(27)
    return sameAssembled(digests, sender).map(([{ broadcasts, sha256: digest, same }, by], index) => {
      const paint = same ? green : liar ? yellow : red
      const what = broadcasts === 0 ? 'nothing' : `${short(digest)} ${same ? '= the input' : '≠ the input'}`
      const count = `${broadcasts} of ${chunks.length}`.padEnd(10)
      return `  ${index === 0 ? name : ' '.repeat(27)}${count}${paint(what.padEnd(24))}by ${listOf(by)}`
    })
  })
  return [
    bold('Delivered'),
    ...rows.flat(),
    dim(`  ${'the input'.padEnd(37)}${short(sha256(input))} (SHA-256)`)
  ]
}

/** How often each thing was asked for and told, by all processes. */
function describeTold({ stack }: ClusterPlan, { told = {} }: Judgement, { bold }: Colors): string[] {
  return [
    `${bold('Service')}  ${stack.title}`,
    ...Object.entries(told).map(([what, count]) => `  ${what.padEnd(46)}${count}`)
  ]
}

/** What was assembled from one sender, and by which members. */
function sameAssembled(digests: Judgement['digests'], sender: number): [Assembled, number[]][] {
  const groups = new Map<string, [Assembled, number[]]>()
  for (const [member, bySender] of Object.entries(digests)) {
    const assembled = bySender[sender]
    if (assembled === undefined) continue
    const key = `${assembled.broadcasts}/${assembled.sha256}`
    const group = groups.get(key) ?? [assembled, []]
    group[1].push(Number(member))
    groups.set(key, group)
  }
  return [...groups.values()]
}

const short = (digest: string): string => `${digest.slice(0, DIGEST_CHARACTERS)}..`

export function listOf(processes: readonly number[], what: 'member' | 'client' = 'member'): string {
  return `${what}${processes.length === 1 ? '' : 's'} ${processes.join(', ')}`
}

function describeAttack(
  { byzantine, behaviour }: ClusterPlan,
  { effect }: Judgement,
  { bold, dim }: Colors
): string[] {
  if (behaviour === undefined || effect === null) return []
  const { traces, instancesLeftShort, conflicting, rejected, latencyMs } = effect
  const row = (name: string, value: number | string) => `  ${name.padEnd(46)}${value}`
  const ms = (value: number | null) => (value === null ? 'none delivered' : `${value} ms`)
  return [
    '',
    `${bold('Attack')}  ${behaviour.name}, by ${listOf(byzantine)}: ${behaviour.powers}`,
    row('conflicting messages seen', conflicting),
    row('frames and messages rejected', rejected),
    ...(instancesLeftShort === undefined
      ? []
      : [row('broadcasts that some correct member never got', instancesLeftShort)]),
    ...(latencyMs === undefined
      ? []
      : [
          row('delivery of a broadcast, median: correct', ms(latencyMs.correct)),
          row('delivery of a broadcast, median: Byzantine', ms(latencyMs.byzantine))
        ]),
    ...Object.entries(traces).map(([name, count]) => dim(row(`  ${name}`, count)))
  ]
}

function describeRegisters({ registers }: Judgement, { bold, red }: Colors): string[] {
  if (registers === null) return []
  const { operations, overlapping, unanswered, landmarks, contradiction } = registers
  const row = (name: string, value: number) => `  ${name.padEnd(46)}${value}`
  return [
    '',
    `${bold('Registers')}  a client wrote one while others read it, and what they saw is ${contradiction === undefined ? 'atomic' : red('not atomic')}`,
    row('operations completed', operations),
    row('reads that overlapped a write', overlapping),
    row('answers rejected: no writer had signed them', landmarks['forged-answer-rejected'] ?? 0),
    row('reads in which some answer was outvoted', landmarks['stale-answer-outvoted'] ?? 0),
    ...(unanswered === 0 ? [] : [row('operations not answered in time', unanswered)])
  ]
}

export function describeFaults(
  { members }: ClusterPlan,
  { faultsSeen, registers }: Judgement,
  { bold, red, yellow }: Colors
): string[] {
  const row = ({ process, kind, certainty, count, by }: FaultSeen, whose: 'member' | 'client') => {
    const paint = certainty === 'suspected' ? yellow : red
    const times = `${count} ${count === 1 ? 'time' : 'times'}`.padEnd(14)
    const seenBy = [
      [by.filter((each) => each < members || whose === 'client'), whose],
      [by.filter((each) => each >= members && whose === 'member').map((each) => each - members), 'client']
    ] as const
    const names = seenBy.flatMap(([all, who]) => (all.length === 0 ? [] : [listOf(all, who)])).join(' and ')
    return `  member ${process}: ${paint(`${kind}, ${certainty}`.padEnd(32))}${times}by ${names}`
  }
  const rows = [
    ...faultsSeen.map((fault) => row(fault, 'member')),
    ...(registers?.faultsSeen ?? []).map((fault) => row(fault, 'client'))
  ]
  return rows.length === 0 ? [] : ['', bold('Faults seen'), ...rows]
}

export function describeProperties({ properties, violations }: Judgement, { green, red }: Colors): string[] {
  const held = Object.keys(properties).filter((name) => properties[name] === 'held')
  const violated = Object.keys(properties).filter((name) => properties[name] === 'violated')
  return [
    `${green('held')}      ${held.join(', ')}`,
    ...(violated.length === 0 ? [] : [`${red('violated')}  ${violated.join(', ')}`]),
    ...violations
      .slice(0, VIOLATIONS_SHOWN)
      .map(({ property, detail }) => `  ${property}: ${oneLine(detail)}`)
  ]
}

export function describeVerdict(
  { verdict, reason }: Pick<Judgement, 'verdict' | 'reason'>,
  { bold, green, red, yellow }: Colors
): string {
  if (verdict === 'ok') return `${green(bold('ok'))}  every property held`
  const paint = verdict === 'violated' ? red : yellow
  return `${paint(bold(verdict))}  ${oneLine(reason ?? '')}`
}
