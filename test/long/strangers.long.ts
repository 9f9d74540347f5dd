/** As test/libp2p/strangers.test.ts, with more of them than a member has connections for. */
import { expect, test } from 'vitest'
import { dataFolder, found, serviceOf, startMember, stop } from '../libp2p/service-support.ts'
import { startStrangers } from '../libp2p/strangers-support.ts'
import { HANGS_MS, until } from '../waiting.ts'

const RESTARTS = 5

test.each([28, 280, 2_800])(
  '%d strangers with idle connections from the address of members do not keep a restarted member out',
  { timeout: RESTARTS * HANGS_MS },
  async (count) => {
    const founded = await found(4)
    const data = await dataFolder()
    await startMember(founded, 3)
    const first = await startMember(founded, 0, { data })
    const meets = (node: typeof first) => () => serviceOf(node).connectedMembers.includes(3)
    await until('they meet', meets(first))
    await stop(first)
    const strangers = startStrangers(Number(founded.group.addresses[3]?.[0]?.split('/').at(-1)), count)
    await until('the strangers are there', () => strangers.seen.opened >= count)
    const tookMs: number[] = []
    for (let i = 0; i < RESTARTS; i++) {
      const beganMs = performance.now()
      const node = await startMember(founded, 0, { data })
      await until('it is back', meets(node))
      tookMs.push(Math.round(performance.now() - beganMs))
      await stop(node)
    }
    console.log(`${count} strangers ${JSON.stringify(strangers.seen)}: back after ${tookMs.join(', ')} ms`)
    expect(strangers.seen.open).toBeGreaterThan(0)
  }
)
