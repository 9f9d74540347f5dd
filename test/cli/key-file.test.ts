import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEMO_MARKER, formatKeyFile, readKeyFile } from '../../src/program/keys/key-file.ts'
import { temporaryFolder } from './support.ts'

const seed = new Uint8Array(32).fill(7)

async function keyFile(text: string, mode = 0o600): Promise<string> {
  const path = join(await temporaryFolder(), 'key.pem')
  await writeFile(path, text)
  await chmod(path, mode)
  return path
}

describe('a private key file', () => {
  it('is read as it was written, with explanations before the key', async () => {
    expect(await readKeyFile(await keyFile(formatKeyFile({ seed, demo: false })))).toEqual({
      seed,
      demo: false
    })
    const explained = `Member 3 of the group\nin Oslo\n${formatKeyFile({ seed, demo: false })}`
    expect(await readKeyFile(await keyFile(explained, 0o400))).toEqual({ seed, demo: false })
  })

  it('opens with its passphrase', async () => {
    const path = await keyFile(formatKeyFile({ seed, demo: false }, 'secret'))
    expect(await readKeyFile(path, 'secret')).toEqual({ seed, demo: false })
    await expect(readKeyFile(path, 'wrong')).rejects.toThrow(
      `key file ${path}: the private key does not open`
    )
    await expect(readKeyFile(path)).rejects.toThrow(
      `key file ${path}: protected by a passphrase: give --passphrase-file or set BYZKIT_PASSPHRASE`
    )
  })

  it.each([0o640, 0o604, 0o620, 0o601])('of mode %o is refused, unless it is a demo key', async (mode) => {
    const path = await keyFile(formatKeyFile({ seed, demo: false }), mode)
    await expect(readKeyFile(path)).rejects.toMatchObject({
      name: 'KeyFileError',
      message: `key file ${path} is open to other users (mode ${mode.toString(8)}): run chmod 600 on it`
    })
    expect(await readKeyFile(await keyFile(formatKeyFile({ seed, demo: true }), mode))).toEqual({
      seed,
      demo: true
    })
  })

  it('is a demo key only if it says so first', async () => {
    const path = await keyFile(`${formatKeyFile({ seed, demo: false })}${DEMO_MARKER}\n`, 0o644)
    await expect(readKeyFile(path)).rejects.toThrow('open to other users')
  })

  it.each([
    ['nothing', '', 'not a PEM file'],
    ['something else', 'ssh-ed25519 AAAA', 'not a PEM file'],
    [
      'a certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      'found a "CERTIFICATE"'
    ],
    ['half a key', formatKeyFile({ seed, demo: false }).slice(0, 80), 'the']
  ])('with %s is refused in one line', async (_, text, problem) => {
    const path = await keyFile(text)
    await expect(readKeyFile(path)).rejects.toMatchObject({
      name: 'KeyFileError',
      message: expect.stringMatching(RegExp(`^key file \\S+: [^\\n]*${problem}[^\\n]*$`))
    })
  })

  it('that is missing is refused in one line', async () => {
    await expect(readKeyFile('/nowhere/key.pem')).rejects.toMatchObject({
      name: 'UsageError',
      message: '/nowhere/key.pem cannot be read: no such file or folder'
    })
  })
})
