/** What costs work because of a peer counts in its budget: each place in the protocols that verifies a signature is known. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SOURCE = fileURLToPath(new URL('../../src/', import.meta.url))
const sourceOf = (path: string) => readFileSync(join(SOURCE, path), 'utf8')
const VERIFIES =
  /\b(?:crypto\.verify(?:By)?|verifyStatement|verifyCertificate|verifyEchoCertificate|verdicts\.verifyBy|signer\.verify(?:Header)?)\(/

/** Where it is charged; a file that charges by itself is named as its own. */
const CHARGED: Readonly<Record<string, string>> = {
  'broadcast/double-echo.ts': 'broadcast/double-echo.ts',
  'broadcast/signed-echo.ts': 'broadcast/signed-echo.ts',
  'broadcast/echo-certificate.ts': 'broadcast/signed-echo.ts',
  // By a certificate's own kind, and remembered.
  'exchange/certificate.ts': 'broadcast/signed-echo.ts',
  'exchange/verdicts.ts': 'registers/authenticated-storage.ts',
  'registers/authenticated-storage.ts': 'registers/authenticated-storage.ts',
  'registers/kept-values.ts': 'registers/authenticated-storage.ts',
  'registers/signed-value.ts': 'registers/authenticated-storage.ts',
  // Frames count by what a tag costs; verifyStatement is verified where it is called.
  'links/authenticator.ts': 'links/peer-link.ts',
  'core/statement.ts': 'broadcast/double-echo.ts'
}

test('a signature is verified nowhere but where it is charged to whoever caused it', () => {
  const files = globSync('{core,links,exchange,broadcast,registers}/**/*.ts', { cwd: SOURCE })
  const verifying = files.filter((path) =>
    VERIFIES.test(sourceOf(path).replaceAll(/^\s*(?:\*|\/\/).*$/gm, ''))
  )
  expect(verifying.sort()).toEqual(Object.keys(CHARGED).sort())
  for (const charging of new Set(Object.values(CHARGED))) {
    expect(sourceOf(charging), charging).toMatch(/\.(?:charge|spend)\(|#charge|tagUs/)
  }
})

test('members answer by `answer` or `charge`, so that what they are asked for counts', () => {
  // Of a register's members: they send nothing by themselves. Requests go to all by sendAll, and again by answer.
  for (const path of ['registers/authenticated-storage.ts', 'registers/majority-register.ts']) {
    expect(sourceOf(path), path).not.toMatch(/#port\.send\(/)
  }
})

test('the name of a statement is declared once: what is signed under it means one thing, wherever it is shown', () => {
  const names = globSync('**/*.ts', { cwd: SOURCE }).flatMap((path) =>
    [...sourceOf(path).matchAll(/\bdefine(Client)?Statement\('([^']+)'/g)].map(
      ([, client = '', name = '']) => (client === '' ? name : `${name} of a client`)
    )
  )
  expect(names).toEqual(expect.arrayContaining(['ECHO', 'SEND', 'value of a client']))
  expect(new Set(names).size).toBe(names.length)
})
