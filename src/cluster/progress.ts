/**
 * What a person sees while a cluster runs: a line per member that is written over, or, in a file, a line now and then.
 */
import type { ProcessId } from '../core/group.ts'
import type { Output } from '../program/output.ts'
import { fitted } from '../viewer/columns.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterUse } from './use.ts'

const REFRESH_MS = 150

export interface Progress {
  /** Something happened that stays on the screen. */
  say(line: string): void
  stop(): void
}

export function showProgress(
  cluster: Cluster,
  output: Output,
  { says = counted }: Pick<ClusterUse, 'says'>,
  stream: NodeJS.WriteStream = process.stderr
): Progress {
  if (output.json || !stream.isTTY) return { say: (line) => output.say(line), stop() {} }
  let shown = 0
  const erase = () => {
    if (shown > 0) stream.write(`\u001b[${shown}A\u001b[0J`)
    shown = 0
  }
  const draw = () => {
    const lines = memberLines(cluster, output, says)
    erase()
    // A line that wrapped would be two, and erased as one.
    stream.write(lines.map((line) => `${fitted(line, stream.columns)}\n`).join(''))
    shown = lines.length
  }
  const timer = setInterval(draw, REFRESH_MS)
  return {
    say(line) {
      erase()
      output.say(line)
      draw()
    },
    stop() {
      clearInterval(timer)
      erase()
    }
  }
}

function memberLines(cluster: Cluster, { colors }: Output, says: NonNullable<ClusterUse['says']>): string[] {
  const { plan, recorder, tally } = cluster
  const { members, byzantine } = plan
  return Array.from({ length: members }, (_, member) => {
    const name = `member ${member}`.padEnd(11)
    if (byzantine.includes(member))
      return `${colors.yellow(`${name} Byzantine`)}  ${plan.behaviour?.name ?? ''}`
    if (!cluster.isUp(member)) return colors.red(`${name} down`)
    const connected = tally.connected(member).length + 1
    const filled = Math.round(20 * recorder.share(member))
    return `${name} ${colors.green('='.repeat(filled).padEnd(20, '.'))}  ${says(cluster, member)}  ${colors.dim(`${connected} connected`)}`
  })
}

const counted = ({ recorder }: Cluster, member: ProcessId): string =>
  recorder
    .counts(member)
    .map((count) => String(count).padStart(3))
    .join(' ')
