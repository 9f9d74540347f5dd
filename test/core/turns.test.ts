/** A turn: one input and all that it triggers, first in first out, as a whole or not at all. */
import { expect, test } from 'vitest'
import { TURN_EVENTS_MAX } from '../../src/core/process.ts'
import { immediateJournal, TestProcess } from './process-harness.ts'

test('events are handled in the order in which they were triggered, never re-entrantly', () => {
  const process = new TestProcess()
  const order: string[] = []
  process.input(() => {
    process.trigger(() => {
      order.push('a')
      process.trigger(() => order.push('a, later'))
      order.push('a ends')
    })
    process.trigger(() => order.push('b'))
    order.push('the input ends')
  })
  expect(order).toEqual(['the input ends', 'a', 'a ends', 'b', 'a, later'])
})

test('an input from within a turn is one more event of that turn', () => {
  const process = new TestProcess()
  const order: string[] = []
  process.input(() => {
    process.input(() => {
      order.push('inner')
      process.put('inner')
    })
    order.push('outer')
    process.put('outer')
  })
  expect(order).toEqual(['outer', 'inner'])
  expect(process.appended).toEqual([['outer', 'inner']])
  expect(process.counts.turns).toBe(1)
})

test('the writes of a turn form one batch, in the order of the calls', () => {
  const process = new TestProcess()
  process.input(() => {
    process.put('first')
    process.trigger(() => process.put('third'))
    process.put('second')
  })
  expect(process.appended).toEqual([['first', 'second', 'third']])
})

test('after a throw nothing of that turn leaves, and the process stops once', () => {
  const process = new TestProcess()
  let flushes = 0
  process.onTurnEnd(() => flushes++)
  const bug = new Error('a bug')
  process.input(() => {
    process.put('key')
    process.show('message')
    process.trigger(() => {
      throw bug
    })
    process.trigger(() => process.seen.push('handled after the throw'))
  })
  process.input(() => process.seen.push('handled after the stop'))
  expect(process.causes).toEqual([bug])
  expect(process.stopped).toBe(true)
  expect([process.appended, process.seen, flushes]).toEqual([[], [], 0])
  expect(process.counts.turns).toBe(1)
})

test('a throw takes with it what earlier turns held back', () => {
  const process = new TestProcess()
  process.turn('held back', 'key')
  process.turn('gathered', 'key 2')
  process.input(() => {
    throw new Error('a bug')
  })
  process.answer()
  expect(process.seen).toEqual([])
  expect(process.appended).toEqual([['key']])
  expect(process.causes).toHaveLength(1)
})

test('what is thrown without being an Error arrives as one', () => {
  const process = new TestProcess()
  process.input(() => {
    throw 'a text'
  })
  expect(process.causes).toEqual([new Error('a text')])
})

test.each<[string, (process: TestProcess) => void]>([
  ['an event', (process) => process.input(() => explode())],
  ['an effect', (process) => process.input(() => process.whenDurable(explode))],
  [
    'a flush',
    (process) => {
      process.onTurnEnd(explode)
      process.input(() => {})
    }
  ]
])('a throw out of %s stops the process, once', (_, misbehave) => {
  const process = new TestProcess()
  misbehave(process)
  misbehave(process)
  expect(process.causes).toEqual([new Error('a bug')])
})

test('once stopped from within a turn, nothing of that turn happens any more, and there is no cause', () => {
  const process = new TestProcess()
  process.onTurnEnd(() => process.seen.push('flush'))
  process.input(() => {
    process.put('before')
    process.show('before')
    process.trigger(() => process.seen.push('queued before'))
    process.stop()
    process.put('after')
    process.show('after')
    // Two of them: the stop has emptied the queue behind the event that is being handled.
    process.trigger(() => process.seen.push('queued after'))
    process.trigger(() => process.seen.push('queued after'))
  })
  expect([process.seen, process.appended, process.causes]).toEqual([[], [], []])
})

test('a throw after a stop has nobody to tell: the process had stopped already', () => {
  const process = new TestProcess()
  process.input(() => {
    process.stop()
    explode()
  })
  expect(process.causes).toEqual([])
})

test('an effect that stops the process is the last one', () => {
  const process = new TestProcess()
  process.input(() => {
    process.show('one')
    process.whenDurable(() => process.stop())
    process.show('two')
  })
  expect(process.seen).toEqual(['one'])
})

test('the bound stops a turn whose events trigger each other for ever', () => {
  const process = new TestProcess()
  let events = 0
  const again = () => {
    events++
    process.trigger(again)
  }
  process.input(again)
  expect(process.causes.map(String)).toEqual([expect.stringMatching(/AssertionError.*a turn ends within/)])
  expect(events).toBe(TURN_EVENTS_MAX)
})

test('the bound stops a turn whose effects are more than anybody can hold', () => {
  const process = new TestProcess()
  let effects = 0
  const again = () => {
    for (let i = 0; i < 1000; i++) process.whenDurable(() => effects++)
    process.trigger(again)
  }
  process.input(again)
  expect(process.causes.map(String)).toEqual([expect.stringMatching(/a turn ends within \d+ effects/)])
  expect(effects).toBe(0)
})

test.each<[string, (process: TestProcess, again: () => void) => void]>([
  ['effects', (process, again) => process.whenDurable(() => process.trigger(again))],
  [
    'batches that are durable at once',
    (process, again) => {
      process.put('key')
      process.whenDurable(() => process.trigger(again))
    }
  ]
])('the bound stops a turn that goes on for ever through %s', (_, step) => {
  const process = new TestProcess({
    // The harness records batches; here there are too many to keep.
    append(_writes, done) {
      process.appended.length = 0
      done()
    }
  })
  let rounds = 0
  const again = () => {
    rounds++
    step(process, again)
  }
  process.input(again)
  expect(rounds).toBeLessThanOrEqual(TURN_EVENTS_MAX)
  expect(process.causes.map(String)).toEqual([expect.stringMatching(/AssertionError.*a turn ends within/)])
})

test('onTurnEnd comes after the effects of the turn, at the end of every turn', () => {
  const process = new TestProcess(immediateJournal)
  process.onTurnEnd(() => process.seen.push('flush'))
  process.turn('a', 'key')
  process.turn('b')
  process.input(() => {})
  expect(process.seen).toEqual(['a', 'flush', 'b', 'flush', 'flush'])
})

test('what a flush triggers belongs to its turn, and is flushed too', () => {
  const process = new TestProcess()
  let overflows = 1
  process.onTurnEnd(() => {
    process.seen.push('flush')
    if (overflows-- > 0) process.input(() => process.show('session ended'))
  })
  process.turn('a')
  expect(process.seen).toEqual(['a', 'flush', 'session ended', 'flush'])
  expect(process.counts.turns).toBe(1)
})

function explode(): never {
  throw new Error('a bug')
}
