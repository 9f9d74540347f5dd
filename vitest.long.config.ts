/** `npm run test:long`: what takes too long for every run of the tests, and the rest at full extent. No part of `npm test`. */
import { mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

const config = mergeConfig(base, {})
config.test = {
  ...config.test,
  include: ['test/**/*.long.ts'],
  // See test/extent.ts.
  env: { BYZKIT_TESTS: 'long' },
  testTimeout: 300_000
}

export default config
