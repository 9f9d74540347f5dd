/** Helpers of the store's tests. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Journal } from '../../src/core/process.ts'
import type { Write } from '../../src/core/store.ts'

/** A folder that is removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'byzkit-store-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Appends one batch and waits until it is durable. */
export function append(journal: Journal, ...batch: Write[]): Promise<void> {
  return new Promise((resolve, reject) => {
    journal.append(batch, (error) => (error === undefined ? resolve() : reject(error)))
  })
}

export const put = (key: string, ...bytes: number[]): Write => ({ key, value: Uint8Array.from(bytes) })
export const del = (key: string): Write => ({ key, value: undefined })
