/** `npm run test:browser`: what needs a real browser. No part of `npm test`. */
import { defineConfig } from 'vitest/config'
import { ofSource } from './vitest.config.ts'

export default defineConfig({
  ...ofSource,
  test: { include: ['test/browser/**/*.browser.ts'], testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 1 }
})
