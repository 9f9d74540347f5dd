/** Durable before visible: effects wait for every write issued up to and including their turn. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Journal } from '../../src/core/process.ts'
import { immediateJournal, TestProcess } from './process-harness.ts'

test('an effect waits until the batch of its turn is durable', () => {
  const process = new TestProcess()
  process.turn('message', 'vote')
  expect(process.seen).toEqual([])
  process.answer()
  expect(process.seen).toEqual(['message'])
})

test('without a write, and with nothing in flight, effects run in their own turn', () => {
  const process = new TestProcess()
  process.turn('message')
  expect(process.seen).toEqual(['message'])
  expect(process.appended).toEqual([])
})

test('a write without effects is committed all the same', () => {
  const process = new TestProcess()
  process.input(() => process.put('vote'))
  expect(process.appended).toEqual([['vote']])
})

test('a turn that writes nothing waits behind the batch in flight', () => {
  const process = new TestProcess()
  process.turn('first', 'vote')
  process.turn('reads what the first wrote')
  expect(process.seen).toEqual([])
  process.answer()
  while (process.inFlight.length > 0) process.answer()
  expect(process.seen).toEqual(['first', 'reads what the first wrote'])
})

test('group commit: one batch is in flight while the turns behind it gather into the next', () => {
  const process = new TestProcess()
  process.turn('a', '1')
  process.turn('b', '2')
  process.turn('c', '3')
  process.turn('d')
  expect(process.appended).toEqual([['1']])
  process.answer()
  expect(process.seen).toEqual(['a'])
  expect(process.appended).toEqual([['1'], ['2', '3']])
  process.answer()
  expect(process.seen).toEqual(['a', 'b', 'c', 'd'])
  expect(process.counts).toMatchObject({ commits: 2, writes: 3 })
})

test('a batch of effects alone is none that was made durable', () => {
  const process = new TestProcess()
  process.turn('a', '1')
  process.turn('b')
  process.answer()
  process.answer()
  expect(process.seen).toEqual(['a', 'b'])
  expect(process.counts).toMatchObject({ commits: 1, writes: 1 })
})

test('the next batch leaves before the effects of this one run', () => {
  const process = new TestProcess()
  const batchesAppended: number[] = []
  process.input(() => {
    process.put('1')
    process.whenDurable(() => batchesAppended.push(process.appended.length))
  })
  process.turn('next', '2')
  process.answer()
  expect(batchesAppended).toEqual([2])
})

test('what an effect triggers is a part of its turn, and waits for what that turn writes', () => {
  const process = new TestProcess()
  process.input(() => {
    process.put('1')
    process.whenDurable(() =>
      process.trigger(() => {
        process.put('2')
        process.show('after 2')
      })
    )
  })
  process.answer()
  expect(process.appended).toEqual([['1'], ['2']])
  expect(process.seen).toEqual([])
  process.answer()
  expect(process.seen).toEqual(['after 2'])
})

test('effects are in order even if the journal answers the next batch at once', () => {
  const later: (() => void)[] = []
  const journal: Journal = {
    // As a journal may that has nothing to do for an empty batch.
    append: (writes, done) => (writes.length === 0 ? done() : later.push(done))
  }
  const process = new TestProcess(journal)
  process.turn('first', 'vote')
  process.turn('second')
  later[0]!()
  expect(process.seen).toEqual(['first', 'second'])
})

test('a failed write is final: its effects never happen, nor those gathered behind it', () => {
  const process = new TestProcess()
  process.turn('a', '1')
  process.turn('b', '2')
  const full = new Error('no space left on device')
  process.answer(full)
  process.turn('c', '3')
  expect(process.causes).toEqual([full])
  expect(process.seen).toEqual([])
  expect(process.appended).toEqual([['1']])
})

test('a write that fails within its own turn ends that turn: no effect, no flush', () => {
  const process = new TestProcess({ append: (_writes, done) => done(new Error('no such disk')) })
  process.onTurnEnd(() => process.seen.push('flush'))
  process.turn('a', '1')
  expect(process.seen).toEqual([])
  expect(process.causes).toHaveLength(1)
})

test('an answer to a stopped process changes nothing', () => {
  const process = new TestProcess()
  process.turn('a', '1')
  process.turn('b', '2')
  process.stop()
  process.answer(new Error('closed'))
  expect([process.seen, process.causes, process.appended]).toEqual([[], [], [['1']]])
})

test('a journal that answers twice is told so', () => {
  const process = new TestProcess({
    append(_writes, done) {
      done()
      done()
    }
  })
  process.turn('a', '1')
  expect(process.causes.map(String)).toEqual([expect.stringContaining('a journal calls done once')])
})

test('with a journal that is durable at once, effects come in the turn itself', () => {
  const process = new TestProcess(immediateJournal)
  process.turn('a', '1')
  expect(process.seen).toEqual(['a'])
})

type Step = { do: 'turn'; writes: boolean } | { do: 'answer' }

test('whatever the journal does: effects in order, each after all writes up to its turn, one batch at a time', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant<'turn'>('turn'), writes: fc.boolean() }),
      fc.record({ do: fc.constant<'answer'>('answer') })
    ),
    { maxLength: 60 }
  )
  fc.assert(
    fc.property(steps, (script: Step[]) => {
      const process = new TestProcess()
      const durable: string[] = []
      const issued: string[] = []
      const shown: number[] = []
      const answer = () => {
        durable.push(...process.inFlight[0]!.writes.map(({ key }) => key))
        process.answer()
      }
      let turns = 0
      for (const step of script) {
        if (step.do === 'turn') {
          const turn = turns++
          if (step.writes) issued.push(`write of ${turn}`)
          const needed = [...issued]
          process.input(() => {
            if (step.writes) process.put(`write of ${turn}`)
            process.whenDurable(() => {
              expect(durable.slice(0, needed.length)).toEqual(needed)
              shown.push(turn)
            })
          })
        } else if (process.inFlight.length > 0) answer()
        expect(process.inFlight.length).toBeLessThanOrEqual(1)
      }
      while (process.inFlight.length > 0) answer()
      expect(process.causes).toEqual([])
      expect(durable).toEqual(issued)
      expect(shown).toEqual(Array.from({ length: turns }, (_, turn) => turn))
    })
  )
})
