/**
 * The tests of one file, in Vitest and a process of its own, with a mutant or without: which of them fail. A mutant
 * that is hunted by a test falls if the test that it names does.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MUTANT_VARIABLE } from './apply.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const APPLY = new URL('./apply.ts', import.meta.url).href
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
/** A test that hangs has failed, but says nothing of what is wrong. */
const TIME_LIMIT_MS = 240_000

/** Of the tests of one title; several have it where they are of several sizes. */
export interface Tested {
  readonly passed: number
  readonly failed: number
  /** What the first one that failed says. */
  readonly detail: string
}

interface ReportedFile {
  readonly assertionResults: readonly {
    readonly title: string
    readonly status: string
    readonly failureMessages: readonly string[]
  }[]
}

/**
 * @param file - under test/, without its ending
 * @param mutant - that lives in it; none: the unchanged code
 */
export async function testedIn(file: string, title: string, mutant?: string): Promise<Tested> {
  const folder = mkdtempSync(join(tmpdir(), 'byzkit-mutant-'))
  const path = join(folder, 'report.json')
  try {
    await runVitest(
      ['run', `test/${file}.test.ts`, '--maxWorkers=1', '--reporter=json', `--outputFile=${path}`],
      mutant
    )
    const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as { testResults: readonly ReportedFile[] }
    const named = testResults.flatMap((of) => of.assertionResults).filter((one) => one.title === title)
    const failed = named.filter(({ status }) => status === 'failed')
    const passed = named.filter(({ status }) => status === 'passed').length
    return { passed, failed: failed.length, detail: failed[0]?.failureMessages[0]?.split('\n', 1)[0] ?? '' }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function runVitest(words: readonly string[], mutant: string | undefined): Promise<void> {
  const { [MUTANT_VARIABLE]: _, ...env } = process.env
  const withMutant =
    mutant === undefined ? env : { ...env, [MUTANT_VARIABLE]: mutant, NODE_OPTIONS: `--import=${APPLY}` }
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [VITEST, ...words],
      { cwd: ROOT, env: withMutant, timeout: TIME_LIMIT_MS },
      // That tests fail is what is looked for; that there was no end of them is not.
      (error) =>
        error?.killed
          ? reject(new Error(`the tests did not end within ${TIME_LIMIT_MS / 1000} s`))
          : resolve()
    )
  })
}
