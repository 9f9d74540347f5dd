/** How far a body that is offered has come, as its writer tells it. */
import { expect, test } from 'vitest'
import { defaultBackend } from '../../src/crypto/index.ts'
import { BodyTree } from '../../src/exchange/body.ts'
import { CHUNK_BYTES } from '../../src/exchange/constants.ts'
import { soleWriter } from '../../src/registers/register.ts'
import type { RegisterBodies } from '../../src/registers/register-bodies.ts'
import { WrittenBodies } from '../../src/registers/written-bodies.ts'
import { KeyValueGroup } from './key-value-group.ts'

test('is told by what a quorum of members has asked for; clients and repetitions are nothing to it', () => {
  const group = new KeyValueGroup()
  let hold: Parameters<RegisterBodies['hold']>[0] | undefined
  const nothing = () => {}
  const store = { put: nothing, delete: nothing, read: nothing, restored: () => [] }
  const bodies = { hold: (holder: typeof hold) => (hold = holder) } as unknown as RegisterBodies
  const written = new WrittenBodies(group.at(4).env, store, bodies)
  const { reference } = new BodyTree(defaultBackend.sha256, new Uint8Array(2 * CHUNK_BYTES + 1))
  const register = soleWriter(group.key(), 'x')
  const told: number[] = []
  written.offer(register, reference, (bytes, total) => {
    expect(total).toBe(reference.size)
    told.push(bytes)
  })
  const ask = (from: number, chunk: number) =>
    expect(hold?.(register, reference.root, chunk, from, nothing)).toBe(true)
  // Two members, and both clients as often as they like.
  for (const from of [0, 1, 4, 5, 4, 5]) ask(from, 0)
  expect(told).toEqual([])
  ask(2, 0)
  for (const chunk of [1, 2, 2, 2]) for (const from of [0, 1, 3]) ask(from, chunk)
  expect(told).toEqual([CHUNK_BYTES, 2 * CHUNK_BYTES, reference.size])
})
