/** `npm run test:browser`: what needs a real browser. No part of `npm test`. */
import { mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

const config = mergeConfig(base, {})
config.test = { ...config.test, include: ['test/browser/**/*.browser.ts'], maxWorkers: 1 }

export default config
