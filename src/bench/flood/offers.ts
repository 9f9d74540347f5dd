/** What is offered of each kind, as batches for frames. */

import { windowMessages } from '../../broadcast/windows.ts'
import { concatBytes } from '../../core/bytes.ts'
import type { Environment } from '../../core/environment.ts'
import { publicKeyOf } from '../../core/group.ts'
import { BodyTree, encodeReference } from '../../exchange/body.ts'
import { storageMessages } from '../../registers/authenticated-storage.ts'
import { LIST_ENTRIES_MAX } from '../../registers/constants.ts'
import { type RegisterId, soleWriter } from '../../registers/register.ts'
import { registerBodyMessages } from '../../registers/register-bodies.ts'
import { CONTENT, type SignedValue, ValueSigner } from '../../registers/signed-value.ts'
import { type Batch, batchLength, batchOf } from './batch.ts'
import { FLOODED, type FloodKind, floodedBody } from './kinds.ts'

/** Gives the batch for the next frame of a link that has written so many before. */
export type Offer = (written: number) => Batch

export interface OfferInit {
  readonly env: Environment
  /** The ports of the stack, by number. */
  readonly paths: readonly string[]
  /** The correct client, whose registers are asked for. */
  readonly victim: Uint8Array
  /** A key that is nobody's in the group. */
  readonly stranger: Uint8Array
}

const REGISTERS = 'authenticated-data'
const BODIES = 'key-value-store/bodies'
const STORAGE = 'key-value-store/storage'
const WINDOWS = '/windows'

/** Signing costs an attacker as well: batches are kept, and so few of them are made. */
const REFERENCES_A_BATCH = 256
const REFERENCE_BATCHES = 64

/** Handshakes are no messages: see {@link RawLink.writeHandshake}. */
export function offerOf(kind: Exclude<FloodKind, 'INIT'>, init: OfferInit): Offer {
  const { env, victim, stranger } = init
  const own = publicKeyOf(env.group, env.self) ?? stranger
  switch (kind) {
    case 'malformed':
      return always(() => on(init, REGISTERS, Uint8Array.of(0x80, 0x00)))
    case 'unknown writer':
      return unlikeEachOther(init, soleWriter(stranger, 'x'))
    case 'bad signature':
      return unlikeEachOther(init, soleWriter(own, 'x'))
    case 'STATUS': {
      const status = windowMessages.encode({ type: 'STATUS', bases: env.group.ranks.map(() => 0) })
      return always(() => on(init, WINDOWS, status))
    }
    case 'READ of 64 KiB':
      return always((call) =>
        on(
          init,
          REGISTERS,
          storageMessages.encode({
            type: 'READ',
            call: asked(init, call),
            register: soleWriter(victim, FLOODED.register)
          })
        )
      )
    case 'LIST':
      return always((call) =>
        on(
          init,
          STORAGE,
          storageMessages.encode({
            type: 'LIST',
            call: asked(init, call),
            writers: [victim],
            after: null,
            limit: LIST_ENTRIES_MAX
          })
        )
      )
    case 'references without bodies':
      return references(init, soleWriter(own, 'reference'))
    case 'FETCH': {
      const { root } = new BodyTree(env.crypto.hash, floodedBody()).reference
      const register = soleWriter(victim, FLOODED.key)
      return always((transfer) =>
        on(
          init,
          BODIES,
          registerBodyMessages.encode({
            type: 'FETCH',
            transfer: asked(init, transfer),
            subject: register,
            root,
            index: transfer % 4
          })
        )
      )
    }
  }
}

/** What a question is headed by. */
const asked = ({ env }: OfferInit, number: number) => ({ life: env.incarnation, number })

/** A message on the port whose path ends like this. */
function on({ paths }: OfferInit, path: string, message: Uint8Array): Uint8Array {
  const port = paths.findIndex((known) => known === path || known.endsWith(path))
  if (port < 0) throw new Error(`no port ${path} among ${paths.join(', ')}`)
  return concatBytes(Uint8Array.of(port), message)
}

/** One batch for all frames. */
function always(message: (number: number) => Uint8Array): Offer {
  const length = batchLength(message(0x1_00_00).length)
  const batch = batchOf(Array.from({ length }, (_, i) => message(1 + i)))
  return () => batch
}

/** Writes with signatures that nobody made, no two of them the same: none has been judged before. */
function unlikeEachOther(init: OfferInit, register: RegisterId): Offer {
  const signature = init.env.random.bytes(64)
  // Below the order of the curve, so that it has to be verified to be refused.
  signature[63] = (signature[63] ?? 0) & 0x0f
  const value: SignedValue = {
    timestamp: 1,
    writer: 0,
    content: CONTENT.value,
    value: new Uint8Array(0),
    signature
  }
  const message = on(
    init,
    REGISTERS,
    storageMessages.encode({ type: 'WRITE', call: asked(init, 1), register, value })
  )
  const length = batchLength(message.length)
  const batch = batchOf(Array.from({ length }, () => message))
  const stride = (batch.list.length - (length < 0x1_00 ? 2 : 3)) / length
  const view = new DataView(batch.list.buffer, batch.list.byteOffset)
  let made = 0
  return () => {
    // The signature is the last of a message, and this its first bytes.
    for (let end = batch.list.length; end > stride; end -= stride) view.setUint32(end - 64, ++made)
    return batch
  }
}

/** Values that stand for bodies that nobody has, signed by their writer, each newer than the one before. */
function references(init: OfferInit, register: RegisterId): Offer {
  const { env } = init
  const signer = new ValueSigner(env, STORAGE, {})
  let timestamp = 0
  const pool: Batch[] = []
  const make = (): Batch =>
    batchOf(
      Array.from({ length: REFERENCES_A_BATCH }, () => {
        const reference = { size: 64 * 1024 * 1024, root: env.random.bytes(32) }
        const value = signer.sign(register, {
          timestamp: ++timestamp,
          writer: 0,
          content: CONTENT.body,
          value: encodeReference(reference)
        })
        return on(
          init,
          STORAGE,
          storageMessages.encode({ type: 'WRITE', call: asked(init, timestamp), register, value })
        )
      })
    )
  return (written) => {
    const index = written % REFERENCE_BATCHES
    const batch = pool[index] ?? make()
    pool[index] = batch
    return batch
  }
}
