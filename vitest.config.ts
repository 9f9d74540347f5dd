import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['byzkit-source'] },
  ssr: { resolve: { conditions: ['byzkit-source', 'node', 'import', 'default'] } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2
  }
})
