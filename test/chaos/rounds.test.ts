/** What a campaign asks for: whatever the laboratory draws, counted on, of payloads that no two share. */
import { expect, it } from 'vitest'
import { type Ask, Rounds } from '../../chaos/rounds.ts'
import { findStack } from '../../src/catalogue/index.ts'
import type { ClusterPlan } from '../../src/cluster/plan.ts'
import { fromHex, toHex } from '../../src/core/bytes.ts'
import { commandOf } from '../../src/laboratory/abstractions/pair-commands.ts'
import type { Request } from '../../src/simulator/application.ts'
import { noTime } from './no-time.ts'

const planOf = (stack: string): ClusterPlan => ({
  members: 4,
  f: 1,
  stack: findStack(stack)!,
  byzantine: [],
  behaviour: undefined,
  correct: [0, 1, 2, 3],
  input: new Uint8Array(0),
  chunks: [],
  kill: false,
  beyondResilience: false,
  seed: 3
})

/** All that is asked for until so much was, in no time. */
async function asked(stack: string, count: number) {
  const pace = noTime()
  const requests: Request[] = []
  const payloads: string[] = []
  const enough = new AbortController()
  const ask: Ask = (request, payload) => {
    requests.push(request)
    payloads.push(toHex(payload))
    if (requests.length === count) enough.abort()
  }
  const rounds = new Rounds(planOf(stack), ask, pace)
  await rounds.askUntil(enough.signal)
  const askedMs = pace.now()
  await rounds.askLast()
  return { requests, payloads, last: requests.slice(count), waitedMs: pace.now() - askedMs }
}

it('each process is asked for one thing after the other, round after round, and no payload comes twice', async () => {
  const { requests, payloads, last } = await asked('perfect-links', 3000)
  expect(last).toEqual([])
  const numbers = new Map<number, number>()
  for (const { process, number } of requests) {
    expect(number).toBe((numbers.get(process) ?? 0) + 1)
    numbers.set(process, number)
  }
  // More than a payload's first bytes tell apart.
  expect(Math.max(...numbers.values())).toBeGreaterThan(256)
  expect(new Set(payloads).size).toBe(payloads.length)
})

it('no two commands of a replicated machine are alike: who executes one executes that', async () => {
  const { requests, payloads } = await asked('pbft', 3000)
  const commands = requests.flatMap((request, index) => {
    const [command] = commandOf(request, fromHex(payloads[index] ?? ''))
    return request.name === 'submit' ? [toHex(command as Uint8Array)] : []
  })
  expect(Math.max(...requests.map(({ number }) => number))).toBeGreaterThan(256)
  expect(new Set(commands).size).toBe(commands.length)
})

it('what is drawn for when all else is over is asked for then, each thing once, and so much later', async () => {
  const { requests, last, waitedMs } = await asked('leaderless-store', 500)
  const isOfMember = ({ process }: Request) => process < 4
  expect(requests.slice(0, 500).filter(isOfMember)).toEqual([])
  expect(last.length).toBeGreaterThanOrEqual(4)
  expect(last.filter(isOfMember)).toEqual(last)
  expect(new Set(last.map(({ process, arguments: given }) => `${process}/${given.key}`)).size).toBe(
    last.length
  )
  expect(waitedMs).toBeGreaterThan(10_000)
})
