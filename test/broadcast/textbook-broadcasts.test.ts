/** The broadcasts of the crash models in the laboratory: what they promise, and what they do not. */
import { describe, expect, test } from 'vitest'
import { textbookBroadcastStacks } from '../../src/catalogue/index.ts'
import { broadcastEvents } from '../../src/checkers/broadcast-history.ts'
import { recordRun } from '../../src/laboratory/recording.ts'
import { run } from '../../src/laboratory/run.ts'
import { addStack } from '../../src/laboratory/run-config.ts'
import type { BroadcastStack } from '../../src/stacks/stack.ts'
import { crashConfig, hunted, unreached } from '../campaigns.ts'
import { extent } from '../extent.ts'
import { expectNone } from '../violations.ts'

const RUNS = extent(20, 100)
/** Enough for states that few schedules reach. */
const HUNT_RUNS = 300

describe.each(textbookBroadcastStacks.map((stack) => [stack.name, stack] as const))('%s', (_, stack) => {
  test.each([4, 5, 6, 7])(`${stack.properties.join(', ')} at n = %i`, (members) => {
    for (let seed = 1; seed <= RUNS; seed++) {
      const { violations } = run(crashConfig(stack, members), seed)
      expectNone(violations, `seed ${seed}`)
    }
  })

  test('reaches its landmarks', () => {
    expect(unreached(crashConfig(stack, 4), HUNT_RUNS, stack.landmarks)).toEqual([])
  })

  test('the runs deliver, and members stop for good in them', () => {
    const events = Array.from({ length: RUNS }, (_, seed) =>
      broadcastEvents(recordRun(crashConfig(stack, 4), seed).result.history)
    ).flat()
    expect(events.filter(({ kind }) => kind === 'deliver').length).toBeGreaterThan(RUNS * 4)
    expect(events.filter(({ kind }) => kind === 'crash').length).toBeGreaterThan(RUNS / 2)
    expect(events.filter(({ kind }) => kind === 'restart')).toEqual([])
  })
})

test('best-effort broadcast promises no agreement: of a member that stops some hear what others never do', () => {
  const [stack] = textbookBroadcastStacks
  if (stack === undefined) throw new Error('no stack')
  const claims = { ...stack, name: 'best-effort-as-reliable', properties: [...stack.properties, 'totality'] }
  addStack(claims)
  const found = hunted(crashConfig(claims, 4), HUNT_RUNS, ({ violations }) => violations.length > 0)
  expect(found?.violations).toMatchObject([{ property: 'totality' }])
})

test('a payload that is too long is refused to who broadcasts it, at once', () => {
  const [stack] = textbookBroadcastStacks
  const env = { group: { ranks: [0] }, trigger() {} } as unknown as Parameters<BroadcastStack['build']>[0]
  const ports = { open: () => ({}) } as unknown as Parameters<BroadcastStack['build']>[1]
  const application = { deliver() {}, gap() {}, ready() {} }
  const built = stack?.build(env, ports, { payloadBytesMax: 3 }, application)
  const ask = (bytes: number) => () => built?.services.broadcast.broadcast(new Uint8Array(bytes))
  expect(ask(4)).toThrow('a payload has at most 3 bytes, not 4')
  expect(ask(3)).not.toThrow()
})
