import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.ts'
import { endingOf, OperationError, UsageError } from '../../src/program/errors.ts'
import { createOutput, oneLine, printable } from '../../src/program/output.ts'
import { StoreLockedError } from '../../src/store/errors.ts'
import { BIN, byzkit, contents, runHere, temporaryFolder } from './support.ts'

/** Commands that only have others. */
const GROUPS = new Set(['store', 'leaderless', 'submit'])

describe('byzkit', () => {
  it.each([
    ['a command that is missing', ['--'], 'a command is missing; byzkit --help lists them'],
    [
      'a command of the store that is missing',
      ['store'],
      'a command is missing; byzkit store --help lists them'
    ],
    ['an unknown command', ['frobnicate'], "unknown command 'frobnicate'"],
    ['a command misspelt', ['keygne'], "unknown command 'keygne' (Did you mean keygen?)"],
    ['an unknown option', ['--frob'], "unknown option '--frob'"],
    ['a hostile word', ['a\u001b[31mb\nc'], "unknown command 'a[31mb c'"]
  ])('refuses %s', async (_, words, line) => {
    const cwd = await temporaryFolder()
    expect(await byzkit(words, { cwd })).toEqual({ status: 2, stdout: '', stderr: `byzkit: ${line}\n` })
    expect(await contents(cwd)).toEqual({})
  })

  it.each([[[]], [['--help']], [['keygen', '--help']], [['group', '--help']], [['help', 'group']]])(
    'explains %j',
    async (words) => {
      const { status, stdout, stderr } = await byzkit(words)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toMatch(/^Usage: byzkit/)
    }
  )

  it('has --json and --help on every command', async () => {
    const commandsOf = async (...words: string[]) => {
      const { stdout } = await runHere([...words, '--help'])
      const names = [...stdout.matchAll(/^ {2}([a-z]+)(?: [[<]| {2})/gm)].map(([, name = '']) => name)
      return names.filter((name) => name !== 'help').map((name) => [...words, name])
    }
    const commands = await commandsOf()
    for (const group of GROUPS) commands.push(...(await commandsOf(group)))
    expect(commands).toEqual(expect.arrayContaining([['keygen'], ['store', 'put'], ['leaderless', 'get']]))
    for (const words of commands.filter(([name = '', own]) => own !== undefined || !GROUPS.has(name)))
      expect((await runHere([...words, '--help'])).stdout).toMatch(/--json[\s\S]*--help/)
  })

  it('says its version', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await byzkit(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('says what to do where it has not been built', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'bin'))
    await cp(BIN, join(folder, 'bin', 'byzkit.js'))
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    const { execFile } = await import('node:child_process')
    const stderr = await new Promise((resolve) => {
      execFile(process.execPath, [join(folder, 'bin', 'byzkit.js')], (error, _, text) =>
        resolve([error?.code, text])
      )
    })
    expect(stderr).toEqual([2, 'byzkit: not built yet: run npm run build\n'])
  })

  it('says in one line that an old Node is too old', async () => {
    const pretend = "Object.defineProperty(process.versions,'node',{value:'22.17.1'})"
    const outcome = await byzkit(['--help'], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(pretend)}` }
    })
    expect(outcome).toEqual({
      status: 2,
      stdout: '',
      stderr: 'byzkit: needs Node 22.18 or newer; this is 22.17.1\n'
    })
  })

  it('says so when its output goes nowhere', async () => {
    expect(await byzkit(['--version'], { shell: 'exec >/dev/full;' })).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^byzkit: standard output cannot be written: [^\n]+\n$/)
    })
  })

  it('runs in the surroundings that it is given', async () => {
    let stdout = ''
    let stderr = ''
    const surroundings = {
      stdout: { write: (text: string) => (stdout += text) },
      stderr: { write: (text: string) => (stderr += text) },
      env: {}
    }
    expect(await main(['--version'], surroundings)).toBe(0)
    expect(await main(['nothing'], surroundings)).toBe(2)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
    expect(stderr).toBe("byzkit: unknown command 'nothing'\n")
  })
})

describe('the ending of a command', () => {
  it.each([
    [new UsageError('wrong'), { status: 2, line: 'wrong' }],
    [new StoreLockedError('in use'), { status: 2, line: 'in use' }],
    [new OperationError('no answer'), { status: 1, line: 'no answer' }],
    [
      new TypeError('x is undefined'),
      { status: 1, line: 'internal error: TypeError: x is undefined (BYZKIT_DEBUG=1 shows where)' }
    ],
    ['text', { status: 1, line: 'internal error: Error: text (BYZKIT_DEBUG=1 shows where)' }]
  ])('by %s', (error, ending) => {
    expect(endingOf(error)).toEqual(ending)
  })
})

describe('output', () => {
  const lines = (json: boolean): string[] => {
    const written: string[] = []
    const output = createOutput({ write: (text: string) => written.push(text) }, {}, json)
    output.say('progress')
    output.event({ step: 1 })
    output.result({ done: true }, 'done')
    return written
  }

  it('is text for people, one JSON value a line for machines', () => {
    expect(lines(false)).toEqual(['progress\n', 'done\n'])
    expect(lines(true)).toEqual(['{"step":1}\n', '{"done":true}\n'])
  })

  it('has colours on a terminal only', () => {
    const red = (isTTY: boolean, env = {}): string =>
      createOutput({ write() {}, isTTY }, env, false).colors.red('x')
    expect(red(true)).toBe('\u001b[31mx\u001b[39m')
    expect(red(false)).toBe('x')
    expect(red(true, { NO_COLOR: '1' })).toBe('x')
  })

  it('shows nothing from elsewhere that steers a terminal', () => {
    expect(printable('a\u001b]0;title\u0007b\u009bc\u202ed\u2028e\r\nf')).toBe('a]0;titlebcdef')
    expect(printable('Zürich 東京 😀')).toBe('Zürich 東京 😀')
    expect(oneLine(' a\n b\r\n\tc ')).toBe('a b c')
  })
})
