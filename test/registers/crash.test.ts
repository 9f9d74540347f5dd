/**
 * A crash at every point of a run: at each batch that is synced (it is on the disk afterwards, or not) and before each
 * message that leaves, of a member, of the writer, of a reader. Nothing that was acknowledged is lost, nothing is signed
 * twice, and every operation of a client that is up returns.
 */
import { describe, expect, it } from 'vitest'
import { invent } from '../../src/adversary/invent.ts'
import { stale } from '../../src/adversary/stale.ts'
import { AT_LENGTH, extent } from '../extent.ts'
import type { RunChanges } from '../simulator/support.ts'
import { expectNone } from '../violations.ts'
import { runRegister, SIGNED_REGISTERS, violationsOf } from './support.ts'

const MEMBERS = 4
const OPERATIONS = 6
/** The seed decides who lies, and what is left of a batch in flight. */
const SEEDS = [1, 2]
/** Member 0 is correct with both seeds. */
const PROCESSES: readonly [name: string, process: number][] = [
  ['a member', 0],
  ['the first client', MEMBERS],
  ['the second client', MEMBERS + 1]
]
/** By npm test every other message. */
const STEP = extent(2, 1)
const FAULT_FREE: RunChanges = { byzantine: 0 }

describe.each(SIGNED_REGISTERS)('%s', (name) => {
  describe.each(PROCESSES)('a crash of %s', (_, process) => {
    it.each(['sync', 'send'] as const)('at every %s', (event) => {
      let restarts = 0
      let resumed = 0
      for (const seed of extent(SEEDS.slice(0, 1), SEEDS)) {
        const behaviour = seed === 1 ? stale : invent
        const changes: RunChanges = { byzantine: 1, behaviour }
        const whole = runRegister(name, MEMBERS, seed, OPERATIONS, changes)
        expectNone(violationsOf(name, whole))
        const points = whole.counts.get(process)?.[event] ?? 0
        for (let number = 1; number <= points; number += event === 'send' ? STEP : 1) {
          const run = runRegister(name, MEMBERS, seed, OPERATIONS, {
            ...changes,
            planned: [{ kind: 'crash-on', process, event, number, us: 30_000 }]
          })
          expectNone(violationsOf(name, run), `seed ${seed}, ${behaviour.name}, ${event} ${number}`)
          expect(run.history.events.filter(({ kind }) => kind === 'crash')).toHaveLength(1)
          restarts += run.landmarks.get('restarted') ?? 0
          resumed += run.landmarks.get('write-resumed') ?? 0
        }
      }
      // A reader of a (1,N) register stores nothing; everybody else was struck, and a writer in mid-write.
      const stores = process < MEMBERS || process === MEMBERS || name.includes('shared')
      if (event === 'send' || stores) expect(restarts).toBeGreaterThan(extent(3, 8))
      if (stores && process >= MEMBERS && AT_LENGTH) expect(resumed).toBeGreaterThan(1)
    })
  })

  it('two crashes of the first client, at every two syncs in a row', () => {
    const points = runRegister(name, MEMBERS, 1, OPERATIONS, FAULT_FREE).counts.get(MEMBERS)?.sync ?? 0
    expect(points).toBeGreaterThan(3)
    for (let number = 1; number <= points; number++) {
      for (const seed of SEEDS) {
        const run = runRegister(name, MEMBERS, seed, OPERATIONS, {
          ...FAULT_FREE,
          planned: [number, number + 1].map((at) => ({
            kind: 'crash-on',
            process: MEMBERS,
            event: 'sync',
            number: at,
            us: 30_000
          }))
        })
        expectNone(violationsOf(name, run), `seed ${seed}, sync ${number}`)
      }
    }
  })
})
