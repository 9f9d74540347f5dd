/** `npm run test:long`: what takes too long for every run of the tests, and the rest at full extent. No part of `npm test`. */
import { defineConfig } from 'vitest/config'
import { ofSource } from './vitest.config.ts'

export default defineConfig({
  ...ofSource,
  test: {
    include: ['test/**/*.long.ts'],
    // See test/extent.ts.
    env: { BYZKIT_TESTS: 'long' },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2
  }
})
