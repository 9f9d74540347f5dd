import { describe, expect, it } from 'vitest'
import { type Delivery, DeliveryLog } from '../../src/broadcast/delivery-log.ts'
import { BroadcastSolo, payload } from './solo.ts'

function log(disk?: Map<string, Uint8Array>) {
  const given: Delivery[] = []
  const acknowledged: string[] = []
  const p = new BroadcastSolo(
    4,
    0,
    (env) => new DeliveryLog(env, 'log', { deliver: (one) => given.push(one) }),
    disk
  )
  p.component.attach({ acknowledge: (sender, sequence) => acknowledged.push(`${sender}/${sequence}`) })
  return { p, given, acknowledged }
}
type L = ReturnType<typeof log>

const deliver = ({ p }: L, sender: number, sequence: number) =>
  p.do((component) => component.indications.deliver(sender, sequence, payload(`${sender}/${sequence}`)))
const names = ({ given }: L) =>
  given.map(
    (one) =>
      `${one.position}: ${one.sender}/${one.type === 'gap' ? `gap ${one.from}-${one.to}` : one.sequence}`
  )

describe('the delivery log', () => {
  it('hands deliveries and gaps on under consecutive positions', () => {
    const l = log()
    deliver(l, 1, 0)
    l.p.do((component) => component.indications.gap(2, 0, 9))
    deliver(l, 1, 1)
    expect(names(l)).toEqual(['0: 1/0', '1: 2/gap 0-9', '2: 1/1'])
  })

  it('acknowledging a position acknowledges everything up to it below, and forgets it', () => {
    const l = log()
    for (const sequence of [0, 1, 2]) deliver(l, 1, sequence)
    l.p.do((component) => component.acknowledge(1))
    expect(l.acknowledged).toEqual(['1/0', '1/1'])
    expect(l.p.component.acknowledged).toBe(2)
    expect([...l.p.disk.keys()].filter((key) => key.includes('entry'))).toHaveLength(1)
    l.p.do((component) => component.acknowledge(0)) // again: nothing
    expect(l.acknowledged).toHaveLength(2)
  })

  it('refuses to acknowledge what was not delivered', () => {
    const l = log()
    expect(() => l.p.component.acknowledge(0)).toThrow(
      expect.objectContaining({ name: 'InvalidParametersError' })
    )
  })

  it('after a restart gives what was not acknowledged again, under the same positions and in the same order', () => {
    const first = log()
    deliver(first, 1, 0)
    deliver(first, 2, 0)
    first.p.do((component) => component.indications.gap(3, 4, 6))
    deliver(first, 1, 1)
    first.p.do((component) => component.acknowledge(0))

    const second = log(first.p.disk)
    second.p.do((component) => component.restore())
    // Below, deliveries come again sorted by sender, and a new one before the old ones are through.
    deliver(second, 1, 1)
    deliver(second, 3, 6)
    expect(names(second)).toEqual([])
    deliver(second, 2, 0)
    expect(names(second)).toEqual(['1: 2/0', '2: 3/gap 4-6', '3: 1/1', '4: 3/6'])
  })

  it('a gap that was not acknowledged is told again after a restart', () => {
    const first = log()
    first.p.do((component) => component.indications.gap(3, 4, 6))
    const second = log(first.p.disk)
    second.p.do((component) => component.restore())
    expect(names(second)).toEqual(['0: 3/gap 4-6'])
  })
})
