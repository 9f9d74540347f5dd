/** `npm run bench:pair`, on a repository of its own whose benchmark says what the test wants it to say. */
import { execFileSync, spawn } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Outcome, temporaryFolder } from '../cli/support.ts'

const PAIR = fileURLToPath(new URL('../../bench/pair.ts', import.meta.url))
const MAIN = 'memory: CPU a broadcast, all members'

/** Costs what the file `cost` says, more at each run; it notes down where it ran, and hangs if it is told to. */
const BENCHMARK = `
  import { appendFileSync, existsSync, readFileSync } from 'node:fs'
  const { LOG } = process.env
  appendFileSync(LOG, process.cwd().endsWith('revision') ? 'before\\n' : 'after\\n')
  const runs = readFileSync(LOG, 'utf8').split('\\n').length
  if (existsSync('hangs')) setInterval(() => {}, 1000)
  else if (existsSync('old') && process.argv.includes('--reads')) {
    console.error("byzkit: error: unknown option '--reads'")
    process.exitCode = 2
  } else {
    const cost = Number(readFileSync('cost', 'utf8')) * (1 + runs / 10)
    const figure = (name, better, value) => ({ name, unit: 'us', better, median: value, min: value, max: value })
    const figures = [
      figure('${MAIN}', 'lower', cost),
      figure('memory: broadcasts a second', 'higher', 1000 / cost),
      { ...figure('floor', undefined, 5) }
    ]
    console.log(JSON.stringify({ results: [{ benchmark: 'broadcast', figures }] }))
  }
`

const git = (cwd: string, ...words: string[]) =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...words], {
    cwd,
    encoding: 'utf8'
  })

async function repository(files: { readonly [path: string]: string } = {}): Promise<string> {
  const root = join(await temporaryFolder(), 'repository')
  const all = {
    'package.json': JSON.stringify({ type: 'module', scripts: { build: 'node -e 0' } }),
    'package-lock.json': '{}',
    '.gitignore': 'node_modules\n',
    'bin/byzkit.js': BENCHMARK,
    cost: '100',
    ...files
  }
  await mkdir(join(root, 'bin'), { recursive: true })
  await mkdir(join(root, 'node_modules'))
  for (const [path, text] of Object.entries(all)) await writeFile(join(root, path), text)
  git(root, 'init', '--quiet')
  git(root, 'add', '.')
  git(root, 'commit', '--quiet', '-m', 'before')
  return root
}

/** Runs it, in an environment in which what it leaves behind would be found. */
async function pair(root: string, words: readonly string[]) {
  const temporary = await temporaryFolder()
  const log = join(temporary, '..', `${temporary.split('/').at(-1)}.log`)
  await writeFile(log, '')
  const env = { ...process.env, TMPDIR: temporary, LOG: log, NO_COLOR: '1' }
  const child = spawn(process.execPath, ['--conditions=byzkit-source', PAIR, ...words], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Outcome>((resolve) =>
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  )
  const left = async () => [
    ...(await readdir(temporary)),
    ...git(root, 'worktree', 'list').trim().split('\n').slice(1)
  ]
  const ran = async () => (await readFile(log, 'utf8')).trim().split('\n')
  return { child, ended, left, ran }
}

describe('bench:pair', () => {
  test('gives the median of the ratios, run by turns, and leaves nothing behind', async () => {
    const root = await repository()
    await writeFile(join(root, 'cost'), '80')
    const { ended, left, ran } = await pair(root, ['HEAD', 'broadcast', '--json', '--bound', '1.2'])
    const { status, stdout, stderr } = await ended
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(7 + 1)
    const { judged, ratios, ...result } = lines.at(-1)
    expect(result).toMatchObject({ what: 'broadcast', pairs: 7, bound: 1.2, reached: true })
    // The benchmark slows down from run to run, which each pair's order hides in turn: 100 / 80 is in between.
    expect(judged).toMatchObject([{ name: MAIN, reached: true }])
    expect(judged[0].min).toBeLessThan(1.25)
    expect(judged[0].max).toBeGreaterThan(1.25)
    // Whatever is better the higher it is has its ratio the other way round; a floor has none.
    expect(ratios.map(({ name }: { name: string }) => name)).toEqual([MAIN, 'memory: broadcasts a second'])
    expect(ratios[1].median).toBeCloseTo(ratios[0].median)
    expect((await ran()).join(' ')).toBe(`${'before after after before '.repeat(3)}before after`)
    expect(await left()).toEqual([])
  })

  test('says to people which figure does not reach the bound, with status 1', async () => {
    const root = await repository()
    await writeFile(join(root, 'cost'), '200')
    const { ended, left } = await pair(root, ['HEAD', 'broadcast', '--pairs', '8'])
    const { status, stdout } = await ended
    expect(status).toBe(1)
    expect(stdout.match(/^pair \d of 8 {2}memory: CPU a broadcast, all members: 0\.\d{3}$/gm)).toHaveLength(8)
    expect(stdout).toMatch(
      /CPU a broadcast, all members +0\.\d+ \[.*at least 0\.95: not reached\nnot reached\n$/
    )
    expect(await left()).toEqual([])
  })

  test.each([
    [['no-such', 'broadcast'], /no-such: git knows no such commit, tag or branch here/],
    [['HEAD', 'no-such'], /no-such: there is no such benchmark; there are links, broadcast, register/],
    [['HEAD'], /a revision and a benchmark are needed/],
    [['HEAD', 'broadcast', '--pairs', '6'], /--pairs: expected a number from 7/],
    [['HEAD', 'broadcast', '--bound', 'x'], /--bound: expected a number/],
    [['HEAD', 'broadcast', '--figure', 'floor'], /floor: not measured at both; there are memory: CPU/]
  ])('%j is refused in one line', async (words, said) => {
    const { ended, left } = await pair(await repository(), words)
    const { status, stderr } = await ended
    expect(status).toBe(2)
    expect(stderr).toMatch(/^bench:pair: [^\n]+\n$/)
    expect(stderr).toMatch(said)
    expect(await left()).toEqual([])
  })

  test('a revision that does not know an option is named, and what helps', async () => {
    const root = await repository({ old: '' })
    git(root, 'rm', '--quiet', 'old')
    const { ended, left } = await pair(root, ['HEAD', 'register', '--reads', '65536'])
    const { status, stderr } = await ended
    expect(status).toBe(2)
    expect(stderr).toMatch(/HEAD \(\w+\) refuses bench register --reads 65536 .*unknown option '--reads'/)
    expect(stderr).toContain('--same-benchmark measures it with the benchmark of this checkout')
    expect(await left()).toEqual([])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143]
  ] as const)('ends at %s, and takes away what it made', async (signal, wanted) => {
    const root = await repository({ hangs: '' })
    const { child, ended, left, ran } = await pair(root, ['HEAD', 'broadcast'])
    await expect.poll(ran).toEqual(['before'])
    expect(await left()).toHaveLength(2)
    child.kill(signal)
    expect(await ended).toMatchObject({ status: wanted, stderr: 'bench:pair: interrupted\n' })
    expect(await left()).toEqual([])
  })
})
