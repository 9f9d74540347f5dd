import { defineConfig } from 'vitest/config'

/** They put something else in place of a module: what they load is nobody else's. */
const REPLACING_MODULES = [
  'test/cli/recording-file.test.ts',
  'test/libp2p/recorded.test.ts',
  'test/core/hostile-bytes.test.ts'
]

/** The source runs as it is. */
export const ofSource = {
  resolve: { conditions: ['byzkit-source'] },
  ssr: { resolve: { conditions: ['byzkit-source', 'node', 'import', 'default'] } }
}

export default defineConfig({
  ...ofSource,
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // One more than cores: some wait for processes of their own.
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: REPLACING_MODULES,
          // What is loaded is loaded once in each worker: most of these files load most of the source.
          isolate: false
        }
      },
      { extends: true, test: { name: 'isolated', include: REPLACING_MODULES } }
    ]
  }
})
