import { defineConfig } from 'vitest/config'
import { HANGS_MS } from './test/waiting.ts'

/**
 * They put something else in place of a module, or of all timers: what they load is nobody else's, and nobody else's
 * timers are among theirs.
 */
export const ALONE = [
  'test/balances/balances.test.ts',
  'test/cli/recording-file.test.ts',
  'test/core/hostile-bytes.test.ts',
  'test/libp2p/absences.test.ts',
  'test/libp2p/gater.test.ts',
  'test/libp2p/recorded.test.ts',
  'test/libp2p/service-parts.test.ts',
  'test/libp2p/transport-redialer.test.ts',
  'test/libp2p/waiting-room.test.ts'
]

/** The source runs as it is. */
export const ofSource = {
  resolve: { conditions: ['byzkit-source'] },
  ssr: { resolve: { conditions: ['byzkit-source', 'node', 'import', 'default'] } }
}

export default defineConfig({
  ...ofSource,
  test: {
    // Bounds against hanging, no measures: a machine may be busy. What a test waits for gives up a little before, and
    // says what it was (test/waiting.ts).
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: HANGS_MS, interval: 20 } },
    // One more than cores: some wait for processes of their own.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          // What is loaded is loaded once in each worker: most of these files load most of the source.
          isolate: false,
          // Node itself runs them, as it runs the source: a tenth less of processor time than rewritten imports take.
          experimental: { viteModuleRunner: false }
        }
      },
      { extends: true, test: { name: 'isolated', include: ALONE } }
    ]
  }
})
