import { createHash } from 'node:crypto'
import { mkdir, readdir, readlink, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CONTROL_REQUEST_BYTES_MAX, parseAnswer, parseRequest } from '../../src/cli/control/protocol.ts'
import { makeGroup, nodeWords, type RunningCommand, startByzkit } from './running.ts'
import { byzkit, byzkitJson, expectRefused, temporaryFolder } from './support.ts'

/** A group of one, running; alone it is a quorum. */
async function runAlone(folder: string): Promise<{ data: string; member: RunningCommand }> {
  await makeGroup(folder, 1)
  const member = startByzkit(...nodeWords(folder, 0))
  await member.event({ event: 'ready' })
  return { data: join(folder, 'data-0'), member }
}

/** Says something on a socket as it is, and gives all that is answered. */
function say(path: string, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(path, () => socket.write(text))
    socket.setEncoding('utf8').on('data', (part) => (answer += part))
    socket.once('error', () => {})
    socket.once('close', () => resolve(answer))
  })
}

describe('byzkit status and broadcast', () => {
  it('speak to the running member', async () => {
    const folder = await temporaryFolder()
    const { data, member } = await runAlone(folder)
    expect(await byzkitJson(['broadcast', '--data', data, 'hello'])).toEqual({
      sender: 0,
      sequence: 0,
      bytes: 5
    })
    const file = join(folder, 'bytes')
    await writeFile(file, Uint8Array.of(0, 255, 10, 13))
    expect(await byzkitJson(['broadcast', '--data', data, '--input', file])).toMatchObject({
      sequence: 1,
      bytes: 4
    })
    const payload = (text: string | Uint8Array) => Buffer.from(text).toString('base64')
    expect(await member.event({ event: 'delivery', sequence: 0 })).toMatchObject({
      payload: payload('hello')
    })
    expect(await member.event({ event: 'delivery', sequence: 1 })).toMatchObject({
      payload: payload(Uint8Array.of(0, 255, 10, 13))
    })
    expect(await byzkitJson(['status', '--data', data])).toMatchObject({ self: 0, ready: true, members: 1 })
    expect((await byzkit(['status', '--data', data])).stdout).toMatch(/^member 0 of 1.*\n {2}state +ready/)
  })

  it('broadcast the longest payload, and refuse a longer one', async () => {
    const folder = await temporaryFolder()
    const { data, member } = await runAlone(folder)
    await writeFile(join(folder, 'longest'), new Uint8Array(64 * 1024))
    await writeFile(join(folder, 'longer'), new Uint8Array(64 * 1024 + 1))
    const longest = ['broadcast', '--data', data, '--input', join(folder, 'longest')]
    expect(await byzkitJson(longest)).toMatchObject({ sequence: 0, bytes: 64 * 1024 })
    const { payload } = await member.event({ event: 'delivery' })
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
    expect(sha256(Buffer.from(String(payload), 'base64'))).toBe(sha256(new Uint8Array(64 * 1024)))
    await expectRefused(
      ['broadcast', '--data', data, '--input', 'longer'],
      'longer: larger than 65536 bytes',
      {
        cwd: folder
      }
    )
  })

  it.each<[what: string, words: string[], line: string | RegExp]>([
    ['status without a folder', ['status'], "required option '--data <dir>' not specified"],
    ['broadcast without a folder', ['broadcast', 'x'], "required option '--data <dir>' not specified"],
    [
      'a folder that is not there',
      ['status', '--data', 'no'],
      'data folder no cannot be used: no such file or folder'
    ],
    ['a file', ['status', '--data', 'file'], /^data folder file cannot be used: /],
    [
      'nothing to broadcast',
      ['broadcast', '--data', 'data'],
      'broadcast needs a text, --input <file> or --lines'
    ],
    [
      'two things to broadcast',
      ['broadcast', '--data', 'data', '--input', 'file', 'x'],
      'give a text or --input <file>, not both'
    ],
    [
      'a file that is not there',
      ['broadcast', '--data', 'data', '--input', 'no'],
      'no cannot be read: no such file or folder'
    ],
    ['a word too many', ['broadcast', '--data', 'data', 'x', 'y'], /too many arguments/]
  ])('refuse %s', async (_, words, line) => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, 'file'), 'text')
    await mkdir(join(cwd, 'data'))
    await expectRefused(words, line, { cwd })
  })

  it('fail where no member runs', async () => {
    const data = await temporaryFolder()
    for (const words of [['status'], ['broadcast', 'x']])
      expect(await byzkit([...words, '--data', data])).toEqual({
        status: 1,
        stdout: '',
        stderr: `byzkit: no member runs on data folder ${data}\n`
      })
    expect(await readdir(data)).toEqual([])
  })
})

describe('the control socket', () => {
  it('replaces the one that a killed process left', async () => {
    const folder = await temporaryFolder()
    const { data, member } = await runAlone(folder)
    const { incarnation } = await byzkitJson(['status', '--data', data])
    member.kill('SIGKILL')
    await member.exited
    expect(await readdir(data)).toContain('control.sock')
    expect((await byzkit(['status', '--data', data])).status).toBe(1)
    await startByzkit(...nodeWords(folder, 0)).event({ event: 'ready' })
    const later = await byzkitJson(['status', '--data', data])
    expect(later.incarnation).toBeGreaterThan(incarnation)
  })

  it('is reached although the path of the data folder is too long for a socket', async () => {
    const folder = join(await temporaryFolder(), 'long'.repeat(40))
    const { data } = await runAlone(folder)
    expect(await byzkitJson(['status', '--data', data])).toMatchObject({ self: 0 })
    expect(await byzkitJson(['broadcast', '--data', data, 'x'])).toMatchObject({ sequence: 0 })
    expect(await readdir(data)).toContain('control.sock')
  })

  it('answers whatever is said to it, and goes on', async () => {
    const { data } = await runAlone(await temporaryFolder())
    const path = join(data, 'control.sock')
    const refused = '{"ok":false,"error":{"name":"InvalidParametersError"'
    for (const text of [
      '\n',
      'status\n',
      '{"do":"stop"}\n',
      '[]\n',
      'null\n',
      '{"do":"broadcast","payload":"*"}\n'
    ])
      expect(await say(path, text)).toContain(refused)
    expect(await say(path, 'x'.repeat(CONTROL_REQUEST_BYTES_MAX + 1))).toContain(refused)
    expect(await say(path, '{"do":"status"}\n{"do":"status"}\n')).toMatch(/^\{"ok":true[^\n]+\n$/)
    expect(await byzkitJson(['status', '--data', data])).toMatchObject({ ready: true })
  })

  it('reads nothing into what is no request, or no answer', () => {
    expect(parseRequest('{"do":"status","more":1}')).toEqual({ do: 'status' })
    expect(parseRequest('{"do":"broadcast","payload":1}')).toBeUndefined()
    expect(parseRequest('{')).toBeUndefined()
    expect(parseAnswer('{"ok":true,"value":{"a":1}}')).toEqual({ ok: true, value: { a: 1 } })
    for (const line of [
      '',
      '{}',
      '{"ok":true}',
      '{"ok":true,"value":[]}',
      '{"ok":false,"error":{"name":"x"}}'
    ])
      expect(parseAnswer(line)).toBeUndefined()
  })

  it('leaves no folder behind that led to it', async () => {
    const folder = join(await temporaryFolder(), 'long'.repeat(40))
    await runAlone(folder)
    const leads = async (name: string) => {
      const to = await readlink(join('/tmp', name, 'd')).catch(() => '')
      return to.startsWith(folder) ? [name] : []
    }
    const mine = (await Promise.all((await readdir('/tmp')).map(leads))).flat()
    expect(mine).toEqual([])
  })
})
