/** `byzkit init`: a folder with a protocol of one's own, its tests and a campaign, which runs as it is written. */
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import { action, type Invocation, type Run } from '../../program/command.ts'
import { EXIT_OK, type ExitStatus } from '../../program/errors.ts'
import { type NewFile, PUBLIC_MODE, writeNewFiles } from '../../program/files/new-files.ts'
import { printable } from '../../program/output.ts'

/** Of protocols, one folder each; and what all of them have. */
const TEMPLATES = fileURLToPath(new URL('../../../templates/', import.meta.url))
const OF_ALL = 'all'

const KINDS = ['broadcast', 'register', 'service'] as const

interface Options {
  readonly kind: (typeof KINDS)[number]
}

export function registerInit(program: Command, run: Run): void {
  program
    .command('init')
    .description('write a protocol of your own into a folder, with tests and a campaign, to be changed')
    .argument('<dir>', 'the folder')
    .addOption(
      new Option('--kind <kind>', 'what the protocol offers').choices([...KINDS]).default('broadcast')
    )
    .action(action<Options>(run, init))
}

async function init({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  const [dir = ''] = operands
  const { kind } = options
  const files = [
    { path: join(dir, 'package.json'), text: manifestOf(dir), mode: PUBLIC_MODE },
    ...(await copies(OF_ALL, dir)),
    ...(await copies(kind, dir))
  ].sort((a, b) => (a.path < b.path ? -1 : 1))
  await writeNewFiles(files)
  const found = isFoundFrom(dir)
  const install = found ? [] : ['npm install byzkit']
  const next = [`cd ${dir}`, ...install, 'npm test', 'npm run campaign']
  output.result(
    { dir, kind, files: files.map(({ path }) => path), next },
    [
      ...files.map(({ path }) => printable(path)),
      output.colors.dim('then:'),
      ...next.map((command) => `  ${printable(command)}`)
    ].join('\n')
  )
  return EXIT_OK
}

async function copies(folder: string, dir: string): Promise<NewFile[]> {
  const names = await readdir(join(TEMPLATES, folder))
  return Promise.all(
    names.map(async (name) => ({
      path: join(dir, name),
      text: await readFile(join(TEMPLATES, folder, name), 'utf8'),
      mode: PUBLIC_MODE
    }))
  )
}

function manifestOf(dir: string): string {
  const name = basename(resolve(dir))
  const manifest = {
    name: /^[a-z0-9][a-z0-9-]{0,100}$/.test(name) ? name : 'my-protocol',
    private: true,
    type: 'module',
    scripts: { test: 'node --test', campaign: 'byzkit simulate ./protocol.ts --runs 2000' }
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}

/** Whether what is imported there by name is found: a folder above may have it installed. */
function isFoundFrom(dir: string): boolean {
  try {
    createRequire(join(resolve(dir), 'protocol.ts')).resolve('byzkit/package.json')
    return true
  } catch {
    // That is the answer.
    return false
  }
}
