/** What a chaos campaign is asked for: registers, unless a stack is named; wrong usage is said in one line. */
import { describe, expect, it } from 'vitest'
import { readCommand } from '../../chaos/plan.ts'

describe('without --stack it is the campaign on registers', () => {
  it('which runs for a minute, with eight readers, and must see so much', () => {
    expect(readCommand([])).toEqual({
      plan: {
        stack: undefined,
        seed: 1,
        seconds: 60,
        readers: 8,
        consistency: 'atomic',
        behaviour: 'perjure',
        required: { operations: 2000, overlapping: 200, outvoted: 20, kills: 6 }
      },
      seeds: 1,
      mutant: undefined,
      history: undefined,
      help: false
    })
  })

  it('a shorter one must see its share', () => {
    const { plan } = readCommand(['--seconds', '10', '--consistency', 'regular'])
    expect(plan).toMatchObject({
      consistency: 'regular',
      required: { operations: 333, overlapping: 33, outvoted: 3, kills: 1 }
    })
  })
})

it('with --stack it is of any stack, attacked by what shows on it unless something else is said', () => {
  const { plan } = readCommand(['--stack', 'leaderless-store', '--seconds', '30', '--seed', '7'])
  expect(plan).toMatchObject({
    stack: { name: 'leaderless-store' },
    behaviour: undefined,
    seed: 7,
    required: { operations: 10, kills: 3 }
  })
  expect(readCommand(['--stack', 'double-echo', '--behaviour', 'silent']).plan.behaviour).toBe('silent')
})

it.each([
  [['--stack', 'no-such'], /^--stack no-such: one of authenticated-echo, /],
  [['--stack', 'perfect-links', '--readers', '3'], '--readers is of the campaign on registers'],
  [['--stack', 'perfect-links', '--consistency', 'atomic'], '--consistency is of the campaign on registers'],
  [['--stack', 'perfect-links', '--behaviour', 'perjure'], 'and perfect-links has none: fail-silent'],
  [['--behaviour', 'collude'], '--behaviour collude: no behaviour of live groups'],
  [['--consistency', 'safe'], '--consistency safe: one of atomic, regular'],
  [['--seconds', '0'], '--seconds 0: a whole number from 1 on'],
  [['--seeds', '2', '--history', 'file'], '--history is of one seed'],
  [['--no-such'], /^Unknown option '--no-such'/]
])('%j is refused', (args, message) => {
  expect(() => readCommand(args)).toThrow(message)
})
