/** Every stack over real libp2p, at n = 4, 5, 6 and 7: never at 4 alone, where all quorums are of one size. */
import { describe, expect, test } from 'vitest'
import { broadcastStacks } from '../../src/stacks/index.ts'
import {
  allReady,
  broadcastAll,
  collect,
  described,
  found,
  serviceOf,
  startGroup
} from './service-support.ts'
import { until } from './transport-support.ts'

const BROADCASTS = 20
const sizes = [4, 5, 6, 7]
const cases = broadcastStacks.flatMap(({ name }) => sizes.map((n) => [name, n] as const))

describe.each(cases)('%s among %i members', (stack, n) => {
  test('delivers all that is broadcast to all, once, and names nobody', async () => {
    const nodes = await startGroup(await found(n), () => ({ stack }))
    const logs = nodes.map((node) => collect(serviceOf(node)))
    await allReady(nodes)
    const expected = await broadcastAll(nodes, BROADCASTS)
    await until('all is delivered', () => logs.every((log) => log.length >= expected.length))
    for (const log of logs) expect(described(log)).toEqual(expected)
    for (const node of nodes) expect(serviceOf(node).faults).toEqual([])
  })
})
