/** Why a member is not connected, as its operators see it. */
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Event, makeGroup, nodeWords, startByzkit } from '../cli/running.ts'
import { byzkit, byzkitJson, temporaryFolder } from '../cli/support.ts'

/** Accepts connections and says nothing, until the test is over; gives its address. */
async function listenSilently(): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer((socket) => void sockets.push(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return `/ip4/127.0.0.1/tcp/${typeof address === 'object' ? address?.port : 0}`
}

const addressesOf = ({ addresses }: Event) =>
  (addresses as { address: string }[]).map(({ address }) => address)

describe('byzkit status and byzkit node', () => {
  it('name the addresses that do not answer, and connect by the one that does', async () => {
    const folder = await temporaryFolder()
    await makeGroup(folder, 4)
    const path = join(folder, 'group.json')
    const group = JSON.parse(await readFile(path, 'utf8'))
    const [right] = group.members[3].addresses
    const silent = [await listenSilently(), await listenSilently()]
    group.members[3].addresses = [...silent, right]
    // It listens at the right one only.
    await writeFile(join(folder, 'of-3.json'), await readFile(path, 'utf8'))
    await writeFile(path, JSON.stringify(group))
    const member = startByzkit(...nodeWords(folder, 1))
    const unreachable = await member.event({ event: 'unreachable', member: 3 })
    expect(unreachable).toMatchObject({ since: expect.any(Number), reason: 'no address leads to it' })
    expect(addressesOf(unreachable)).toEqual([...silent, right])
    const data = ['--data', join(folder, 'data-1')]
    const tried = async () => {
      for (;;) {
        const status = await byzkitJson(['status', ...data])
        if (status.unreachable[2].addresses[2].error !== 'not tried yet') return status
      }
    }
    const status = await tried()
    expect(status.connected).toEqual([])
    expect(status.unreachable.map((each: { member: number }) => each.member)).toEqual([0, 2, 3])
    expect(status.unreachable[0]).toMatchObject({
      reason: 'it is the one to dial, and has not',
      addresses: [{ address: group.members[0].addresses[0], error: 'not dialled from here' }]
    })
    expect(status.unreachable[2].addresses).toEqual([
      ...silent.map((address) => ({
        address,
        error: expect.stringMatching(/^no answer within \d+ ms$/),
        since: expect.any(Number)
      })),
      { address: right, error: expect.stringContaining('ECONNREFUSED'), since: expect.any(Number) }
    ])
    const { stdout } = await byzkit(['status', ...data])
    const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`
    expect(stdout).toMatch(
      new RegExp(
        String.raw`\n {2}not connected +member 0, since ${time}: it is the one to dial, and has not\n` +
          String.raw`[\s\S]*\n +member 3, since ${time}: no address leads to it\n` +
          String.raw` +${silent[0]}, since ${time}: no answer within \d+ ms\n`
      )
    )
    const words = nodeWords(folder, 3).map((word) => (word === path ? join(folder, 'of-3.json') : word))
    startByzkit(...words)
    await member.event({ event: 'connect', member: 3 })
    expect(await byzkitJson(['status', ...data])).toMatchObject({
      connected: [3],
      unreachable: [{ member: 0 }, { member: 2 }]
    })
  })
})
