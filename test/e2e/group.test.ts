/** A group of four `byzkit node` processes, as people run them: each with its key, its data folder and its socket. */
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeGroup, nodeWords, type RunningCommand, startByzkit } from '../cli/running.ts'
import { byzkitJson, temporaryFolder } from '../cli/support.ts'
import { extent } from '../extent.ts'
import { elapse } from '../waiting.ts'

const MEMBERS = 4

async function startGroup(folder: string): Promise<RunningCommand[]> {
  await makeGroup(folder, MEMBERS)
  const members = Array.from({ length: MEMBERS }, (_, rank) => startByzkit(...nodeWords(folder, rank)))
  await Promise.all(members.map((member) => member.event({ event: 'ready' })))
  return members
}

const broadcast = (folder: string, rank: number, text: string) =>
  byzkitJson(['broadcast', '--data', join(folder, `data-${rank}`), text])

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** The payloads that it delivered of a sender, in order, in the lives so far. */
function delivered(lives: readonly RunningCommand[], sender: number): unknown[] {
  const bySequence = new Map<unknown, unknown>()
  for (const { events } of lives)
    for (const { event, sender: from, sequence, payload } of events)
      if (event === 'delivery' && from === sender) bySequence.set(sequence, payload)
  return [...bySequence].sort(([a], [b]) => Number(a) - Number(b)).map(([, payload]) => payload)
}

describe('a group of processes', () => {
  it.each(extent<string[]>([], ['delivers everywhere']))('%s what each member broadcasts', async () => {
    const folder = await temporaryFolder()
    const members = await startGroup(folder)
    for (const rank of members.keys()) await broadcast(folder, rank, `of ${rank}`)
    for (const member of members)
      for (const sender of members.keys())
        expect(await member.event({ event: 'delivery', sender })).toMatchObject({
          sequence: 0,
          payload: base64(`of ${sender}`)
        })
    // The first line that fails to come would fail the command.
    const words = ['broadcast', '--data', join(folder, 'data-0'), '--lines']
    expect(await byzkitJson(words, { shell: 'printf "one\\ntwo\\n" |' })).toEqual({ broadcasts: 2 })
    expect(await members[3]?.event({ event: 'delivery', sender: 0, sequence: 2 })).toMatchObject({
      payload: base64('two')
    })
    const status = () => byzkitJson(['status', '--data', join(folder, 'data-2')])
    // Ready is who is connected with a quorum, and everything comes to all of those that are.
    await expect.poll(status).toMatchObject({ self: 2, ready: true, connected: [0, 1, 3], faults: 0 })
    for (const member of members) member.kill('SIGTERM')
    for (const { status: exit, stderr } of await Promise.all(members.map(({ exited }) => exited)))
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  })

  it('goes on without a member that kill -9 ended at any moment, and has it back with its data folder', async () => {
    const folder = await temporaryFolder()
    const members = await startGroup(folder)
    const victim = randomInt(MEMBERS)
    const writer = (victim + 1) % MEMBERS
    const lives = [members[victim]!]
    const texts = Array.from({ length: 12 }, (_, index) => `text ${index}`)
    let restarted: RunningCommand | undefined
    for (const [index, text] of texts.entries()) {
      await broadcast(folder, writer, text)
      if (index === 3) {
        await elapse(randomInt(200))
        lives[0]?.kill('SIGKILL')
        await lives[0]?.exited
      }
      if (index === 7) {
        restarted = startByzkit(...nodeWords(folder, victim))
        lives.push(restarted)
      }
    }
    const [before, after] = await Promise.all(lives.map((life) => life.event({ event: 'started' })))
    expect(after?.incarnation).toBeGreaterThan(Number(before?.incarnation))
    await restarted?.event({ event: 'delivery', sender: writer, sequence: texts.length - 1 })
    expect(delivered(lives, writer)).toEqual(texts.map(base64))
    await broadcast(folder, victim, 'back')
    for (const [rank, member] of members.entries())
      if (rank !== victim) await member.event({ event: 'delivery', sender: victim, payload: base64('back') })
    // A crash is no fault that anybody is named for.
    for (const { events } of [...members, ...lives])
      expect(events.filter(({ event, certainty }) => event === 'fault' && certainty !== 'suspected')).toEqual(
        []
      )
  })
})
