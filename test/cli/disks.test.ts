/** Disks as they are: without hard links, read-only, or not where TMPDIR says. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { makeGroup, nodeWords } from './running.ts'
import { byzkit, contents, temporaryFolder } from './support.ts'

const FAILING_FS = fileURLToPath(new URL('../fixtures/failing-fs.mjs', import.meta.url))
/** The file system's call fails with the code. */
const failing = (call: string, code: string) => ({
  NODE_OPTIONS: `--import ${FAILING_FS}`,
  BYZKIT_TEST_FS: `${call}=${code}`
})

describe('a file system without hard links', () => {
  const words = ['keygen', '--members', '4', '--out', 'keys']
  const env = failing('link', 'EPERM')

  it('takes keys and groups all the same, whole', async () => {
    const cwd = await temporaryFolder()
    expect(await byzkit(words, { cwd, env })).toMatchObject({ status: 0, stderr: '' })
    const made = await contents(join(cwd, 'keys'))
    const names = ['group.json', ...[0, 1, 2, 3].map((rank) => `member-${rank}.pem`)]
    expect(Object.keys(made).sort()).toEqual(names)
    for (const text of Object.values(made)) expect(text.length).toBeGreaterThan(100)
  })

  it('has nothing overwritten, and nothing half-made', async () => {
    const cwd = await temporaryFolder()
    await mkdir(join(cwd, 'keys'))
    await writeFile(join(cwd, 'keys', 'member-2.pem'), 'of somebody')
    expect(await byzkit(words, { cwd, env })).toMatchObject({
      status: 2,
      stderr: 'byzkit: keys/member-2.pem exists already, and nothing is overwritten\n'
    })
    expect(await contents(join(cwd, 'keys'))).toEqual({ 'member-2.pem': 'of somebody' })
  })

  it('lets one of two that write at once win', async () => {
    const cwd = await temporaryFolder()
    const both = await Promise.all([byzkit(words, { cwd, env }), byzkit(words, { cwd, env })])
    expect(both.map(({ status }) => status).sort()).toEqual([0, 2])
    const group = await readFile(join(cwd, 'keys', 'group.json'), 'utf8')
    expect(JSON.parse(group)).toBeInstanceOf(Object)
    expect((await readdir(join(cwd, 'keys'))).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('a disk that is read-only', () => {
  it.each([
    ['node', /^byzkit: data folder \S+ cannot be used: the file system is read-only\n$/],
    ['keygen', /^byzkit: \S+ cannot be made a folder: the file system is read-only\n$/],
    ['cluster', /^byzkit: \S+ cannot be made a folder: the file system is read-only\n$/]
  ])('%s says so, with the folder', async (command, message) => {
    const cwd = await temporaryFolder()
    await makeGroup(cwd, 4)
    const words: { readonly [command: string]: readonly string[] } = {
      node: nodeWords(cwd, 0),
      keygen: ['keygen', '--members', '4', '--out', join(cwd, 'a/b')],
      cluster: ['cluster', '--members', '4', '--data', join(cwd, 'a/b')]
    }
    const { status, stderr } = await byzkit(words[command] ?? [], { cwd, env: failing('mkdir', 'EROFS') })
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(message) })
  })
})

describe('a folder for temporary files that is not there', () => {
  const env = { TMPDIR: '/no-such-folder' }
  const message =
    'byzkit: /no-such-folder, the folder for temporary files, cannot be used: no such file or folder\n'

  it.each(['status', 'node'])('%s says so, where it needs one', async (command) => {
    const cwd = await temporaryFolder()
    await makeGroup(cwd, 4)
    // Too long for the path of a socket.
    const data = join(cwd, 'x'.repeat(120))
    await mkdir(data, { mode: 0o700 })
    const words = {
      status: ['status', '--data', data],
      node: [...nodeWords(cwd, 0).slice(0, -1), data]
    }[command as 'status' | 'node']
    expect(await byzkit(words, { cwd, env })).toEqual({ status: 2, stdout: '', stderr: message })
  })

  it('cluster says so', async () => {
    expect(await byzkit(['cluster', '--members', '4'], { env })).toMatchObject({ status: 2, stderr: message })
  })
})
