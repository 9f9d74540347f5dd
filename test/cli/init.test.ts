/** `byzkit init`: what it writes runs as it is written, and is found wrong once it is made so. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../docs/documents.ts'
import { extent } from '../extent.ts'
import { byzkit, byzkitJson, contents, expectRefused, temporaryFolder } from './support.ts'

/** A folder in which byzkit is installed. */
async function project(): Promise<string> {
  const cwd = await temporaryFolder()
  await mkdir(join(cwd, 'node_modules'))
  await symlink(ROOT, join(cwd, 'node_modules', 'byzkit'), 'dir')
  return cwd
}

const testsOf = (cwd: string) =>
  new Promise<{ readonly status: number; readonly said: string }>((resolve) => {
    // The variables of whoever runs these tests are not for theirs.
    execFile(process.execPath, ['--test'], { cwd, env: { PATH: process.env.PATH } }, (error, said) =>
      resolve({ status: error === null ? 0 : 1, said })
    )
  })

const SERVICE = ['service', '++this.#count', 'this.#count + 1', 'distinct'] as const
const KINDS = [
  ['broadcast', 'quorum.byzantine', 'quorum.oneCorrect', 'consistency'],
  SERVICE,
  ['register', 'this.env.group.quorum.majority', '1', 'validity']
] as const

it.each(extent<readonly (typeof KINDS)[number][]>([SERVICE], KINDS))(
  'a %s: its tests and its campaign hold, and find a mistake',
  async (kind, right, wrong, property) => {
    const cwd = await project()
    const result = await byzkitJson(['init', 'mine', '--kind', kind], { cwd })
    const files = ['README.md', 'package.json', 'protocol.test.ts', 'protocol.ts', 'tsconfig.json']
    expect(result).toEqual({
      dir: 'mine',
      kind,
      files: files.map((name) => `mine/${name}`),
      next: ['cd mine', 'npm test', 'npm run campaign']
    })
    const folder = join(cwd, 'mine')
    const { name, scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    expect({ name, test: scripts.test }).toEqual({ name: 'mine', test: 'node --test' })
    const [command, ...campaign] = scripts.campaign.split(' ')
    expect(command).toBe('byzkit')
    const fewer = [...campaign.slice(0, -1), '60', '--workers', '1']
    const passed = await testsOf(folder)
    expect(passed, passed.said).toMatchObject({ status: 0 })
    expect(await byzkitJson(fewer, { cwd: folder })).toMatchObject({ verdict: 'ok', runs: 60 })

    const path = join(folder, 'protocol.ts')
    const text = await readFile(path, 'utf8')
    expect(text).toContain(right)
    await writeFile(path, text.replace(right, wrong))
    const failed = await testsOf(folder)
    expect(failed.status).toBe(1)
    expect(failed.said).toContain('see it with: npx byzkit simulate ./protocol.ts')
    const { status, stdout } = await byzkit(fewer, { cwd: folder })
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining(`${property} violated`) })
  }
)

it('says what to install first, where byzkit is not', async () => {
  const cwd = await temporaryFolder()
  const { stdout } = await byzkit(['init', './Not A Name'], { cwd })
  expect(stdout).toMatch(/\n {2}npm install byzkit\n {2}npm test\n {2}npm run campaign\n$/)
  expect(JSON.parse(await readFile(join(cwd, 'Not A Name', 'package.json'), 'utf8')).name).toBe('my-protocol')
})

it('overwrites nothing, and writes all or none', async () => {
  const cwd = await temporaryFolder()
  await mkdir(join(cwd, 'mine'))
  await writeFile(join(cwd, 'mine', 'protocol.ts'), 'export default 7')
  await expectRefused(['init', 'mine'], 'mine/protocol.ts exists already, and nothing is overwritten', {
    cwd
  })
  expect(Object.keys(await contents(cwd))).toEqual(['mine/', 'mine/protocol.ts'])
  await expectRefused(['init'], "missing required argument 'dir'", { cwd })
  await expectRefused(
    ['init', 'other', '--kind', 'song'],
    /Allowed choices are broadcast, register, service/,
    {
      cwd
    }
  )
})
