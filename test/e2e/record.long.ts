/** `node --record`: a real member of a group of four is recorded, killed, started again, and replayed without its key. */
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/core/bytes.ts'
import { decodePrivateKey, sharedSecret } from '../../src/crypto/index.ts'
import { makeGroup, nodeWords, type RunningCommand, startByzkit } from '../cli/running.ts'
import { byzkit, byzkitJson, temporaryFolder } from '../cli/support.ts'

const MEMBERS = 4
/** The one that is recorded. */
const SELF = 1

const broadcast = (folder: string, rank: number, text: string) =>
  byzkitJson(['broadcast', '--data', join(folder, `data-${rank}`), text])

const start = (folder: string, rank: number, ...words: string[]) =>
  startByzkit(...nodeWords(folder, rank, '--stack', 'signed-byzantine-reliable-channel', ...words))

/** As {@link byzkitJson}, of a replay that may find a difference. */
async function replay(path: string) {
  const { status, stdout, stderr } = await byzkit(['replay', path, '--json'])
  const lines = stdout.trimEnd().split('\n')
  return {
    status,
    stderr,
    events: lines.slice(0, -1).map((line) => JSON.parse(line)),
    result: JSON.parse(lines.at(-1) ?? '')
  }
}

const delivered = ({ events }: RunningCommand) => events.filter(({ event }) => event === 'delivery')

describe('a recorded member', () => {
  it('is reproduced from its inputs, life by life: killed, and stopped', async () => {
    const folder = await temporaryFolder()
    await makeGroup(folder, MEMBERS)
    const [first, second] = ['first.jsonl', 'second.jsonl'].map((name) => join(folder, name)) as [
      string,
      string
    ]
    const members = Array.from({ length: MEMBERS }, (_, rank) =>
      rank === SELF ? start(folder, rank, '--record', first) : start(folder, rank)
    )
    await Promise.all(members.map((member) => member.event({ event: 'ready' })))
    for (const rank of members.keys()) await broadcast(folder, rank, `of ${rank}`)
    const recorded = members[SELF]!
    for (const sender of members.keys()) await recorded.event({ event: 'delivery', sender })
    // In the middle of traffic, so that it dies in the middle of something.
    const traffic = byzkit(['broadcast', '--data', join(folder, 'data-0'), '--lines'], {
      shell: 'seq 250 |'
    })
    await recorded.event({ event: 'delivery', sender: 0, sequence: 100 })
    recorded.kill('SIGKILL')
    await recorded.exited

    const killed = await replay(first)
    expect(killed).toMatchObject({ status: 0, stderr: '' })
    expect(killed.result).toMatchObject({
      member: SELF,
      members: MEMBERS,
      verdict: 'reproduced',
      ending: 'none'
    })
    // Each of its deliveries, in its order: a delivery is recorded before it is printed.
    const replayed = killed.events
      .filter(({ kind, name }) => kind === 'indicate' && name === 'deliver')
      .map(({ values: { sender, sequence, payload } }) => [sender, sequence, payload.hex])
    const printed = delivered(recorded).map(({ sender, sequence, payload }) => [
      sender,
      sequence,
      Buffer.from(String(payload), 'base64').toString('hex')
    ])
    expect(printed.length).toBeGreaterThan(100)
    expect(replayed.slice(0, printed.length)).toEqual(printed)
    expect((await traffic).status).toBe(0)

    // Nothing is overwritten: the recording of the first life stays.
    const again = start(folder, SELF, '--record', first)
    expect(await again.exited).toMatchObject({
      status: 2,
      stderr: `byzkit: ${first} cannot be written: it exists already\n`
    })
    const restarted = start(folder, SELF, '--record', second)
    await restarted.event({ event: 'ready' })
    await broadcast(folder, SELF, 'back')
    await restarted.event({ event: 'delivery', sender: SELF, sequence: 1 })
    restarted.kill('SIGTERM')
    expect(await restarted.exited).toMatchObject({ status: 0, stderr: '' })
    const stopped = await replay(second)
    expect(stopped.result).toMatchObject({
      verdict: 'reproduced',
      ending: 'stopped',
      torn: false
    })
    expect(stopped.result.incarnation).toBeGreaterThan(killed.result.incarnation)
    expect(stopped.events.map(({ kind }) => kind)).toContain('restart')

    await expectPrivate(folder, [first, second])
    await expectDamageTold(folder, first)
  })
})

/** Nobody else may read the recordings, and whoever does cannot speak for the member, nor for its links. */
async function expectPrivate(folder: string, recordings: readonly string[]): Promise<void> {
  const { members } = JSON.parse(await readFile(join(folder, 'group.json'), 'utf8'))
  const seed = decodePrivateKey(await readFile(join(folder, `member-${SELF}.pem`), 'utf8'))
  const secrets = [
    seed,
    ...members
      .filter(({ rank }: { rank: number }) => rank !== SELF)
      .map(({ publicKey }: { publicKey: string }) => sharedSecret(seed, fromHex(publicKey)))
  ]
  for (const path of recordings) {
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const text = await readFile(path, 'utf8')
    // What is there is found: its public key, and a signature of its own.
    expect(text).toContain(members[SELF].publicKey)
    expect(text).toMatch(/"signature":"[0-9a-f]{128}"/)
    for (const secret of secrets) {
      expect(secret.length).toBe(32)
      for (const encoded of [
        toHex(secret),
        Buffer.from(secret).toString('base64'),
        Buffer.from(secret).toString('base64url')
      ])
        expect(text).not.toContain(encoded.replaceAll('=', ''))
    }
  }
}

async function expectDamageTold(folder: string, path: string): Promise<void> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  const at = lines.findIndex((line) => line.includes('"service":"broadcast","name":"broadcast"'))
  const damaged = join(folder, 'damaged.jsonl')
  const write = (changed: readonly string[]) => writeFile(damaged, changed.join('\n'))

  // Another payload than the one that was broadcast.
  await write(lines.with(at, lines[at]!.replace(/("arguments":"[0-9a-f]*)..",/, '$1ff",')))
  const { status, result } = await replay(damaged)
  expect({ status, ...result }).toMatchObject({
    status: 1,
    verdict: 'differs',
    difference: expect.stringContaining(
      `line ${at + 1} (broadcast.broadcast, asked for by the application): `
    )
  })

  // As if it had been killed while it wrote.
  await write([...lines.slice(0, at), lines[at]!.slice(0, 40)])
  expect((await replay(damaged)).result).toMatchObject({ verdict: 'reproduced', torn: true, ending: 'none' })

  await write(lines.with(at, lines[at]!.slice(0, 40)))
  expect(await byzkit(['replay', damaged])).toEqual({
    status: 2,
    stdout: '',
    stderr: `byzkit: ${damaged}: line ${at + 1} is not JSON: the recording is damaged\n`
  })
}
