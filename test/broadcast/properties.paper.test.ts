/**
 * Each stack's properties under their textbook names, over seeded runs without liars: crashes and restarts, ended
 * sessions, partitions, clocks that are off. Runs with liars are in test/adversary.
 */
import { describe, expect, it } from 'vitest'
import { broadcastStacks as stacks } from '../../src/catalogue/index.ts'
import { checkBroadcast } from '../../src/checkers/broadcast.ts'
import { broadcastEvents } from '../../src/checkers/broadcast-history.ts'
import type { SimulationResult } from '../../src/simulator/simulation.ts'
import { extent } from '../extent.ts'
import { runStack } from '../simulator/support.ts'
import { expectNone } from '../violations.ts'

const RUNS = extent(10, 25)
const rough = { rates: { partitions: 2, sessionEnds: 3, crashes: 4, syncFailurePpm: 20_000 } }

describe.each(stacks.map(({ name, source, properties }) => ({ name, source, properties })))(
  '$name ($source)',
  ({ name, properties }) => {
    describe.each([4, 5, 6, 7])('n = %i', (n) => {
      let runs: SimulationResult[] | undefined
      const all = () => {
        runs ??= Array.from({ length: RUNS }, (_, seed) => runStack(name, n, seed, rough))
        return runs
      }

      it.each(properties)('%s', (property) => {
        for (const { history } of all()) expectNone(checkBroadcast(history, [property]))
      })

      it('the runs delivered, crashed and ended sessions', () => {
        const events = all().flatMap(({ history }) => broadcastEvents(history))
        expect(events.filter(({ kind }) => kind === 'deliver').length).toBeGreaterThan(RUNS * n)
        expect(events.filter(({ kind }) => kind === 'restart').length).toBeGreaterThan(RUNS)
        expect(events.filter(({ kind }) => kind === 'stop')).toEqual([])
        expect(all().some(({ landmarks }) => landmarks.has('session-ended'))).toBe(true)
      })
    })
  }
)

describe.each(['authenticated-echo', 'signed-echo', 'double-echo'])(
  '%s over real links on a lossy network',
  (name) => {
    it.each([4, 5, 6, 7])('n = %i: all properties', (n) => {
      const lossy = {
        ...rough.rates,
        crashes: 2,
        lossPpm: 100_000,
        duplicationPpm: 50_000,
        overtakingPpm: 100_000
      }
      for (let seed = 0; seed < 4; seed++) {
        const { history, landmarks } = runStack(name, n, seed, { links: 'real', rates: lossy })
        expect(
          checkBroadcast(history, ['validity', 'no duplication', 'integrity', 'consistency', 'accuracy'])
        ).toEqual([])
        expect(landmarks.get('link-retransmission')).toBeGreaterThan(0)
      }
    })
  }
)
