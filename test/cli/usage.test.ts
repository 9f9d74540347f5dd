/** What is wrong with a command line is said in one line, with exit status 2: each command, each in its own words. */
import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stacks } from '../../src/catalogue/index.ts'
import { runHere } from './support.ts'

const KEYS = new URL('../../keys/', import.meta.url).pathname
const G = '--group keys/group.json'
const C = `${G} --key keys/client-0.pem`
const M = `${G} --key keys/member-0.pem`

const required = (option: string) => `required option '${option}' not specified`
const invalid = (option: string, value: string, right: string) =>
  `option '${option}' argument '${value}' is invalid. ${right}`
const missing = (of = '') => `a command is missing; byzkit ${of}--help lists them`

/** What is typed after `byzkit`, the line, and the status where it is not 2. */
const table: readonly [words: string, line: string, status?: number][] = [
  ['fly', "unknown command 'fly'"],
  ['--frob', "unknown option '--frob'"],
  ['help fly', missing()],

  ['keygen', required('--out <dir>')],
  ['keygen --members 0', invalid('--members <n>', '0', 'Expected an integer from 1 to 256.')],
  ['keygen --one --members 4 --out x', "option '--one' cannot be used with option '--members <n>'"],
  ['keygen --members 4 --out x --frob', "unknown option '--frob'"],
  ['group', required('--out <file>')],
  ['group no.json --out g.json', 'no.json cannot be read: no such file or folder'],
  ['node', required('--group <file>')],
  [`node ${G}`, required('--key <file>')],
  [
    `node ${C}`,
    'key file keys/client-0.pem is the key of a client of the group, not a member in keys/group.json'
  ],
  [`node ${M} --stack x`, `--stack x: one of ${stacks.map(({ name }) => name).join(', ')}`],
  [`node ${M} --metrics 0`, invalid('--metrics <port>', '0', 'Expected an integer from 1 to 65535.')],
  [`node ${G} --key text`, 'key file text is open to other users (mode 644): run chmod 600 on it'],
  ['status', required('--data <dir>')],
  ['status --data no', 'data folder no cannot be used: no such file or folder'],
  // The command is right, and there is nobody to carry it out.
  ['status --data folder', 'no member runs on data folder folder', 1],
  ['broadcast', required('--data <dir>')],
  ['broadcast --data folder', 'broadcast needs a text, --input <file> or --lines'],
  ['broadcast --data folder x', 'no member runs on data folder folder', 1],

  ['write', required('--group <file>')],
  [`write a ${C}`, required('--data <dir>')],
  [`write ${C} --data d`, "missing required argument 'register'"],
  [
    `write a x ${M} --data d`,
    'key file keys/member-0.pem is the key of a member of the group, not a client, in keys/group.json'
  ],
  ['read a', required('--group <file>')],
  [
    `read a ${C} --consistency safe`,
    invalid('--consistency <kind>', 'safe', 'Allowed choices are atomic, regular.')
  ],
  ['store', missing('store ')],
  ['store fly', "unknown command 'fly'"],
  ['store get k', required('--group <file>')],
  [`store get ${C}`, "missing required argument 'key'"],
  [`store put k x ${C}`, required('--data <dir>')],
  [`store put k ${C} --data d`, 'put needs a text or --input <file>'],
  [`store put k x ${C} --data d --input text`, 'give a text or --input <file>, not both'],
  [`store delete k ${C}`, required('--data <dir>')],
  [`store list ${C} --limit 0`, invalid('--limit <n>', '0', 'Expected an integer from 1 to 1024.')],
  [`store list k ${C}`, "too many arguments for 'list'. Expected 0 arguments but got 1."],
  ['leaderless', missing('leaderless ')],
  ['leaderless get k', required('--group <file>')],
  [`leaderless put k ${C}`, 'put needs a text or --input <file>'],
  [
    `leaderless put k x ${C} --context x`,
    '--context x: expected the context that get showed, as 0:3,2:1@1700'
  ],
  [`leaderless delete k ${C}`, required('--context <context>')],
  [`leaderless get k ${C} --quorum 8`, invalid('--quorum <n>', '8', 'Expected an integer from 1 to 7.')],

  ['submit', missing('submit ')],
  ['submit get k', required('--group <file>')],
  [`submit put k ${C}`, 'put needs a text or --input <file>'],
  [`submit append k ${C}`, 'append needs a text or --input <file>'],
  [`submit cas k x ${C}`, 'cas needs --expect <text> or --absent, not both'],
  [`submit delete ${C}`, "missing required argument 'key'"],
  [`submit list a b ${C}`, "too many arguments for 'list'. Expected 1 argument but got 2."],
  [`submit raw ${C}`, 'raw needs a text or --input <file>'],

  ['inspect', "missing required argument 'dir'"],
  ['inspect folder', 'data folder folder holds no store'],
  ['cluster --members 0', invalid('--members <n>', '0', 'Expected an integer from 1 to 16.')],
  ['cluster more', "too many arguments for 'cluster'. Expected 0 arguments but got 1."],
  [
    'cluster --byzantine 2',
    '--byzantine 2: a group of 4 tolerates 1 (n > 3f), unless --beyond-resilience is given'
  ],
  ['cluster --data folder', 'folder is not empty, and nothing is overwritten'],

  ['simulate', 'simulate needs a protocol; byzkit simulate --list names them'],
  ['simulate no-such', 'there is no protocol no-such: simulate --list names them'],
  ['simulate ./no.ts', './no.ts cannot be read: no such file or folder'],
  [
    'simulate double-echo --byzantine 2',
    '--byzantine 2: the group tolerates 1 (n > 3f), unless --beyond-resilience is given'
  ],
  ['simulate double-echo --adversary nobody', 'there is no adversary nobody: simulate --list names them'],
  ['simulate double-echo --exhaustive --runs 3', '--exhaustive goes without --runs: that is for seeded runs'],
  ['simulate double-echo --exhaustive --html x', '--exhaustive goes without --html: that is for seeded runs'],
  [
    'simulate double-echo --runs many',
    invalid('--runs <r>', 'many', 'Expected an integer from 1 to 100000000.')
  ],
  ['simulate double-echo --search luck', '--search luck: random, pct, mutation'],
  ['simulate double-echo --shard 3/2', '--shard 3/2: I/K with 1 <= I <= K, for example 1/8'],
  ['simulate double-echo --html folder', 'folder cannot be written: it is a folder'],
  ['init', "missing required argument 'dir'"],
  [
    'init x --kind song',
    invalid('--kind <kind>', 'song', 'Allowed choices are broadcast, register, service.')
  ],
  ['replay', "missing required argument 'file'"],
  ['replay no', 'no cannot be read: no such file or folder'],
  ['replay folder', 'folder cannot be read: it is a folder'],
  ['replay empty', 'empty: empty'],
  ['replay text', 'text: line 1 is not a JSON object'],
  ['replay text --protocol no.ts', 'no.ts cannot be read: no such file or folder'],
  ['check', "missing required argument 'file'"],
  ['check text', 'check needs --model: register, cas-register, kv'],
  ['check no --model kv', 'no cannot be read: no such file or folder'],
  ['check text --model song', '--model song: one of register, cas-register, kv'],
  ['check text --model kv', 'text: line 1: not JSON'],
  ['check text --model kv --consistency x', '--consistency x: one of safe, regular, linearizable'],
  ['verify text', required('--group <file>')],
  [`verify no ${G}`, 'no cannot be read: no such file or folder'],
  [
    'bench song',
    "command-argument value 'song' is invalid for argument 'what'. Allowed choices are links, broadcast, register, stores, consensus, simulator, flood."
  ],
  ['bench register --gate', '--gate: register has no gate; links and broadcast have one'],
  ['bench --rounds 0', invalid('--rounds <r>', '0', 'Expected an integer from 1 to 1000.')],
  ['bench --compare no', 'no cannot be read: no such file or folder']
]

describe('byzkit', () => {
  const before = process.cwd()
  let cwd: string
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'byzkit-usage-'))
    await cp(KEYS, join(cwd, 'keys'), { recursive: true })
    await mkdir(join(cwd, 'folder'))
    await writeFile(join(cwd, 'folder', 'x'), '')
    await writeFile(join(cwd, 'empty'), '')
    await writeFile(join(cwd, 'text'), 'x\n')
    await chmod(join(cwd, 'text'), 0o644)
    process.chdir(cwd)
  })
  afterAll(async () => {
    process.chdir(before)
    await rm(cwd, { recursive: true })
  })

  it.each(table)('%s', async (words, line, status = 2) => {
    expect(await runHere(words.split(' '))).toEqual({ status, stdout: '', stderr: `byzkit: ${line}\n` })
  })

  it('has made nothing by then', async () => {
    expect((await readdir(cwd)).sort()).toEqual(['empty', 'folder', 'keys', 'text'])
    expect(await readdir('folder')).toEqual(['x'])
  })

  it('has wrong usages of every command in this table', async () => {
    const commandsOf = async (...words: string[]) => {
      const { stdout } = await runHere([...words, '--help'])
      return [...stdout.matchAll(/^ {2}([a-z]+)(?: [[<]| {2})/gm)].flatMap(([, name = '']) =>
        name === 'help' ? [] : [[...words, name].join(' ')]
      )
    }
    const commands = await commandsOf()
    for (const group of ['store', 'leaderless', 'submit']) commands.push(...(await commandsOf(group)))
    expect(commands.length).toBeGreaterThan(20)
    const isInTable = (command: string) =>
      table.some(([words]) => words === command || words.startsWith(`${command} `))
    expect(commands.filter((command) => !isInTable(command))).toEqual([])
  })
})
