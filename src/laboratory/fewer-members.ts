/** The same run in a smaller group, or with a simpler setup. */
import type { Choice } from '../simulator/schedule.ts'
import type { Recording } from './recording.ts'
import { requireStack, type Setup } from './run-config.ts'

/**
 * The run without one member: those of higher rank move up, in the schedule too (not within the bytes of acts: there
 * a rank stays what it was). The group is set up for as many faults as before, or as many as its size allows.
 *
 * @returns undefined if what is left is no group of this protocol
 */
export function withoutMember({ setup, schedule }: Recording, member: number): Recording | undefined {
  const members = setup.members - 1
  const { resilience } = requireStack(setup.protocol)
  const admitted = resilience.admits(setup.members, setup.faults)
  const faults = admitted ? Math.min(setup.faults, resilience.largest(members)) : setup.faults
  const byzantine = setup.byzantine.filter((rank) => rank !== member).map((rank) => moved(rank, member))
  // A run within resilience must not become one beyond it, nor a group one that tolerates nothing: both break anyway.
  if (byzantine.length - faults > Math.max(0, setup.byzantine.length - setup.faults)) return undefined
  if (faults === 0 && setup.faults > 0) return undefined
  if (members <= byzantine.length || members < 2) return undefined
  return {
    setup: { ...setup, members, faults, byzantine },
    schedule: schedule.flatMap((choice) => withoutRank(choice, member))
  }
}

const moved = (rank: number, gone: number) => (rank > gone ? rank - 1 : rank)

function withoutRank(choice: Choice, gone: number): Choice[] {
  const move = (rank: number) => moved(rank, gone)
  if (choice.kind === 'partition') {
    return [{ ...choice, side: choice.side.filter((rank) => rank !== gone).map(move) }]
  }
  if (choice.kind === 'end-session') {
    const { a, b } = choice
    return a === gone || b === gone ? [] : [{ ...choice, a: move(a), b: move(b) }]
  }
  if (choice.kind === 'act' || choice.kind === 'frame') {
    const { process, to } = choice
    return process === gone || to === gone ? [] : [{ ...choice, process: move(process), to: move(to) }]
  }
  if ('from' in choice) {
    const { from, to } = choice
    return from === gone || to === gone ? [] : [{ ...choice, from: move(from), to: move(to) }]
  }
  return choice.process === gone ? [] : [{ ...choice, process: move(choice.process) }]
}

export function simplerSetups(setup: Setup): Setup[] {
  const { options } = setup
  return [
    { ...setup, options: { signedSend: options.signedSend ?? false } },
    { ...setup, options: { ...options, signedSend: false } }
  ]
}
