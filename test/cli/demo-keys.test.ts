import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { groupFromGenesis } from '../../src/crypto/genesis.ts'
import { parseGroupFile } from '../../src/crypto/group-file.ts'
import { nobleBackend } from '../../src/crypto/noble-backend.ts'
import { readKeyFile } from '../../src/program/keys/key-file.ts'

const KEYS = fileURLToPath(new URL('../../keys', import.meta.url))
const read = (name: string): Promise<string> => readFile(`${KEYS}/${name}`, 'utf8')

describe('the demo group in keys/', () => {
  it('is of four members on loopback, and of one client', async () => {
    const { genesis, addresses, clients } = parseGroupFile('keys/group.json', await read('group.json'))
    expect(groupFromGenesis(genesis)).toMatchObject({ n: 4, f: 1 })
    expect(addresses).toEqual([9100, 9101, 9102, 9103].map((port) => [`/ip4/127.0.0.1/tcp/${port}`]))
    const publicKeys = [...genesis.publicKeys, ...clients]
    const names = ['member-0', 'member-1', 'member-2', 'member-3', 'client-0']
    expect(publicKeys).toHaveLength(names.length)
    for (const [i, name] of names.entries()) {
      const { seed, demo } = await readKeyFile(`${KEYS}/${name}.pem`)
      expect(demo).toBe(true)
      expect(nobleBackend.publicKey(seed)).toEqual(publicKeys[i])
    }
  })

  it('says in each of its files that it is insecure', async () => {
    for (const name of await readdir(KEYS)) expect(await read(name), name).toMatch(/INSECURE/)
  })
})
