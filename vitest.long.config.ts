/** `npm run test:long`: what takes too long for every run of the tests. No part of `npm test`. */
import { mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

const config = mergeConfig(base, {})
config.test = { ...config.test, include: ['test/long/**/*.long.ts'], maxWorkers: 1 }

export default config
