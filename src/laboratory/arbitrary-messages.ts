/**
 * What a Byzantine process may send, as data that fast-check can draw and shrink: well-formed messages of every type
 * that a stack's ports declare, with values from where lies live (few ranks, few numbers, two payloads and their
 * digests). It signs nothing: a signature is bytes that verify for nobody.
 */
import fc, { type Arbitrary } from 'fast-check'
import { type Format, Wire } from '../adversary/wire.ts'
import { emptyEnvironment } from '../core/environments.ts'
import { createGroup } from '../core/group.ts'
import type { Message } from '../core/messages.ts'
import type { ShapeDescription } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { defaultBackend } from '../crypto/index.ts'
import { symbolicCrypto } from '../simulator/symbolic-crypto.ts'
import { openPorts } from '../stacks/paths.ts'
import { requireStack, type Setup } from './run-config.ts'

/** Numbers of broadcasts that lies are about. */
const SEQUENCE_MAX = 3
/** Longest byte string made up. */
const BYTES_MAX = 64
const LIST_MAX = 8

const PAYLOADS = [Uint8Array.of(0xaa), Uint8Array.of(0xbb)]
const DIGESTS = PAYLOADS.map((payload) => defaultBackend.sha256(payload))

/** Messages in their encoding, with the number of their port. */
export function messages(setup: Setup): Arbitrary<Uint8Array> {
  const wire = wireOf(setup)
  const encoded = wire.formats.map((format) =>
    messageOf(format, setup.members).map((message) => wire.write({ port: format.port, message }))
  )
  return encoded.length === 0 ? fc.uint8Array({ maxLength: BYTES_MAX }) : fc.oneof(...encoded)
}

function messageOf({ type, fields }: Format, members: number): Arbitrary<Message> {
  const values = Object.fromEntries(fields.map(([name, shape]) => [name, valueFor(name, shape, members)]))
  return fc.record(values).map((drawn) => ({ ...drawn, type }))
}

function valueFor(field: string, shape: ShapeDescription, members: number): Arbitrary<PlainValue> {
  switch (shape.kind) {
    case 'uint': {
      const usual = fc.nat({ max: Math.min(shape.max, shape.means === 'rank' ? members - 1 : SEQUENCE_MAX) })
      return fc.oneof({ arbitrary: usual, weight: 20 }, { arbitrary: fc.constant(shape.max), weight: 1 })
    }
    case 'bytes': {
      const known = [...PAYLOADS, ...DIGESTS].filter(
        ({ length }) => length >= shape.min && length <= shape.max
      )
      const maxLength = Math.max(shape.min, Math.min(shape.max, BYTES_MAX))
      const other = fc.uint8Array({ minLength: shape.min, maxLength })
      return known.length === 0
        ? other
        : fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 20 }, { arbitrary: other, weight: 1 })
    }
    case 'text':
      return fc.constant('byzantine'.slice(0, shape.max))
    case 'bool':
      return fc.boolean()
    case 'optional':
      return fc.option(valueFor(field, shape.of, members))
    case 'list':
      return fc.array(valueFor(field, shape.of, members), { maxLength: Math.min(shape.max, LIST_MAX) })
    case 'record':
      return fc.record(
        Object.fromEntries(shape.fields.map(([name, of]) => [name, valueFor(name, of, members)]))
      )
  }
}

function wireOf({ protocol, members, faults, options }: Setup): Wire {
  const publicKeys = Array.from({ length: members }, () => new Uint8Array(32))
  const group = createGroup({ id: new Uint8Array(32), f: faults, publicKeys })
  const crypto = symbolicCrypto(group, 0, defaultBackend.sha256)(0)
  const env = emptyEnvironment({ self: 0, incarnation: 1, fresh: true, group, crypto })
  return new Wire(openPorts(env, requireStack(protocol), options), group)
}
