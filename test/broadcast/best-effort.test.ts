import { describe, expect, it } from 'vitest'
import { BestEffortBroadcast } from '../../src/broadcast/best-effort-broadcast.ts'
import { PAYLOAD_BYTES_MAX } from '../../src/broadcast/constants.ts'
import { BroadcastSolo, payload } from './solo.ts'

const m = payload('m')

function solo(self = 0) {
  const delivered: [number, Uint8Array][] = []
  const p = new BroadcastSolo(
    4,
    self,
    (env, ports) => new BestEffortBroadcast(env, 'beb', ports, { deliver: (...args) => delivered.push(args) })
  )
  return { p, delivered }
}

describe('Algorithm 3.1, basic broadcast', () => {
  it('validity: sends to all, and delivers to itself', () => {
    const { p, delivered } = solo()
    p.do((component) => component.broadcast(m))
    expect(p.sentOf('DATA').map(({ to }) => to)).toEqual([1, 2, 3])
    expect(delivered).toEqual([[0, m]])
  })

  it('no duplication and no creation: one delivery for each message, from the link it came over', () => {
    const { p, delivered } = solo()
    p.receive(2, 'beb', { type: 'DATA', payload: m })
    expect(delivered).toEqual([[2, m]])
  })

  it('refuses a payload that is too long', () => {
    const { p } = solo()
    expect(() => p.component.broadcast(new Uint8Array(PAYLOAD_BYTES_MAX + 1))).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError' })
    )
  })

  it('keeps no state', () => {
    const { p } = solo()
    for (let i = 0; i < 100; i++) p.receive(1, 'beb', { type: 'DATA', payload: m })
    expect(p.component.state()).toBeNull()
    expect(p.disk.size).toBe(0)
  })
})
