/** `npm run test:long`: what takes too long for every run of the tests, and the rest at full extent. No part of `npm test`. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['byzkit-source'] },
  ssr: { resolve: { conditions: ['byzkit-source', 'node', 'import', 'default'] } },
  test: {
    include: ['test/**/*.long.ts'],
    // See test/extent.ts.
    env: { BYZKIT_TESTS: 'long' },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2
  }
})
