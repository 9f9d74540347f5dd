/** The TypeScript of the documents as files, which can import the package by its name. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Block, blocks, ROOT } from './documents.ts'

const run = promisify(execFile)

export const snippets: readonly Block[] = blocks.filter(({ info }) => /^(ts|typescript)\b/.test(info))

export const nameOf = ({ document, line }: Block): string =>
  `${document.replaceAll(/[^a-z0-9]+/gi, '-')}-${line}.ts`

/** One more, which does not compile. */
export const WRONG = 'wrong.ts'

/** A folder within the package, where its own name leads to it, but no part of the repository. */
export async function snippetFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  await mkdir(join(ROOT, '.byzkit'), { recursive: true })
  const path = await mkdtemp(join(ROOT, '.byzkit', 'docs-'))
  for (const block of snippets) await writeFile(join(path, nameOf(block)), block.text)
  await writeFile(join(path, WRONG), "import { createNode } from 'byzkit'\ncreateNode(1)\n")
  const files = [...snippets.map(nameOf), WRONG]
  const compilerOptions = { noUnusedLocals: false }
  await writeFile(
    join(path, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', compilerOptions, files, include: [] })
  )
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** What the compiler says of the snippets; empty if nothing. */
export async function typeErrors(folder: string): Promise<string> {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  try {
    await run(process.execPath, [tsc, '-p', folder, '--noEmit'])
    return ''
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string }
    return `${stdout}${stderr}`
  }
}
