import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../../src/core/bytes.ts'
import { encodeFrames, FrameDecoder, listFrames } from '../../src/libp2p/transport-framing.ts'

function decoding(frameBytesMax = 1000) {
  const frames: Uint8Array[] = []
  const violations: string[] = []
  const decoder = new FrameDecoder({
    frameBytesMax,
    frame: (bytes) => frames.push(bytes.slice()),
    violation: (what) => violations.push(what)
  })
  return { decoder, frames, violations }
}

describe('frames on a byte stream', () => {
  test('come out as they went in, however the stream is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 1000 }), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 50 }),
        (sent, cuts) => {
          const { decoder, frames, violations } = decoding()
          const stream = encodeFrames(sent)
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = cuts[i % cuts.length]!
            decoder.push(stream.subarray(at, at + size))
            at += size
          }
          expect(frames).toEqual(sent)
          expect(violations).toEqual([])
        }
      )
    )
  })

  test('are the same bytes in pieces that are not copied', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 }), (sent) => {
        const pieces = [...listFrames(sent)]
        expect(concatBytes(...pieces)).toEqual(encodeFrames(sent))
        expect(pieces.filter((_, i) => i % 2 === 1).every((piece, i) => piece === sent[i])).toBe(true)
      })
    )
  })

  test('of any bytes whatever are frames within the bound or one violation, and never a throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
        const { decoder, frames, violations } = decoding(50)
        for (const piece of pieces) decoder.push(piece)
        expect(violations.length).toBeLessThanOrEqual(1)
        expect(frames.every(({ length }) => length > 0 && length <= 50)).toBe(true)
      })
    )
  })

  test.each([
    ['one more than the bound', [0x80 | 0x69, 0x07], 'frame too long'],
    ['4 GiB', [0x80, 0x80, 0x80, 0x80, 0x10], 'frame too long'],
    ['more bytes than a length has', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80], 'frame too long'],
    ['not the shortest form', [0x81, 0x00], 'length not in shortest form']
  ])('a length of %s is a violation before anything is buffered', (_, bytes, what) => {
    const { decoder, frames, violations } = decoding()
    for (const byte of bytes) decoder.push(Uint8Array.of(byte))
    decoder.push(encodeFrames([Uint8Array.of(1)]))
    expect(violations).toEqual([what])
    expect(frames).toEqual([])
  })

  test('the bound itself is allowed', () => {
    const { decoder, frames } = decoding()
    decoder.push(encodeFrames([new Uint8Array(1000)]))
    expect(frames.map(({ length }) => length)).toEqual([1000])
  })

  test('an announced frame takes as much memory as has come of it, not as was announced', () => {
    const before = process.memoryUsage().arrayBuffers
    const decoders = Array.from({ length: 1000 }, () => {
      const { decoder } = decoding(2 * 1024 * 1024)
      decoder.push(Uint8Array.of(0xff, 0xff, 0x7f, 1, 2, 3))
      return decoder
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10 * 1024 * 1024)
    expect(decoders.length).toBe(1000)
  })

  test('an empty frame is a sign of life and nothing else', () => {
    const { decoder, frames, violations } = decoding()
    decoder.push(encodeFrames([new Uint8Array(0), Uint8Array.of(7), new Uint8Array(0)]))
    expect(frames).toEqual([Uint8Array.of(7)])
    expect(violations).toEqual([])
  })
})
