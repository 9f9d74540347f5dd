/**
 * A gap is the excuse of who is accused: what others had come to, and the bounds of the run, say whether it is one. Each
 * reason that a gap must have is taken away by itself, and it is told which one is missing.
 */
import { describe, expect, it } from 'vitest'
import { checkBroadcast } from '../../src/checkers/broadcast.ts'
import { broadcastEvents } from '../../src/checkers/broadcast-history.ts'
import { broadcastWorkload } from '../../src/laboratory/abstractions/broadcasts.ts'
import { judge } from '../../src/laboratory/judge.ts'
import { planRun, type RunConfig, simulation } from '../../src/laboratory/run-config.ts'
import type { History } from '../../src/simulator/history.ts'
import { SeededChoices } from '../../src/simulator/seeded-choices.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import { expectNone } from '../violations.ts'
import {
  accepted,
  broadcast,
  CHANNEL,
  type Drawn,
  deliver,
  gap,
  historyOf,
  told
} from './broadcast-histories.ts'

const LIAR = 5
/** Seven members, two of them Byzantine: one correct member vouches, with two that may lie. */
const BOUNDS = { bounds: { retentionCountMax: 4 } }
const LIMIT = 4

/** The sender's first broadcasts. A Byzantine one tells nobody. */
const broadcasts = (sender: number, count: number): Drawn[] =>
  sender === LIAR
    ? []
    : Array.from({ length: count }, (_, sequence) => [
        broadcast(sender, sequence),
        accepted(sender, sequence)
      ]).flat()
const deliveries = (process: number, sender: number, from: number, to: number): Drawn[] =>
  Array.from({ length: to - from }, (_, index) => deliver(process, sender, from + index))

interface Case {
  readonly process: number
  readonly sender: number
  /** How many of the sender's broadcasts the process had delivered before. */
  readonly had: number
  /** Who is far ahead. */
  readonly ahead: number
}
const CASES: readonly Case[] = [
  { process: 2, sender: 0, had: 0, ahead: 1 },
  { process: 0, sender: 3, had: 3, ahead: 4 },
  { process: 1, sender: 1, had: 1, ahead: 0 },
  { process: 4, sender: LIAR, had: 2, ahead: 3 }
]
const SKIPPED = 3

/** `ahead` delivers so many, then `process` skips three; in the end everybody has everything, but for what was skipped. */
function skipping({ process, sender, had, ahead }: Case, count: number, last = count): Drawn[] {
  const to = had + SKIPPED
  const others = [0, 1, 2, 3, 4].filter((other) => other !== process && other !== ahead)
  return [
    ...broadcasts(sender, last),
    ...deliveries(process, sender, 0, had),
    ...deliveries(ahead, sender, 0, count),
    gap(process, sender, had, to),
    ...deliveries(process, sender, to, last),
    ...deliveries(ahead, sender, count, last),
    ...others.flatMap((other) => deliveries(other, sender, 0, last))
  ]
}

/** The properties that a gap without a reason violates. */
const violated = ({ process, sender, had }: Case, why: string): string[] => {
  const detail = `member ${process} skipped broadcasts ${had} to ${had + SKIPPED - 1} of member ${sender}, ${why}`
  return [`${sender === LIAR ? 'totality' : 'validity'}: ${detail}`, `FIFO delivery: ${detail}`]
}

describe.each(CASES)('member $process skips three of member $sender, having had $had', (one) => {
  const last = one.had + SKIPPED - 1

  it('since a correct member is more than the retention beyond them', () => {
    expect(told(skipping(one, last + LIMIT + 1), CHANNEL, BOUNDS)).toEqual([])
  })
  it('not where the last of them is within the retention of everybody', () => {
    expect(told(skipping(one, last + LIMIT), CHANNEL, BOUNDS)).toEqual(
      violated(one, 'which no correct member had left beyond its retention')
    )
  })
  it('is told of the last of them, and where it is skipped', () => {
    const history = historyOf(skipping(one, last + LIMIT), BOUNDS)
    const at = broadcastEvents(history).findIndex(({ kind }) => kind === 'gap')
    const [violation] = checkBroadcast(history, ['validity', 'totality'])
    expect(violation).toMatchObject({ instance: { sender: one.sender, sequence: last }, at })
  })
  it('not where somebody is beyond them only later', () => {
    expect(told(skipping(one, last + LIMIT, last + 20), CHANNEL, BOUNDS)).toEqual(
      violated(one, 'which no correct member had left beyond its retention')
    )
  })
  it('not where nobody has delivered the last of them', () => {
    const events = skipping(one, last + LIMIT + 1).filter(
      (event) => !(event.kind === 'deliver' && event.sequence === last)
    )
    const [first] = told(events, ['validity', 'totality'], BOUNDS)
    expect(first).toBe(violated(one, 'which no correct member had delivered')[0])
  })
  it('not where the one beyond them is the accused itself, or a liar', () => {
    const { process, sender, had } = one
    for (const other of [process, 6]) {
      const events = [
        ...broadcasts(sender, 20),
        ...deliveries((process + 1) % 5, sender, 0, last + 1),
        ...deliveries(process, sender, 0, had),
        ...(other === 6 ? deliveries(6, sender, 0, 20) : []),
        gap(process, sender, had, last + 1),
        ...(other === process ? deliveries(process, sender, last + 1, 20) : [])
      ]
      // What it came to later, where that cannot be told from earlier, is no reason either.
      for (const inRealTime of [true, false])
        expect(told(events, CHANNEL, { ...BOUNDS, complete: false, inRealTime })).toEqual(
          violated(one, 'which no correct member had left beyond its retention')
        )
    }
  })
  it('within the bounds of every group unless the run says otherwise', () => {
    expect(told(skipping(one, last + LIMIT + 1), CHANNEL)).toEqual(
      violated(one, 'which no correct member had left beyond its retention')
    )
    expect(told(skipping(one, last + 1024 + 1), CHANNEL)).toEqual([])
  })
  it('since more bytes than are retained lie between, and not as many', () => {
    const bytes = (retentionBytesMax: number) => ({ bounds: { retentionBytesMax } })
    // Two bytes each: the last that was skipped, and five that came after it.
    const events = skipping(one, last + 6)
    expect(told(events, CHANNEL, bytes(11))).toEqual([])
    expect(told(events, CHANNEL, bytes(12))).toEqual(
      violated(one, 'which no correct member had left beyond its retention')
    )
  })
  it('without a liar in the group three must vouch: two more that are beyond it', () => {
    const { process, sender, had, ahead } = one
    const changes = { ...BOUNDS, correct: [0, 1, 2, 3, 4, 5, 6], complete: false }
    const [second, third] = [0, 1, 2, 3, 4].filter((other) => other !== process && other !== ahead)
    const far = last + LIMIT + 1
    const begun = sender === LIAR ? [broadcast(LIAR, 0), accepted(LIAR, 0)] : []
    const more = sender === LIAR ? Array.from({ length: far - 1 }, (_, i) => broadcast(LIAR, i + 1)) : []
    const before = [
      ...broadcasts(sender, far),
      ...begun,
      ...more,
      ...deliveries(process, sender, 0, had),
      ...deliveries(ahead, sender, 0, far)
    ]
    const skip = gap(process, sender, had, last + 1)
    const two = [...before, ...deliveries(second!, sender, 0, far)]
    const three = [...two, ...deliveries(third!, sender, 0, far)]
    const why = (can: number) => `for which 3 correct members would have to vouch, and ${can} can`
    const detail = (can: number) =>
      `member ${process} skipped broadcasts ${had} to ${last} of member ${sender}, ${why(can)}`
    expect(told([...before, skip], ['validity'], changes)).toEqual([`validity: ${detail(1)}`])
    expect(told([...two, skip], ['validity'], changes)).toEqual([`validity: ${detail(2)}`])
    expect(told([...three, skip], CHANNEL, changes)).toEqual([])
    // Who has skipped it cannot hand it over either.
    const followed = [...three, skip, gap(6, sender, 0, last + 1)]
    expect(told(followed, CHANNEL, changes)).toEqual([])
  })
})

it('who skipped something itself vouches for it, but for nothing after it', () => {
  const changes = { ...BOUNDS, correct: [0, 1, 2, 3, 4, 5, 6], complete: false }
  const far = [0, 1, 2].flatMap((process) => deliveries(process, 0, 0, 10))
  const skipped = [...broadcasts(0, 12), ...far, gap(3, 0, 0, 3), gap(4, 0, 0, 3)]
  expect(told(skipped, CHANNEL, changes)).toEqual([])
  expect(told([...skipped, gap(5, 0, 0, 7)], ['validity'], changes)).toEqual([
    'validity: member 5 skipped broadcasts 0 to 6 of member 0, which no correct member had left beyond its retention'
  ])
})

it('excuses do not excuse one another: what all skip, the sender too, nobody delivered', () => {
  const all = [0, 1, 2, 3, 4].map((process) => gap(process, 0, 0, 50))
  for (const inRealTime of [true, false]) {
    const violations = told([...broadcasts(0, 50), ...all], ['validity'], { ...BOUNDS, inRealTime })
    expect(violations).toEqual(
      [0, 1, 2, 3, 4].map(
        (process) =>
          `validity: member ${process} skipped broadcasts 0 to 49 of member 0, which no correct member had delivered`
      )
    )
  }
})

it('a gap that is no excuse brings nobody further, and so is none for others', () => {
  const events = [...broadcasts(0, 9), ...deliveries(4, 0, 0, 5), gap(3, 0, 0, 9), gap(2, 0, 0, 3)]
  expect(told(events, ['validity'], { ...BOUNDS, complete: false })).toEqual([
    'validity: member 3 skipped broadcasts 0 to 8 of member 0, which no correct member had delivered',
    'validity: member 2 skipped broadcasts 0 to 2 of member 0, which no correct member had left beyond its retention'
  ])
})

it.each([3, LIAR])('a gap in what %i never broadcast is a lie believed, however long', (sender) => {
  const [first] = told([...broadcasts(sender, 2), gap(1, sender, 0, 2 ** 40)], ['validity', 'totality'], {
    complete: false
  })
  expect(first).toMatch(
    /: member 1 skipped broadcasts 0 to 1099511627775 of .*, which no correct member had delivered$/
  )
})

it.each([
  [2, 1],
  [1, 0]
])('a gap of member %i excuses it alone, and of that sender alone, not of %i', (other, sender) => {
  const one = { process: 0, sender: 3, had: 0, ahead: 4 }
  const events = [...skipping(one, 8), ...broadcasts(sender, 1), deliver(3, sender, 0)]
  const missing = told(events, ['validity'], BOUNDS)
  expect(missing).toEqual(
    [0, 1, 2, 4].map(
      (process) => `validity: member ${sender} broadcast 0, and member ${process} never delivered it`
    )
  )
  // And at another process than the one that skipped.
  const starving = skipping(one, 8).filter(
    (event) => !(event.kind === 'deliver' && event.process === other && event.sequence === 1)
  )
  expect(told(starving, ['validity'], BOUNDS)).toEqual([
    `validity: member 3 broadcast 1, and member ${other} never delivered it (it alone is starved)`
  ])
})

describe.each(CASES)('a gap of member $process in what member $sender broadcast', (one) => {
  const { process, sender, had } = one
  const to = had + SKIPPED
  const last = to + LIMIT + 4
  const lacking = (sequence: number) =>
    skipping(one, to + LIMIT, last).filter(
      (event) => !(event.kind === 'deliver' && event.process === process && event.sequence === sequence)
    )
  const missing = (sequence: number) =>
    new RegExp(
      sender === LIAR
        ? `^totality: member \\d delivered broadcast ${sequence} of member ${sender}, and member ${process} never did \\(it alone is starved\\)$`
        : `^validity: member ${sender} broadcast ${sequence}, and member ${process} never delivered it \\(it alone is starved\\)$`
    )

  it('excuses each of the three that are in it', () => {
    expect(told(lacking(-1), ['validity', 'totality'], BOUNDS)).toEqual([])
  })
  it.each([
    ...(had > 0 ? [['the one before it', had - 1] as const] : []),
    ['the one after it', to],
    ['the last one', last - 1]
  ] as const)('does not excuse %s', (_, sequence) => {
    const [violation, ...others] = told(lacking(sequence), ['validity', 'totality'], BOUNDS)
    expect(violation).toMatch(missing(sequence))
    // Of a correct sender it is told by both names.
    expect(others.every((other) => other.includes(`broadcast ${sequence} of member ${sender}`))).toBe(true)
    expect(others).toHaveLength(sender === LIAR ? 0 : 1)
  })
})

it('where reports stand in no common order, all of the run says whether somebody was beyond', () => {
  const [one] = CASES
  const late = skipping(one!, 2 + LIMIT, 20)
  expect(told(late, CHANNEL, { ...BOUNDS, inRealTime: false })).toEqual([])
  expect(told(skipping(one!, 2 + LIMIT), CHANNEL, { ...BOUNDS, inRealTime: false })).toEqual(
    violated(one!, 'which no correct member had left beyond its retention')
  )
})

describe('in runs with next to no retention', () => {
  const RUNS = 12

  /** A run with retention of 0, 1 or 2 broadcasts, or of few bytes, against one of four adversaries. */
  function run(protocol: string, members: number, seed: number): ReturnType<typeof simulate> {
    const f = Math.floor((members - 1) / 3)
    const adversary = (['swarm', 'selective', 'withhold', 'delay'] as const)[seed % 4]!
    const config: RunConfig = {
      protocol,
      members,
      faults: f,
      byzantine: f,
      adversary,
      links: 'ideal',
      crypto: 'symbolic'
    }
    const { setup, rates } = planRun(config, seed)
    const retention = seed % 5 === 0 ? { retentionBytesMax: 100 } : { retentionCountMax: seed % 3 }
    const options = { ...setup.options, windowInstances: 4, ...retention }
    const workload = broadcastWorkload({ broadcasts: 16, payloadBytesMax: 64, withinMs: rates.healMs })
    const many = { ...rates, workload, crashes: 3, sessionEnds: 4 }
    return simulate(
      simulation({ ...setup, options }, new SeededChoices(seed, many, members, setup.byzantine))
    )
  }
  const gapsIn = (history: History): number =>
    broadcastEvents(history).filter(
      ({ kind, process }) => kind === 'gap' && history.correct.includes(process)
    ).length

  it('validity: who restarts while its base waits for others goes on above what it had acknowledged', () => {
    // Of many runs one in which a member is down, is up again below a gap, and has the one before acknowledged already.
    const result = run('byzantine-consistent-channel', 4, 13)
    expect(result.history.events.some(({ kind }) => kind === 'restart')).toBe(true)
    expect(gapsIn(result.history)).toBeGreaterThan(0)
    expectNone(judge('byzantine-consistent-channel', result), 'seed 13')
  })

  it('naming: who has skipped an instance, and has not told its application yet, need not look at it', () => {
    const result = run('byzantine-reliable-channel', 7, 52)
    expect(result.history.lies?.length).toBeGreaterThan(0)
    expectNone(judge('byzantine-reliable-channel', result), 'seed 52')
  })

  it.each([
    ['byzantine-reliable-channel', 4],
    ['byzantine-reliable-channel', 5],
    ['byzantine-reliable-channel', 6],
    ['byzantine-reliable-channel', 7],
    ['double-echo', 7],
    ['authenticated-echo', 6],
    ['signed-echo', 4]
  ])('%s, n = %i: members skip, and each gap has its reasons', (protocol, members) => {
    let gaps = 0
    let refuted = 0
    for (let seed = 1; seed <= RUNS; seed++) {
      const result = run(protocol, members, seed)
      gaps += gapsIn(result.history)
      expectNone(judge(protocol, result), `seed ${seed}`)
      // The control: by larger bounds than those of the run, gaps in what correct members broadcast have no reasons.
      const stricter = { ...result, history: { ...result.history, bounds: {} } }
      if (judge(protocol, stricter).some(({ property }) => property === 'validity')) refuted++
    }
    expect(refuted).toBeGreaterThan(0)
    expect(gaps).toBeGreaterThan(0)
  })
})
