/** Every relative link of the documents leads to something that exists. */
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { anchorsOf, type Document, documents, proseOf, ROOT } from './documents.ts'

function brokenLinks(document: Document): string[] {
  const broken: string[] = []
  for (const [, target = ''] of proseOf(document).matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue
    const [file = '', anchor] = target.split('#')
    const path = file === '' ? document.path : normalize(join(dirname(document.path), file))
    const linked = documents.find((other) => other.path === path)
    const exists = existsSync(join(ROOT, path))
    if (!exists || (anchor !== undefined && linked !== undefined && !anchorsOf(linked).has(anchor)))
      broken.push(target)
  }
  return broken
}

test.each(documents)('$path', (document) => {
  expect(brokenLinks(document)).toEqual([])
})

test('a link that leads nowhere is found', () => {
  const text = '[a](no-such-file.md) [b](README.md) [c](#no-such-heading) [d](https://example.org/x)'
  expect(brokenLinks({ path: 'README.md', text })).toEqual(['no-such-file.md', '#no-such-heading'])
})
