/** Machines that are no functions of command and state are found out at the first command that shows it. */
import { describe, expect, it } from 'vitest'
import { replicated } from '../../src/catalogue/pbft.ts'
import { utf8 } from '../../src/core/bytes.ts'
import { nobleBackend } from '../../src/crypto/index.ts'

import { run } from '../../src/laboratory/run.ts'
import { addStack } from '../../src/laboratory/run-config.ts'
import { appliedTwice } from '../../src/program/applied-twice.ts'
import { KeyValueMachine } from '../../src/replication/key-value-machine.ts'
import { StateMap } from '../../src/replication/managed-state.ts'
import { applyCommand, type StateMachine } from '../../src/replication/state-machine.ts'
import { crashConfig } from '../campaigns.ts'

type Apply = StateMachine['apply']
type Context = Parameters<Apply>[1]
const KEY = utf8('k')
const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value)

/** In the zones of the trial a full hour is three quarters past one. */
const isElsewhere = () => new Date(1_599_998_400_000).getMinutes() === 45

/** What comes of commands, one after the other, on one state; a text where the member stops. */
function applied(make: () => StateMachine, ...commands: string[]) {
  const machine = appliedTwice(make)()
  const state = new StateMap(nobleBackend.sha256)
  const context = {
    state,
    client: new Uint8Array(32),
    sequence: 7,
    index: 0,
    timeMs: 0,
    random: new Uint8Array(32)
  }
  const outcomes = commands.map((command) => {
    try {
      const { kind, result } = applyCommand(machine, utf8(command), context)
      return `${kind} ${text(result)}`.trimEnd()
    } catch (error) {
      return String(error)
    }
  })
  return { outcomes, state }
}
const once = (apply: Apply) => applied(() => ({ apply }), 'a').outcomes[0]
const into =
  (value: (context: Context) => string): Apply =>
  (_, context) => {
    context.state.set(KEY, utf8(value(context)))
    return new Uint8Array()
  }

describe('a machine that is no function of command and state stops its member', () => {
  const SHOWN = /^MachineError: the machine failed at command 0 of batch 7, of client 0{64}: .*no function/
  it.each<[string, Apply]>([
    ['returns the time', () => utf8(`${Date.now()}`)],
    ['returns the date', () => utf8(`${new Date()}`)],
    ['returns the date as a text', () => utf8(Date())],
    ['returns a random number', () => utf8(`${Math.random()}`)],
    ['returns the hour here', () => utf8(`${new Date(0).getHours()}`)],
    ['stores the time', into(() => `${Date.now()}`)],
    [
      'stores by the zone',
      (command, { state }) => {
        if (isElsewhere()) state.set(KEY, command)
        return command
      }
    ],
    [
      'throws by the zone',
      (command) => {
        if (isElsewhere()) throw new Error('not here')
        return command
      }
    ]
  ])('%s', (_, apply) => expect(once(apply)).toMatch(SHOWN))

  it('keeps something outside its state, from the second command on', () => {
    const make = () => {
      let count = 0
      return { apply: into(() => `${count++}`) }
    }
    expect(applied(make, 'a', 'b').outcomes).toEqual(['result', expect.stringMatching(SHOWN)])
  })

  it('and the key is said, with both values', () => {
    const make = () => {
      let count = 0
      return { apply: into(() => `${count++}`) }
    }
    const [, second] = applied(make, 'a', 'b').outcomes
    expect(second).toContain('under the key 6b it leaves 30 once, and 31 once')
  })
})

describe('a machine that is one', () => {
  it('is applied as if it were alone: results, errors, what it leaves and takes away', () => {
    const apply: Apply = (command, { state }) => {
      const before = state.get(KEY)
      if (text(command) === 'throw') {
        state.set(utf8('lost'), command)
        throw new Error('no')
      }
      if (text(command) === 'delete') state.delete(KEY)
      else state.set(KEY, utf8(text(before) + text(command)))
      return utf8(
        [...state.range(new Uint8Array())].map(([key, value]) => `${text(key)}=${text(value)}`).join()
      )
    }
    const commands = ['a', 'throw', 'b', 'delete', 'c']
    const { outcomes, state } = applied(() => ({ apply }), ...commands)
    expect(outcomes).toEqual(['result k=a', 'error', 'result k=ab', 'result', 'result k=c'])
    expect(state.state().map(({ key, value }) => [text(key), text(value)])).toEqual([['k', 'c']])
  })

  it('finds clock, time zone and random numbers as they were', () => {
    const { random } = Math
    const { TZ } = process.env
    const before = [Date, random, TZ]
    once(() => utf8(''))
    once(() => {
      throw new Error('no')
    })
    expect([Date, Math.random, process.env.TZ]).toEqual(before)
  })

  it('may look at dates that it is given', () => {
    expect(once(() => utf8(new Date(86_400_000).toISOString()))).toBe('result 1970-01-02T00:00:00.000Z')
  })

  it('runs as it does alone: no property falls', () => {
    const twice = replicated(
      'key-values-applied-twice',
      appliedTwice(() => new KeyValueMachine())
    )
    addStack(twice)
    for (const seed of [1, 2, 3]) expect(run(crashConfig(twice, 4), seed).violations).toEqual([])
  })
})
