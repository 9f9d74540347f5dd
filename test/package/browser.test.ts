/**
 * `byzkit/protocols` and `byzkit/crypto` run where there is no Node: bundled for a browser, with no Node built-in
 * left, and evaluated in a bare context.
 */
import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { type BuildResult, build } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A program of somebody who uses both entries in a browser. Its result is plain text: it comes out of another realm. */
const program = `
  import { bytes, defineMessages, fromHex, toHex, uint } from './src/protocols.ts'
  import { defaultBackend, nodeBackend } from './src/crypto/index.ts'

  const messages = defineMessages({ SEND: [0, { sequence: uint(), payload: bytes(100) }] })
  const { publicKey, sign, verify } = defaultBackend

  export function encode(sequence, payload) {
    return toHex(messages.encode({ type: 'SEND', sequence, payload: fromHex(payload) }))
  }

  export function decode(encoded) {
    const message = messages.decode(fromHex(encoded))
    return message && [message.type, message.sequence, toHex(message.payload)].join(' ')
  }

  export function signed(seed, message) {
    return toHex(sign(fromHex(seed), fromHex(message)))
  }

  export function verified(seed, message, signature) {
    return String(verify(publicKey(fromHex(seed)), fromHex(message), fromHex(signature)))
  }

  // All of it, whether this program uses it or not.
  export * as protocols from './src/protocols.ts'
  export * as crypto from './src/crypto/index.ts'

  export const backends = [defaultBackend.name, String(nodeBackend)].join(' ')
`

interface Program {
  encode(sequence: number, payload: string): string
  decode(encoded: string): string | undefined
  signed(seed: string, message: string): string
  verified(seed: string, message: string, signature: string): string
  readonly backends: string
}

/** RFC 8032, section 7.1, test 2. */
const rfc8032 = {
  seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
  message: '72',
  signature:
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
    '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'
}

function bundle(
  contents: string,
  conditions: readonly string[]
): Promise<BuildResult<{ metafile: true; write: false }>> {
  return build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    // It adds the condition `browser`, and refuses what only Node has.
    platform: 'browser',
    conditions: [...conditions],
    format: 'iife',
    globalName: 'program',
    metafile: true,
    write: false,
    logLevel: 'silent'
  })
}

describe.each([
  ['from source', ['byzkit-source'], program],
  ['as published', [], program.replaceAll('./src/', './dist/').replaceAll(".ts'", ".js'")]
])('%s', (_, conditions, contents) => {
  let code: string
  let inputs: readonly string[]
  let bare: Program

  beforeAll(async () => {
    const result = await bundle(contents, conditions)
    inputs = Object.keys(result.metafile.inputs)
    code = result.outputFiles[0]?.text ?? ''
    bare = runInContext(`${realm}; ${code}; program`, createContext({ encodeUtf8, TextDecoder }))
  })

  test('no Node built-in is left, and the browser condition has won', () => {
    expect(inputs.filter((input) => input.includes('node:'))).toEqual([])
    expect(inputs.some((input) => /node-backend\.browser\.[jt]s$/.test(input))).toBe(true)
    expect(inputs.some((input) => /node-backend\.[jt]s$|encrypted-key\.[jt]s$/.test(input))).toBe(false)
    expect(code).not.toMatch(/\brequire\(|["']node:/)
  })

  test('in a bare context: signs as RFC 8032 does, and verifies', () => {
    const { seed, message, signature } = rfc8032
    expect(bare.backends).toBe('noble undefined')
    expect(bare.signed(seed, message)).toBe(signature)
    expect(bare.verified(seed, message, signature)).toBe('true')
    expect(bare.verified(seed, '73', signature)).toBe('false')
  })

  test('in a bare context: encodes and decodes a message', () => {
    expect(bare.encode(500, 'c0ffee')).toBe('83' + '00' + '1901f4' + '43c0ffee')
    expect(bare.decode('83001901f443c0ffee')).toBe('SEND 500 c0ffee')
    expect(bare.decode('83001901f443c0ff')).toBeUndefined()
  })
})

test('the check sees a Node built-in', async () => {
  await expect(bundle("import { readFileSync } from 'node:fs'; readFileSync('/')", [])).rejects.toThrow(
    /node:fs/
  )
})

/** A bare context has the language alone. Of what every browser has besides, this is all that is needed. */
const encodeUtf8 = (text: string): readonly number[] => [...new TextEncoder().encode(text)]
const realm = 'globalThis.TextEncoder = class { encode(text) { return Uint8Array.from(encodeUtf8(text)) } }'
