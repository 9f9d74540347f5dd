/** `npm run test:long`: what takes too long for every run of the tests, and the rest at full extent. No part of `npm test`. */
import { defineConfig } from 'vitest/config'
import { HANGS_MS } from './test/waiting.ts'
import { ofSource } from './vitest.config.ts'

export default defineConfig({
  ...ofSource,
  test: {
    include: ['test/**/*.long.ts'],
    // See test/extent.ts.
    env: { BYZKIT_TESTS: 'long' },
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // As in vitest.config.ts.
    experimental: { viteModuleRunner: false },
    expect: { poll: { timeout: HANGS_MS, interval: 20 } },
    maxWorkers: 2
  }
})
