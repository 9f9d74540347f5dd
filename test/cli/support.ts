/** Runs the built `byzkit` command as people do: as a process of its own. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'

export const BIN = fileURLToPath(new URL('../../bin/byzkit.js', import.meta.url))

if (!existsSync(new URL('../../dist/cli/main.js', import.meta.url)))
  throw new Error('these tests run the built command: npm run build first')

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: { readonly [name: string]: string }
  /** A prefix for `sh -c`, such as a `ulimit`. */
  readonly shell?: string
}

export function byzkit(
  words: readonly string[],
  { cwd, env, shell = '' }: RunOptions = {}
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `${shell} exec "$0" "$@"`, process.execPath, BIN, ...words], {
      cwd,
      // The variables of whoever runs the tests have no say here.
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  })
}

/** Runs the command with `--json`; it must succeed. Gives its result. */
export async function byzkitJson(words: readonly string[], options?: RunOptions) {
  const { status, stdout, stderr } = await byzkit([...words, '--json'], options)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
}

/** A folder that is removed when the test is over. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'byzkit-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** All files under a folder, with their texts; folders end in a slash. */
export async function contents(folder: string): Promise<{ [path: string]: string }> {
  const found: { [path: string]: string } = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(folder.length + 1)
    if (entry.isDirectory()) found[`${name}/`] = ''
    else found[name] = entry.isFile() ? await readFile(path, 'utf8') : '(no file)'
  }
  return found
}

/** Runs a command in this process, where all of it is loaded once; in the folder that is given. */
export async function runHere(
  words: readonly string[],
  { cwd, env = {} }: Omit<RunOptions, 'shell'> = {}
): Promise<Outcome> {
  const { main } = await import('../../src/cli/main.ts')
  let stdout = ''
  let stderr = ''
  const before = process.cwd()
  if (cwd !== undefined) process.chdir(cwd)
  try {
    const status = await main(words, {
      stdout: { write: (text: string) => (stdout += text) },
      stderr: { write: (text: string) => (stderr += text) },
      env
    })
    return { status, stdout, stderr }
  } finally {
    if (cwd !== undefined) process.chdir(before)
  }
}

/**
 * Runs what must be refused: exit status 2, one line on standard error, and nothing written. In this process, as there
 * are many of them; that a process ends as its command does is in frame.test.ts.
 */
export async function expectRefused(
  words: readonly string[],
  message: string | RegExp,
  options: Omit<RunOptions, 'shell'> & { cwd: string }
) {
  const before = await contents(options.cwd)
  const outcome = await runHere(words, options)
  expect(outcome).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(/^byzkit: [^\n]+\n$/) })
  const line = outcome.stderr.slice('byzkit: '.length, -1)
  if (typeof message === 'string') expect(line).toBe(message)
  else expect(line).toMatch(message)
  expect(await contents(options.cwd)).toEqual(before)
}
