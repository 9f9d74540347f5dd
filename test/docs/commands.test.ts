/** Every command that the documents name exists, and takes the options with which they name it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HELP as PAIR_HELP } from '../../bench/pair/plan.ts'
import { main } from '../../src/cli/main.ts'
import { type Document, documents, ROOT } from './documents.ts'

async function helpOf(...words: string[]): Promise<string> {
  let help = ''
  const stdout = {
    write: (text: string) => {
      help += text
    }
  }
  await main([...words, '--help'], { stdout, stderr: { write() {} }, env: {} })
  return help
}

/** Those that a help lists, one with others of its own too. */
const commandsIn = (help: string) =>
  [...help.matchAll(/^ {2}([a-z]+)(?: \[| {2})/gm)].map(([, name]) => name ?? '')

/** Of a command, and of those that it has. */
async function helpsOf(command: string): Promise<string> {
  const help = await helpOf(command)
  const own = commandsIn(help).filter((name) => name !== 'help')
  return [help, ...(await Promise.all(own.map((name) => helpOf(command, name))))].join('\n')
}

const commands = commandsIn(await helpOf())
const helps = new Map(await Promise.all(commands.map(async (name) => [name, await helpsOf(name)] as const)))
const scripts: { readonly [name: string]: string } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8')
).scripts

/** `byzkit COMMAND ...` in code, in line or in a block; a backslash at the end goes on in the next line. */
function unknownUses({ text }: Document): string[] {
  const unknown: string[] = []
  const joined = text.replaceAll(/\\\n\s*/g, ' ')
  for (const [, command = '', rest = ''] of joined.matchAll(
    /(?:`(?!byzkit demo key)|npx |^(?=byzkit [a-z]+ --))byzkit ([a-z]+)([^`\n|;&#>]*)/gm
  )) {
    const help = helps.get(command)
    if (help === undefined && command !== 'help') unknown.push(`byzkit ${command}`)
    for (const [option] of rest.matchAll(/--[a-z-]+/g))
      if (help !== undefined && !help.includes(option)) unknown.push(`byzkit ${command} ${option}`)
  }
  for (const [, script = ''] of joined.matchAll(/npm run ([a-z:-]+)/g))
    if (scripts[script] === undefined) unknown.push(`npm run ${script}`)
  return unknown
}

test('there are commands to be named', () => {
  expect(commands).toEqual(
    expect.arrayContaining(['keygen', 'group', 'node', 'store', 'cluster', 'simulate', 'replay'])
  )
})

test.each(documents)('$path', (document) => {
  expect(unknownUses(document)).toEqual([])
})

test('every option that stands alone in code is one of some command', () => {
  const all = [...helps.values(), PAIR_HELP].join('\n')
  const ours = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/`(--[a-z][a-z-]+)(?:[ =][^`]*)?`/g)].map(([, option = '']) => ({ path, option }))
  )
  expect(ours.filter(({ option }) => !all.includes(option) && option !== '--version')).toEqual([])
})

test('an unknown command, option or script is found', () => {
  const text =
    'npx byzkit fly --high\n`byzkit simulate x --no-such` and npm run nothing, `byzkit group a \\\n --out b`'
  expect(unknownUses({ path: 'x', text })).toEqual([
    'byzkit fly',
    'byzkit simulate --no-such',
    'npm run nothing'
  ])
})
