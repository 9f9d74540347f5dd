/** A member that comes to another state than a quorum: once that is mended, a second time it stops. */
import { describe, expect, test } from 'vitest'
import { replicated } from '../../src/catalogue/pbft.ts'
import { judge } from '../../src/laboratory/judge.ts'
import { addStack, type Setup, simulation } from '../../src/laboratory/run-config.ts'
import type { StateMachine } from '../../src/replication/state-machine.ts'
import { ScheduledChoices } from '../../src/simulator/choices.ts'
import type { Planned } from '../../src/simulator/schedule.ts'
import { MS } from '../../src/simulator/scheduler.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import type { ReplicaStack } from '../../src/stacks/stack.ts'
import { PATH, stable, status } from '../consensus/pbft/one-member.ts'
import {
  ahead,
  CLIENT,
  catchUp,
  command,
  counting,
  digestAt,
  execute,
  ferry,
  type Member,
  member,
  STATES,
  STUCK_MS
} from './states.ts'

const SELF = 3

/** Counts one too many, so many times. */
function miscounting(times: number): StateMachine {
  let left = times
  return {
    apply(command, context) {
      const [count = 0] = counting.apply(command, context)
      if (left-- <= 0) return Uint8Array.of(count)
      context.state.set(command, Uint8Array.of(count + 1))
      return Uint8Array.of(count + 1)
    }
  }
}

const wrong = (times = 1, disk?: Map<string, Uint8Array>) => member(SELF, disk, 1, miscounting(times))

const executed = ({ executed }: Member) => executed.map(({ sequence }) => sequence)

/** A quorum has signed what the group has there. */
function hearsStable({ p }: Member, group: Member, sequence: number): void {
  for (const peer of [0, 1, 2]) p.receive(peer, PATH, status({ stable: sequence, executed: sequence }))
  p.receive(0, PATH, stable(sequence, digestAt(group, sequence), [0, 1, 2]))
}

function executesTo(one: Member, last: number): void {
  for (let sequence = one.executed.length + 1; sequence <= last; sequence++) execute(one, sequence)
}

const asks = ({ p }: Member) => p.sentOf('FETCH', STATES).length > 0
const signed = ({ p }: Member) => p.sentOf('CHECKPOINT').map(({ message }) => message.sequence)

describe('a member whose state is another than a quorum has signed', () => {
  test('executes nothing more, and answers nothing, until it has that', () => {
    const group = ahead(2)
    const one = wrong()
    executesTo(one, 2)
    hearsStable(one, group, 2)
    expect(one.p.landmarks).toContain('state-diverged')
    execute(one, 3)
    const before = one.p.sentOf('REPLY').length
    one.p.receive(CLIENT, 'replica', { type: 'REQUEST', envelope: command(1, 'apples') })
    expect(one.p.sentOf('REPLY')).toHaveLength(before)
    expect(executed(one)).toEqual([1, 2])
    one.p.passTime(STUCK_MS)
    expect(asks(one)).toBe(true)
    ferry(one, group)
    expect(one.installed).toEqual([2])
    // What was committed meanwhile, and nothing twice.
    expect(executed(one)).toEqual([1, 2, 3])
    for (const sequence of [3, 4]) execute(group, sequence)
    execute(one, 4)
    expect(digestAt(one, 4)).toEqual(digestAt(group, 4))
  })

  test('sees it as it comes there, if it has heard of that before', () => {
    const one = wrong()
    hearsStable(one, ahead(2), 2)
    for (const sequence of [1, 2, 3]) catchUp(one, sequence)
    expect(executed(one)).toEqual([1, 2])
    expect(one.p.landmarks).toContain('state-diverged')
  })

  test('executes again what it had executed after it', () => {
    const group = ahead(2)
    const one = wrong()
    executesTo(one, 2)
    // Without votes, which would commit it again.
    catchUp(one, 3)
    hearsStable(one, group, 2)
    one.p.passTime(STUCK_MS)
    ferry(one, group)
    expect(one.installed).toEqual([2])
    expect(executed(one)).toEqual([1, 2, 3, 3])
    for (const sequence of [3, 4]) execute(group, sequence)
    execute(one, 4)
    expect(digestAt(one, 4)).toEqual(digestAt(group, 4))
  })

  test('signs no second state at a number, in this life or a later one', () => {
    const group = ahead(2)
    const one = wrong()
    executesTo(one, 4)
    const first = digestAt(one, 4)
    hearsStable(one, group, 2)
    one.p.passTime(STUCK_MS)
    ferry(one, group)
    expect(executed(one)).toEqual([1, 2, 3, 4, 3, 4])
    // What it had signed it says again to those who ask, and nothing else.
    const said = one.p.sentOf('CHECKPOINT').filter(({ message }) => message.sequence === 4)
    for (const { message } of said) expect(message.digest).toEqual(first)
    const again = member(SELF, one.p.disk, 2)
    expect(signed(again)).toEqual([])
    // Of later numbers it does.
    for (const sequence of [3, 4]) execute(group, sequence)
    hearsStable(again, group, 4)
    for (const sequence of [5, 6]) execute(again, sequence)
    expect(new Set(signed(again))).toEqual(new Set([6]))
  })

  test('is told so by its disk in another life, too', () => {
    const group = ahead(2)
    const one = wrong()
    executesTo(one, 2)
    hearsStable(one, group, 2)
    const again = member(SELF, one.p.disk, 2)
    expect(again.p.landmarks).toContain('state-diverged')
    for (const peer of [0, 1, 2]) again.p.receive(peer, PATH, status({ stable: 2, executed: 2 }))
    again.p.passTime(STUCK_MS)
    ferry(again, group)
    expect(again.installed).toEqual([2])
  })

  test('stops if it comes to another one once more, and says at which number and where', () => {
    const group = ahead(4)
    const one = wrong(3)
    executesTo(one, 2)
    hearsStable(one, group, 2)
    one.p.passTime(STUCK_MS)
    ferry(one, group)
    expect(one.installed).toEqual([2])
    executesTo(one, 4)
    hearsStable(one, group, 4)
    const mend = () => {
      one.p.passTime(STUCK_MS)
      ferry(one, group)
    }
    expect(mend).toThrow(
      /^the state after 4 is not that of the others, once more; it differs in bucket\/[0-9a-f]{3}, sessions\/[0-9a-f]{14}$/
    )
  })
})

describe('in runs, a member whose machine miscounts once', () => {
  function stackOf(times: number): ReplicaStack {
    const right = replicated(`miscounting-${times}`, () => counting)
    const miscounts = replicated(right.name, () => miscounting(times))
    return {
      ...right,
      build: (env, ...rest) => (env.self === SELF ? miscounts : right).build(env, ...rest)
    }
  }

  function run(times: number) {
    const stack = stackOf(times)
    addStack(stack)
    const setup: Setup = {
      ...{ protocol: stack.name, members: 4, clients: 0, faults: 1, byzantine: [], adversary: null },
      ...{ links: 'ideal', crypto: 'symbolic', seed: 1, healMs: 500, livenessMs: 20_000 },
      options: { checkpointEvery: 2, batchCommandsMax: 1, viewTimeoutMinMs: 500, viewTimeoutMaxMs: 1000 }
    }
    const submits = [...Array(12).keys()].map(
      (index): Planned => ({
        ...{ kind: 'request', process: index % 3, number: Math.floor(index / 3) + 1, at: 20 * index * MS },
        ...{ service: 'replica', name: 'submit', arguments: { bytes: 2 } }
      })
    )
    const result = simulate(simulation(setup, new ScheduledChoices(submits)))
    const violated = judge(stack.name, result).map(({ property }) => property)
    return { landmarks: result.landmarks, violated: new Set(violated) }
  }

  test('fetches the state of the others, and goes on with them', () => {
    const { landmarks, violated } = run(1)
    expect(landmarks.get('state-diverged')).toBe(1)
    expect(landmarks.get('state-installed')).toBe(1)
    // What it came to meanwhile was another result, and nothing else is wrong: all is executed in the end, by all.
    expect(violated).toEqual(new Set(['results']))
  })

  test('has nothing to fetch if it does not', () => {
    const { landmarks, violated } = run(0)
    expect(landmarks.get('state-diverged')).toBeUndefined()
    expect(violated).toEqual(new Set())
  })
})
