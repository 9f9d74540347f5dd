/**
 * The same run in a smaller group, or with a simpler setup.
 *
 * A smaller group must be one whose violation says as much: every group fails in which nobody can gather a quorum. So a
 * step is taken only to a group that the protocol's resilience admits or, where the run was beyond it, to one that
 * - works: without liars and faults, what it is asked for comes about and every property holds;
 * - is beyond resilience by no more than the group was: neither does f exceed what its size bears by more, nor do the
 *   liars exceed f by more.
 */
import type { Choice } from '../simulator/schedule.ts'
import { abstractionOf } from './abstractions/index.ts'
import { type Recording, repeatRun } from './recording.ts'
import { requireStack, type Setup } from './run-config.ts'

/**
 * The run without one member: those of higher rank move up, in the schedule too (not within the bytes of acts: there
 * a rank stays what it was). The group is set up for as many faults as before, or for fewer, so that they exceed what
 * its size bears by no more.
 *
 * @returns undefined if what is left is no group of which the violation would say as much
 */
export function withoutMember({ setup, schedule }: Recording, member: number): Recording | undefined {
  const members = setup.members - 1
  if (members < 2) return undefined
  const { resilience } = requireStack(setup.protocol)
  const beyond = Math.max(0, setup.faults - resilience.largest(setup.members))
  const faults = Math.min(setup.faults, resilience.largest(members) + beyond)
  const byzantine = setup.byzantine.filter((rank) => rank !== member).map((rank) => moved(rank, member))
  // A run within resilience must not become one beyond it, nor a group one that tolerates nothing: both break anyway.
  if (byzantine.length - faults > Math.max(0, setup.byzantine.length - setup.faults)) return undefined
  if (faults === 0 && setup.faults > 0) return undefined
  if (members <= byzantine.length) return undefined
  const smaller = { ...setup, members, faults, byzantine }
  if (!resilience.admits(members, faults) && !worksWithoutFaults(smaller)) return undefined
  return {
    setup: smaller,
    schedule: schedule.flatMap((choice) => withoutRank(choice, member))
  }
}

/** Whether the group does what it is for while nothing goes wrong. */
function worksWithoutFaults(setup: Setup): boolean {
  const { protocol, members, clients } = setup
  const schedule = abstractionOf(requireStack(protocol)).simplest(members, clients)
  const { violations } = repeatRun({ setup: { ...setup, byzantine: [], adversary: null }, schedule })
  return violations.length === 0
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
  return [{ ...setup, options: {} }]
}
