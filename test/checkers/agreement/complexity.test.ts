/** Message complexity: what is said again for a reason passes; answers to answers are a storm. */
import { describe, expect, test } from 'vitest'
import { pbft } from '../../../src/catalogue/pbft.ts'
import { MessageComplexity } from '../../../src/checkers/agreement/complexity.ts'
import { judge } from '../../../src/laboratory/judge.ts'
import { seededRun } from '../../../src/laboratory/run-config.ts'
import { simulate } from '../../../src/simulator/simulation.ts'
import type { ReplicaStack } from '../../../src/stacks/stack.ts'
import { crashConfig } from '../../campaigns.ts'

const SAME = Uint8Array.of(1, 2, 3)
const STORM = 100
const LIAR = 3
/** Virtual time of a run. */
const UNTIL_US = 10_000_000

function judged(happens: (complexity: MessageComplexity, time: number) => void) {
  const details: string[] = []
  const complexity = new MessageComplexity({
    isLiar: (process) => process === LIAR,
    nameOf: (process) => `member ${process}`,
    tell: (detail) => details.push(detail)
  })
  for (let time = 0; time < STORM; time++) {
    happens(complexity, time)
    complexity.sent(1, 2, SAME.slice())
  }
  return details
}

describe('the same thing may be said again', () => {
  test.each<[why: string, happens: (complexity: MessageComplexity, time: number) => void]>([
    ['after a session', (complexity) => complexity.sessionStarted(1, 2)],
    ['after a timer', (complexity) => complexity.timerFired(1)],
    ['after a request', (complexity) => complexity.happened({ process: 1, kind: 'invoke' })],
    ['after a view, or a checkpoint', (complexity) => complexity.happened({ process: 1, kind: 'indicate' })],
    ['in a new life', (complexity) => complexity.happened({ process: 1, kind: 'restart' })],
    ['after news', (complexity, time) => complexity.received(1, 2, Uint8Array.of(time))]
  ])('%s', (_, happens) => expect(judged(happens)).toEqual([]))

  test('to a liar for whatever it says', () => {
    const details = judged((complexity) => {
      complexity.received(1, LIAR, SAME)
      complexity.sent(1, LIAR, SAME)
    })
    expect(details).toEqual(['member 1 told member 2 the same thing 3 times, for 1 reasons'])
  })
})

describe('the same thing may not be said again', () => {
  test.each<[why: string, happens: (complexity: MessageComplexity) => void]>([
    ['for nothing', () => {}],
    ['for what was heard before', (complexity) => complexity.received(1, 2, SAME)],
    ['for what another has heard', (complexity) => complexity.received(2, 1, SAME)],
    ['for a session with another', (complexity) => complexity.sessionStarted(1, 0)],
    ['for the timer of another', (complexity) => complexity.timerFired(2)],
    ['for a fault', (complexity) => complexity.happened({ process: 1, kind: 'fault' })]
  ])('%s', (_, happens) => expect(judged(happens)).toHaveLength(1))
})

/** Whoever is told how far another is says so in return. */
const answeringAnswers: ReplicaStack = {
  ...pbft,
  build(env, ports, options, application) {
    const open: typeof ports.open = (path, messages, indications, portOptions) => {
      const port = ports.open(
        path,
        messages,
        {
          ...indications,
          deliver(from, message) {
            indications.deliver(from, message)
            if ((message as { type?: string }).type === 'STATUS') port.answer(from, message)
          }
        },
        portOptions
      )
      return port
    }
    const noisy = Object.create(ports, { open: { value: open } }) as typeof ports
    return pbft.build(env, noisy, options, application)
  }
}

test('a storm of answers to answers falls, which breaks no other property', () => {
  const init = seededRun(crashConfig(pbft, 4), 2)
  const storm = simulate({ ...init, stack: answeringAnswers, untilUs: UNTIL_US })
  expect(judge(pbft.name, storm).map(({ property }) => property)).toEqual(['message complexity'])
  expect(judge(pbft.name, simulate({ ...init, untilUs: UNTIL_US }))).toEqual([])
})
