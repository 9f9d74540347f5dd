import { describe, expect, it } from 'vitest'
import { inspectStore } from '../../src/store/inspect-store.ts'
import { openLevelStore } from '../../src/store/level-store.ts'
import { lastLife } from '../../src/store/life.ts'
import { extent } from '../extent.ts'
import { durableTurns, startWriter } from './children.ts'
import { temporaryFolder } from './support.ts'

const LIVES = extent(3, 5)

/** Two turns are some 4 kB of journal: with the second, checkpoints follow one another all the time. */
const CHECKPOINTS = [
  ['hardly any checkpoint', 0],
  ['checkpoints all the time', 8000]
] as const

describe('a process killed in the middle of writing', () => {
  it.each(CHECKPOINTS)(
    'finds after each restart all that was acknowledged, and whole turns only: %s',
    async (_, checkpointBytes) => {
      const folder = await temporaryFolder()
      const acknowledged: number[] = []
      let from = 0
      let checkpoint = 0
      for (let life = 1; life <= LIVES; life++) {
        const writer = startWriter(folder, from, '', checkpointBytes)
        await writer.until((_, count) => count > 20 * life)
        writer.kill()
        await writer.exited
        expect(writer.lines[0]).toBe(`life ${life}`)
        acknowledged.push(...durableTurns(writer.lines))

        const store = await openLevelStore(folder)
        expect(lastLife(store)).toBe(life)
        const left = store.restored('left/')
        const turns = left.map(([key]) => Number.parseInt(key, 16))
        expect(store.restored('right/')).toEqual(left)
        expect(turns).toEqual(turns.map((_, i) => i))
        expect(acknowledged.filter((turn) => !turns.includes(turn))).toEqual([])
        for (const [key, value] of left) expect(value[0]).toBe(Number.parseInt(key, 16) % 256)
        from = turns.length
        await store.close()
        const { recovered, damage } = await inspectStore(folder)
        expect(damage).toBeUndefined()
        checkpoint = recovered?.checkpoint.number ?? 0
      }
      expect(checkpoint > 0).toBe(checkpointBytes > 0)
      expect(acknowledged.length).toBeGreaterThan(100)
    }
  )

  it('stops at the first write that fails, and says nothing that depends on it', async () => {
    const folder = await temporaryFolder()
    // A limit on the size of files stands for a full disk: the log can grow no further.
    const writer = startWriter(folder, 0, 'ulimit -f 200;')
    await writer.exited
    expect(writer.lines.at(-1)).toMatch(
      /^stopped database \S+: writing journal record \d+ failed: IO error: \S+: File too large$/
    )
    const acknowledged = durableTurns(writer.lines)
    expect(acknowledged.length).toBeGreaterThan(0)

    const store = await openLevelStore(folder)
    const turns = new Set(store.restored('left/').map(([key]) => Number.parseInt(key, 16)))
    expect(acknowledged.filter((turn) => !turns.has(turn))).toEqual([])
    await store.close()
  })
})
