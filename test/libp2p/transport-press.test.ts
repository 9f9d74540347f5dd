/** A peer of whom no more is wanted for now is not read, and has to wait. */
import { describe, expect, it } from 'vitest'
import type { Libp2pTransport } from '../../src/libp2p/transport.ts'
import { until } from '../waiting.ts'
import { type Medium, type Member, makeGroup, makeNodes, untilConnected } from './transport-support.ts'

const BYTES = 32 * 1024
const MIB = 1024 * 1024
const COUNT = (32 * MIB) / BYTES
/** What a stream's window, and what else was on its way, may bring after the peer was pressed. */
const ON_ITS_WAY_BYTES_MAX = 4 * MIB

const frame = (number: number): Uint8Array => {
  const bytes = new Uint8Array(BYTES)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

const all = Array.from({ length: COUNT }, (_, i) => i)

/** Member 1 sends the same to member 0, which may have pressed it, and to member 2, which reads. */
async function group(medium: Medium) {
  const received: number[][] = [[], [], []]
  const members = await makeGroup(await makeNodes(3, medium), {
    limits: { writeBufferBytesMax: 2 * COUNT * BYTES },
    frame: (at, from, bytes) => {
      if (from === 1) received[at]!.push(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0))
    }
  })
  await untilConnected(members)
  const [victim, flooder] = members.map(({ transport }) => transport) as [Libp2pTransport, Libp2pTransport]
  const flood = async () => {
    for (const i of all) for (const to of [0, 2]) flooder.send(to, frame(i))
    await until('member 2 has all of it', () => received[2]!.length === COUNT)
  }
  return { members, victim, flooder, flood, received: received[0]! }
}

const times = ({ events }: Member, event: string) => events.filter((each) => each === event).length

describe.each<Medium>(['tcp', 'memory'])('over %s', (medium) => {
  it('what it sends waits at the peer, and all of it comes when it is wanted', async () => {
    const { victim, flooder, flood, received } = await group(medium)
    victim.press(1, true)
    await flood()
    expect(received.length * BYTES).toBeLessThan(ON_ITS_WAY_BYTES_MAX)
    victim.press(1, false)
    await until('all of it has come', () => received.length === COUNT)
    expect(received).toEqual(all)
    expect(flooder.framesLost).toBe(0)
  })

  it('over a new stream it is not read either', async () => {
    const { members, victim, flooder, flood, received } = await group(medium)
    victim.press(1, true)
    const before = times(members[0]!, 'connected 1')
    flooder.reset(0, 'a test')
    await until('there is a new stream', () => times(members[0]!, 'connected 1') > before)
    await until('at both ends', () => flooder.connectedPeers.length === 2)
    await flood()
    expect(received.length * BYTES).toBeLessThan(ON_ITS_WAY_BYTES_MAX)
  })

  it('control: who is not pressed is read', async () => {
    const { flood, received } = await group(medium)
    await flood()
    await until('all of it has come', () => received.length === COUNT)
  })
})
