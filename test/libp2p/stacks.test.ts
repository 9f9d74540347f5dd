/**
 * Every stack over real libp2p, never at 4 alone, where all quorums are of one size: at n = 4 and 6, or at 5 and 7; at
 * length at all of them.
 */
import { describe, expect, test } from 'vitest'
import { broadcastStacks } from '../../src/catalogue/index.ts'
import { extent } from '../extent.ts'
import { until } from '../waiting.ts'
import {
  allReady,
  blamed,
  broadcastAll,
  collect,
  described,
  found,
  serviceOf,
  startGroup
} from './service-support.ts'

const BROADCASTS = 20
const sizes = [4, 5, 6, 7]
const cases = broadcastStacks.flatMap(({ name }, i) =>
  sizes.filter((n) => extent(n % 2 === i % 2, true)).map((n) => [name, n] as const)
)

describe.each(cases)('%s among %i members', (stack, n) => {
  test('delivers all that is broadcast to all, once, and names nobody', async () => {
    const nodes = await startGroup(await found(n), () => ({ stack }))
    const logs = nodes.map((node) => collect(serviceOf(node)))
    await allReady(nodes)
    const expected = await broadcastAll(nodes, BROADCASTS)
    await until('all is delivered', () => logs.every((log) => log.length >= expected.length))
    for (const log of logs) expect(described(log)).toEqual(expected)
    for (const node of nodes) expect(blamed(serviceOf(node))).toEqual([])
  })
})
