/**
 * References to bodies where values have no bodies: a faulty writer signs one, and a faulty member answers with it. No
 * member takes it, so a reader that did could not write it back, and would be named for trying.
 */
import { describe, expect, it } from 'vitest'
import { encodeReference } from '../../src/exchange/body.ts'
import { soleWriter } from '../../src/registers/register.ts'
import { CONTENT } from '../../src/registers/signed-value.ts'
import { answering, found, RegisterGroup } from './group.ts'

describe.each(['regular', 'atomic', 'shared'] as const)('%s', (kind) => {
  it('a reference where values have no bodies is no answer: the read returns, and the one who gave it is named', () => {
    const group = new RegisterGroup({ register: kind })
    const [writer, reader] = [group.client(0), group.client(1)]
    const register = soleWriter(group.publicKey(writer), 'register')
    const write = group.write(writer, register, 'a')
    group.run()
    expect(write.result).toMatchObject({ written: true })
    const value = encodeReference({ size: 100_000, root: new Uint8Array(32) })
    const signed = group
      .signer(writer)
      .sign(register, { timestamp: 2, writer: 0, content: CONTENT.body, value })
    group.lie(
      0,
      answering((answer) => ({ ...answer, value: signed }))
    )
    const read = group.read(reader, register)
    group.run()
    expect(found(read)).toBe('a')
    expect(group.accused).toEqual([0])
  })
})
