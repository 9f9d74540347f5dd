// Runs before a build: a module that is no longer in src/ must not live on in dist/.
import { rmSync } from 'node:fs'

rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true })
