/**
 * Every live behaviour of the adversary against real members: each of them once, and each stack; at length every stack at
 * every n from 4 to 7 meets one.
 */
import { describe, expect, test } from 'vitest'
import { behavioursAgainst } from '../../src/adversary/index.ts'
import { broadcastStacks } from '../../src/catalogue/index.ts'
import { utf8 } from '../../src/core/bytes.ts'
import { extent } from '../extent.ts'
import { until } from '../waiting.ts'
import {
  allReady,
  broadcastAll,
  collect,
  described,
  found,
  serviceOf,
  startGroup
} from './service-support.ts'

const BROADCASTS = 10
const live = behavioursAgainst({}).filter((behaviour) => behaviour.live)
const cases = broadcastStacks.flatMap(({ name }, i) =>
  [4, 5, 6, 7]
    .map((n, j) => [live[(4 * i + j) % live.length]!.name, name, n] as const)
    .filter((_, j) => extent(4 * i + j < live.length || j === i % 4, true))
)

describe.each(cases)('f members that %s under %s, n = %i', (name, stack, n) => {
  test('do not keep the correct ones from delivering the same, and no correct one is named', async () => {
    const founded = await found(n)
    const { f } = founded.group.genesis
    const behaviour = live.find((other) => other.name === name)!
    const isCorrect = (rank: number) => rank >= f
    const nodes = await startGroup(founded, (rank) => ({ stack, ...(isCorrect(rank) ? {} : { behaviour }) }))
    const correct = nodes.filter((_, rank) => isCorrect(rank))
    const logs = correct.map((node) => collect(serviceOf(node)))
    await allReady(correct)
    const liars = nodes.slice(0, f).map(serviceOf)
    for (const liar of liars) liar.broadcast(utf8('from a liar')).catch(() => {})
    const expected = await broadcastAll(correct, BROADCASTS)
    const ofCorrect = (log: (typeof logs)[number]) => log.filter(({ sender }) => isCorrect(sender))
    await until('all of the correct is delivered', () =>
      logs.every((log) => ofCorrect(log).length >= expected.length)
    )
    for (const log of logs) expect(described(ofCorrect(log))).toEqual(expected)
    // Consistency: what is delivered of a liar is the same wherever it is.
    const ofLiars = new Map<string, string>()
    for (const delivery of logs.flat()) {
      if (isCorrect(delivery.sender) || delivery.type === 'gap') continue
      const key = `${delivery.sender}/${delivery.sequence}`
      const payload = Buffer.from(delivery.payload).toString('hex')
      expect(ofLiars.get(key) ?? payload).toBe(payload)
      ofLiars.set(key, payload)
    }
    // A liar that fails tests nothing.
    for (const liar of liars) expect(liar.status()).toMatchObject({ state: 'running', behaviour: name })
    for (const node of correct) {
      for (const { fault } of serviceOf(node).faults) {
        if (isCorrect(fault.process)) expect(fault.certainty).toBe('suspected')
      }
    }
  })
})
