// Imports every sub-path that the installed package exports, as Node does for anybody.
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(
  readFileSync(new URL('node_modules/byzkit/package.json', import.meta.url), 'utf8')
)

for (const path of Object.keys(manifest.exports)) {
  if (path.endsWith('.json')) continue
  const specifier = `byzkit${path.slice(1)}`
  if (path === './fast-check') {
    // Its peer is optional, and not installed here.
    const error = await import(specifier).catch((cause) => cause)
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes("'fast-check'")) throw error
    continue
  }
  const names = Object.keys(await import(specifier))
  if (names.length === 0) throw new Error(`${specifier} exports nothing`)
  console.log(`${specifier}: ${names.length} names`)
}
