/** What liars keep from doing, since it would tell on them and deceive nobody. */
import { expect, it } from 'vitest'
import { reporting } from '../../src/adversary/behaviour.ts'
import { findBehaviour } from '../../src/adversary/index.ts'
import { textOf, Wire } from '../../src/adversary/wire.ts'
import { doubleEcho } from '../../src/catalogue/double-echo.ts'
import type { Group } from '../../src/core/group.ts'
import { defineMessages } from '../../src/core/messages.ts'
import { bytes, uint } from '../../src/core/shapes.ts'
import { broadcastProtocol } from '../../src/laboratory/broadcast-protocol.ts'
import { addStack, type RunConfig, seededRun } from '../../src/laboratory/run-config.ts'
import { simulate } from '../../src/simulator/simulation.ts'
import type { Stack } from '../../src/stacks/stack.ts'
import { declaredPorts, testGroup } from '../architecture/declared.ts'

const RUNS = 10

interface Said {
  readonly by: number
  readonly to: number
  readonly run: number
  readonly bytes: Uint8Array
}

/** With as many liars as may be. */
function configOf(adversary: string, { name, resilience }: Stack, members: number): RunConfig {
  const faults = resilience.largest(members)
  const ideal = { links: 'ideal', crypto: 'symbolic' } as const
  return { protocol: name, members, faults, byzantine: faults, adversary, ...ideal }
}

/** All that liars send in some runs. */
function saidBy(config: RunConfig): readonly Said[] {
  return Array.from({ length: RUNS }, (_, run) => {
    const said: Said[] = []
    simulate({
      ...seededRun(config, run + 1),
      onAct: (_kind, by, _at, to, sent) => said.push({ by, to, run, bytes: sent })
    })
    return said
  }).flat()
}

it('a colluder votes for one content in an instance towards each member, whatever it hears that member vote for', () => {
  const wire = new Wire(declaredPorts(doubleEcho), testGroup)
  const votes = new Map<string, Set<string>>()
  for (const { by, to, run, bytes: sent } of saidBy(configOf('collude', doubleEcho, 7))) {
    const utterance = wire.read(sent)
    const instance = utterance && wire.instanceOf(utterance, by, to)
    const { role, content = '' } = (utterance && wire.roleOf(utterance)) ?? {}
    if (utterance === undefined || instance === undefined || role !== 'vote') continue
    const ballot = [run, by, to, utterance.message.type, ...instance.name].join('/')
    votes.set(ballot, (votes.get(ballot) ?? new Set()).add(textOf(utterance.message[content] ?? null)))
  }
  expect(votes.size).toBeGreaterThan(100)
  expect([...votes].filter(([, contents]) => contents.size > 1)).toEqual([])
})

/** Whose messages name nobody and are not signed: that some are of instances of others their roles alone tell. */
function greeting() {
  const leader = ([view = 0]: readonly number[], { n }: Group) => view % n
  const messages = defineMessages(
    {
      PROPOSE: [0, { view: uint(), value: bytes(4096) }],
      CLAIM: [1, { view: uint(), value: bytes(4096) }],
      HELLO: [2, { number: uint() }]
    },
    {
      PROPOSE: { role: 'proposal', instance: { of: leader, numbers: ['view'] }, content: 'value' },
      CLAIM: { role: 'proposal', instance: { of: 'speaker', numbers: ['view'] }, content: 'value' }
    }
  )
  return broadcastProtocol({
    name: 'greeting',
    properties: [],
    create(env, ports) {
      const port = ports.open('greeting', messages, { deliver() {}, resync() {} })
      return {
        broadcast(number, value) {
          port.sendAll({ type: 'PROPOSE', view: number * env.group.n + env.self, value })
          port.sendAll({ type: 'CLAIM', view: number, value })
          port.sendAll({ type: 'HELLO', number })
        }
      }
    }
  })
}

it('a forger makes up what speaks for others, known by whose the instance is, and no message of its own', () => {
  const forge = findBehaviour('forge')!
  const stack = greeting()
  addStack(stack)
  const acts: string[] = []
  for (let seed = 1; seed <= RUNS; seed++)
    simulate({
      ...seededRun(configOf('forge', stack, 4), seed),
      behaviour: reporting(forge, (act) => acts.push(act))
    })
  const forged = acts.filter((act) => act.startsWith('forged-'))
  expect(forged.length).toBeGreaterThan(20)
  expect(new Set(forged)).toEqual(new Set(['forged-PROPOSE']))
})
