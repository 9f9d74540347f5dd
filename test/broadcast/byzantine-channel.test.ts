import { describe, expect, it } from 'vitest'
import { ByzantineChannel, type ChannelBroadcast } from '../../src/broadcast/byzantine-channel.ts'
import { BroadcastSolo, payload } from './solo.ts'

/** A channel over a broadcast that the test plays. */
function channel(bases: number[] = [0, 0, 0, 0], undelivered = bases) {
  const acknowledged: [number, number][] = []
  const below: ChannelBroadcast = {
    broadcast: () => 7,
    acknowledge: (...args) => acknowledged.push(args),
    base: (sender) => bases[sender] ?? 0,
    undelivered: (sender) => undelivered[sender] ?? 0
  }
  const p = new BroadcastSolo(4, 0, (env, _, up) => {
    const made = new ByzantineChannel(env, 'channel', up)
    made.attach(below)
    return made
  })
  return { p, lower: p.component.indications, acknowledged }
}

const labels = ({ p }: ReturnType<typeof channel>) =>
  p.delivered.map(({ sender, sequence }) => [sender, sequence])

describe('Algorithms 3.19 and 3.20, Byzantine channels', () => {
  it('FIFO delivery: labels of one sender in ascending order, whatever the order below', () => {
    const c = channel()
    c.p.do(() => {
      for (const sequence of [2, 0, 3, 1]) c.lower.deliver(1, sequence, payload(`${sequence}`))
    })
    expect(labels(c)).toEqual([
      [1, 0],
      [1, 1],
      [1, 2],
      [1, 3]
    ])
  })

  it('a hole of one sender holds back nobody else', () => {
    const c = channel()
    c.p.do(() => {
      c.lower.deliver(1, 1, payload('early'))
      c.lower.deliver(2, 0, payload('on time'))
    })
    expect(labels(c)).toEqual([[2, 0]])
  })

  it('a gap is passed on in its place in the order', () => {
    const c = channel()
    c.p.do(() => {
      c.lower.gap(1, 1, 5)
      c.lower.deliver(1, 5, payload('after'))
    })
    expect(c.p.gaps).toEqual([])
    c.p.do(() => c.lower.deliver(1, 0, payload('before')))
    expect(labels(c)).toEqual([
      [1, 0],
      [1, 5]
    ])
    expect(c.p.gaps).toEqual([[1, 1, 5]])
  })

  it('after a restart it goes on above what was acknowledged, though the base below waits for others', () => {
    const c = channel([0, 4, 0, 0], [0, 6, 0, 0])
    c.p.do(() => {
      c.lower.gap(1, 6, 8)
      c.lower.deliver(1, 8, payload('next'))
    })
    expect(c.p.gaps).toEqual([[1, 6, 8]])
    expect(labels(c)).toEqual([[1, 8]])
  })

  it('after a restart it goes on at the base of the broadcast below', () => {
    const c = channel([0, 4, 0, 0])
    c.p.do(() => {
      c.lower.deliver(1, 5, payload('later'))
      c.lower.deliver(1, 4, payload('next'))
    })
    expect(labels(c)).toEqual([
      [1, 4],
      [1, 5]
    ])
  })

  it('requests and acknowledgements go down, ready comes up', () => {
    const c = channel()
    expect(c.p.component.broadcast(payload('m'))).toBe(7)
    c.p.do((component) => component.acknowledge(1, 3))
    expect(c.acknowledged).toEqual([[1, 3]])
    c.p.do(() => c.lower.ready())
    expect(c.p.ready).toBe(1)
  })
})
