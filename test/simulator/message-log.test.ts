/** Messages of a traced run, from their sending to what became of them. */
import { expect, it } from 'vitest'
import { MessageLog } from '../../src/simulator/message-log.ts'
import type { TraceEvent } from '../../src/simulator/trace-sink.ts'

function follow(happens: (log: MessageLog) => void): string[] {
  const told: string[] = []
  const log = new MessageLog(
    [],
    () => 0,
    (event: TraceEvent) => {
      if ('id' in event) told.push(`${event.kind} ${event.id}`)
    }
  )
  happens(log)
  return told
}
const [a, b, c] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)] as const

it('a message has one name from its sending to its receipt; what was skipped was lost', () => {
  const told = follow((log) => {
    log.sent(0, 1, a)
    log.sent(0, 1, b)
    log.sent(0, 1, c)
    log.received(0, 1, b)
    log.received(0, 1, c)
  })
  expect(told).toEqual(['send 1', 'send 2', 'send 3', 'lost 1', 'receive 2', 'receive 3'])
})

it('what nobody was seen to send has a name of its own, and loses nothing', () => {
  const told = follow((log) => {
    log.sent(0, 1, a)
    log.received(0, 1, b)
    log.received(0, 1, a)
  })
  expect(told).toEqual(['send 1', 'receive 2', 'receive 1'])
})

it('an ended session loses what its end had sent, and nothing of the other end', () => {
  const told = follow((log) => {
    log.sent(0, 1, a)
    log.sent(1, 0, b)
    log.sessionEnded(0, 1, 'overflow')
    log.received(1, 0, b)
  })
  expect(told).toEqual(['send 1', 'send 2', 'lost 1', 'receive 2'])
})
