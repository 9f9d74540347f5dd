/**
 * Worlds worse than those that the swarm draws (docs/testing.md has what it does): drawn runs, and in each of them one
 * thing more. Everything that was promised holds in them too, and what was added has come about.
 */
import { describe, expect, it } from 'vitest'
import { byzantineResilience } from '../../src/core/quorum.ts'
import { type Recording, recordRun, repeatRun } from '../../src/laboratory/recording.ts'
import type { RunConfig } from '../../src/laboratory/run-config.ts'
import { type Choice, isAnswer, pointOf } from '../../src/simulator/schedule.ts'
import { MS } from '../../src/simulator/scheduler.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

/** What a run gets more, of its correct processes and its clients. */
type World = (correct: readonly number[], recording: Recording) => readonly Choice[]

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

const worlds: Record<string, World> = {
  'disks that stand still for seconds, some all at once': (correct) =>
    correct.flatMap((process) =>
      [5, 6, 20].map((number): Choice => ({ kind: 'sync', process, number, us: 4000 * MS }))
    ),
  'all correct processes that restart at the same time, twice': (correct) =>
    [200, 600].flatMap((at) =>
      correct.map((process): Choice => ({ kind: 'crash', process, at: at * MS, until: (at + 100) * MS }))
    ),
  'a process that restarts ten times, one life shorter than a round trip': ([process = 0]) =>
    numbers(10).map(
      (life): Choice => ({ kind: 'crash', process, at: life * 60 * MS, until: (life * 60 + 59) * MS })
    ),
  'a partition of many seconds, longer than windows and retention last': (correct, { setup }) => [
    { kind: 'partition', at: 0, until: 20_000 * MS, side: correct.slice(0, setup.faults), oneWay: false }
  ],
  'sessions that take seconds to begin': (correct) =>
    correct.flatMap((from) =>
      correct
        .filter((to) => to !== from)
        .map((to): Choice => ({ kind: 'handshake', from, to, number: 1, us: 3000 * MS }))
    ),
  'sessions that end again and again between two': ([a = 0, b = 1]) =>
    numbers(60).map((time): Choice => ({ kind: 'end-session', a, b, at: time * 15 * MS })),
  'clocks that jump by hours, forth and back': (correct) =>
    correct.flatMap((process) =>
      numbers(6).map(
        (time): Choice => ({
          kind: 'clock-jump',
          process,
          at: time * 150 * MS,
          ms: (time % 2 === 0 ? -1 : 1) * 5 * 3_600_000
        })
      )
    ),
  'applications that take seconds for what they are given, and clients that are away for seconds': (
    correct,
    { setup: { members, clients } }
  ) =>
    (clients > 0 ? correct.filter((process) => process >= members) : correct).flatMap((process) =>
      numbers(2).map(
        (number): Choice =>
          clients > 0
            ? { kind: 'crash-on', process, event: 'return', number, us: 3000 * MS }
            : { kind: 'consume', process, number, us: 3000 * MS }
      )
    )
}

/** The run with the choices of a world in the place of those that say otherwise. */
function withChoices({ setup, schedule }: Recording, more: readonly Choice[]): Recording {
  const points = new Set(more.filter(isAnswer).map(pointOf))
  return {
    setup,
    schedule: [...schedule.filter((one) => !isAnswer(one) || !points.has(pointOf(one))), ...more]
  }
}

const SEEDS = extent(1, 10)
const PROTOCOLS = ['byzantine-reliable-channel', 'key-value-store', 'authenticated-data-atomic-register']
/** By npm test each world with each protocol at one n. */
const cells = Object.keys(worlds).flatMap((world, w) =>
  PROTOCOLS.flatMap((protocol, p) =>
    [4, 5, 6, 7]
      .filter((_, n) => extent((w + p + n) % 4 === 0, true))
      .map((members) => ({ world, protocol, members }))
  )
)

describe('with', () => {
  it.each(cells)('$world: $protocol keeps its promises, n = $members', ({ world, protocol, members }) => {
    const faults = byzantineResilience(members)
    const config: RunConfig = {
      protocol,
      members,
      faults,
      byzantine: faults,
      adversary: 'swarm',
      links: 'ideal',
      crypto: 'symbolic'
    }
    let made = 0
    let cameUp = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { behaved } = recordRun(config, seed)
      const { setup } = behaved
      const processes = numbers(members + setup.clients).map((number) => number - 1)
      const correct = processes.filter((process) => !setup.byzantine.includes(process))
      const more = worlds[world]?.(correct, behaved) ?? []
      const { violations, applied } = repeatRun(withChoices(behaved, more))
      expectNone(violations, `seed ${seed}`)
      made += more.length
      cameUp += more.filter(applied).length
    }
    // In a run that is soon over less of it comes up.
    expect(cameUp).toBeGreaterThan(made / 3)
  })
})
