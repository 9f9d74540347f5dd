/** Another revision of this repository, built in a folder of its own, which is removed in the end. */

import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OperationError, UsageError } from '../../src/program/errors.ts'
import { oneLine } from '../../src/program/output.ts'
import { run } from './command.ts'
import type { Side } from './pairs.ts'
import type { PairPlan } from './plan.ts'

export interface CheckoutOptions {
  readonly signal: AbortSignal
  readonly onProgress: (what: string) => void
}

/** The files of `byzkit bench` itself, and what its processes are made of. */
const BENCHMARK = ['src/bench', 'src/program', 'src/cli/commands/bench.ts']

export class Checkout implements Side {
  /** As people name it, with its commit. */
  readonly name: string
  readonly folder: string
  /** For whatever the benchmarks write. */
  readonly scratch: string
  readonly #root: string
  readonly #home: string

  private constructor(root: string, home: string, name: string) {
    this.#root = root
    this.#home = home
    this.name = name
    this.folder = join(home, 'revision')
    this.scratch = join(home, 'scratch')
  }

  /** @throws {UsageError} if there is no such revision; {OperationError} if it cannot be built */
  static async make(root: string, plan: PairPlan, options: CheckoutOptions): Promise<Checkout> {
    const { revision } = plan
    const commit = await commitOf(root, revision)
    const short = commit.slice(0, 10)
    const home = await mkdtemp(join(await realpath(tmpdir()), 'byzkit-pair-'))
    const checkout = new Checkout(
      root,
      home,
      commit.startsWith(revision) ? short : `${oneLine(revision)} (${short})`
    )
    try {
      await mkdir(checkout.scratch)
      await checkout.#build(commit, plan.sameBenchmark, options)
      return checkout
    } catch (error) {
      await checkout.end()
      throw error
    }
  }

  async end(): Promise<void> {
    await rm(this.#home, { recursive: true, force: true, maxRetries: 3 })
    await run('git', ['worktree', 'prune'], { cwd: this.#root })
  }

  async #build(
    commit: string,
    sameBenchmark: boolean,
    { signal, onProgress }: CheckoutOptions
  ): Promise<void> {
    // What npm keeps for the next time goes with the rest.
    const options = { cwd: this.folder, signal, env: { ...process.env, TMPDIR: this.scratch } }
    onProgress(`${this.name}: checking out`)
    await run('git', ['worktree', 'add', '--detach', this.folder, commit], { cwd: this.#root, signal })
    if (await this.#hasSameDependencies()) {
      await symlink(
        await realpath(join(this.#root, 'node_modules')),
        join(this.folder, 'node_modules'),
        'dir'
      )
    } else {
      onProgress(`${this.name}: installing its dependencies`)
      await run('npm', ['ci', '--ignore-scripts=false', '--no-audit', '--no-fund'], options)
    }
    // After the installation, which builds the revision as it is.
    if (sameBenchmark) await this.#takeBenchmark()
    onProgress(`${this.name}: building`)
    const { status, stdout, stderr } = await run('npm', ['run', 'build'], { ...options, mayFail: true })
    if (status === 0) return
    // A benchmark of ours may know of what this revision does not have yet; what is run need not.
    if (sameBenchmark && existsSync(join(this.folder, 'dist/cli/commands/bench.js'))) return
    throw new OperationError(`${this.name} cannot be built: ${oneLine(stdout + stderr).slice(-500)}`)
  }

  async #takeBenchmark(): Promise<void> {
    for (const path of BENCHMARK) {
      await rm(join(this.folder, path), { recursive: true, force: true })
      await cp(join(this.#root, path), join(this.folder, path), { recursive: true })
    }
  }

  async #hasSameDependencies(): Promise<boolean> {
    const lockOf = (folder: string) => readFile(join(folder, 'package-lock.json'), 'utf8')
    return (await lockOf(this.#root)) === (await lockOf(this.folder))
  }
}

async function commitOf(root: string, revision: string): Promise<string> {
  const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]
  const { status, stdout } = await run('git', words, { cwd: root, mayFail: true })
  if (status === 0) return stdout.trim()
  throw new UsageError(
    `${oneLine(revision)}: git knows no such commit, tag or branch here; git log --oneline lists commits`
  )
}
