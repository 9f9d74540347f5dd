#!/usr/bin/env node
// The `byzkit` command. Plain JavaScript that old versions of Node can read too, so that they are told in one
// line what is wrong instead of failing on syntax that they do not know.
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
const main = new URL('../dist/cli/main.js', import.meta.url)

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`byzkit: needs Node 22.18 or newer; this is ${process.versions.node}`)
  process.exitCode = 2
} else if (!existsSync(main)) {
  console.error('byzkit: not built yet: run npm run build')
  process.exitCode = 2
} else {
  import(main.href).then(async ({ main }) => {
    process.exitCode = await main(process.argv.slice(2))
    // Once all is said: what a library leaves behind (libp2p a timer of a second) keeps nobody waiting.
    process.stdout.write('', (error) => error ?? process.exit())
  })
}
