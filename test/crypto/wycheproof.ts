/**
 * Project Wycheproof's cases are not copied here: they are read from the folder that BYZKIT_WYCHEPROOF names,
 * a checkout's `testvectors_v1` (https://github.com/C2SP/wycheproof).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = process.env.BYZKIT_WYCHEPROOF

interface TestCase {
  tcId: number
  comment: string
  flags: string[]
  result: 'valid' | 'invalid' | 'acceptable'
}

export interface WycheproofCases {
  ed25519: { group: { publicKey: { pk: string } }; item: TestCase & { msg: string; sig: string } }
  hmac_sha256: {
    group: { tagSize: number }
    item: TestCase & { key: string; msg: string; tag: string }
  }
  x25519: { group: object; item: TestCase & { public: string; private: string; shared: string } }
  hkdf_sha256: {
    group: object
    item: TestCase & { ikm: string; salt: string; info: string; size: number; okm: string }
  }
}

/** Every case of one file with its group; nothing, said aloud, when no folder is named. */
export function wycheproof<Name extends keyof WycheproofCases>(name: Name): WycheproofCases[Name][] {
  if (folder === undefined) {
    console.info(
      `Wycheproof ${name}: NOT checked. Get C2SP/wycheproof and set BYZKIT_WYCHEPROOF to its testvectors_v1.`
    )
    return []
  }
  const file = JSON.parse(readFileSync(join(folder, `${name}_test.json`), 'utf8'))
  const groups: { tests: unknown[] }[] = file.testGroups
  const cases = groups.flatMap((group) => group.tests.map((item) => ({ group, item })))
  if (cases.length !== file.numberOfTests) throw new Error(`${name}: ${cases.length} cases read, not all`)
  return cases as unknown as WycheproofCases[Name][]
}
