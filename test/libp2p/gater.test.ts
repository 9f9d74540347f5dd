/** Whom a node of the group alone lets in: its members, but those that are cut off. */
import type { MultiaddrConnection, PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { TypedEventEmitter } from 'main-event'
import { expect, onTestFinished, test, vi } from 'vitest'
import { AllowList, refuseCutOff } from '../../src/libp2p/gater.ts'
import { toPrivateKey } from '../../src/libp2p/identity.ts'
import type { ProcessEvents } from '../../src/libp2p/service.ts'

test('a node of the group alone lets in nobody who is cut off, until the time is over', () => {
  const peers = [0, 1]
    .map((rank) => toPrivateKey(new Uint8Array(32).fill(rank + 1)))
    .map(peerIdFromPrivateKey)
  const list = new AllowList(peers)
  const aborted: string[] = []
  const byzantine = new TypedEventEmitter<ProcessEvents>()
  const node = {
    services: { byzantine },
    getConnections: (peer: PeerId) => [{ abort: () => aborted.push(String(peer)) }]
  }
  refuseCutOff(node as unknown as Parameters<typeof refuseCutOff>[0], list, peers)
  const refused = () => peers.map((peer) => list.gater.denyInboundEncryptedConnection?.(peer, connection))
  const connection = { addEventListener() {} } as unknown as MultiaddrConnection
  expect(refused()).toEqual([false, false])
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  byzantine.safeDispatchEvent('cut-off', { detail: { process: 1, until: Date.now() + 300 } })
  expect(refused()).toEqual([false, true])
  expect(list.gater.denyDialPeer?.(peers[1]!)).toBe(true)
  expect(aborted).toEqual([String(peers[1])])
  vi.advanceTimersByTime(299)
  expect(list.gater.denyDialPeer?.(peers[1]!)).toBe(true)
  vi.advanceTimersByTime(1)
  expect(list.gater.denyDialPeer?.(peers[1]!)).toBe(false)
  expect(refused()).toEqual([false, false])
})
