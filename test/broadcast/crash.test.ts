/**
 * A crash at every point of a scripted run: at each batch that is synced (it is on the disk afterwards, or not) and
 * before each message that leaves. Nothing that was accepted is lost, no vote is contradicted, nothing reaches an
 * application that passes its position twice.
 */
import { describe, expect, it } from 'vitest'
import { findStack } from '../../src/catalogue/index.ts'
import { checkBroadcast } from '../../src/checkers/broadcast.ts'
import { runStack } from '../simulator/support.ts'
import { expectNone } from '../violations.ts'

describe.each(['authenticated-echo', 'signed-echo', 'double-echo', 'byzantine-reliable-channel'])(
  '%s',
  (name) => {
    it.each(['sync', 'send'] as const)('a crash at every %s of member 0', (event) => {
      const points = runStack(name, 4, 1).counts.get(0)?.[event] ?? 0
      expect(points).toBeGreaterThan(10)
      let restarts = 0
      for (let number = 1; number <= points; number++) {
        for (const seed of [1, 2]) {
          // The seed decides whether a batch in flight survives: both are tried.
          const { history } = runStack(name, 4, seed, {
            planned: [{ kind: 'crash-on', process: 0, event, number, us: 50_000 }]
          })
          expectNone(checkBroadcast(history, findStack(name)?.properties ?? []), `${event} ${number}`)
          expect(history.events.filter(({ kind }) => kind === 'stop')).toEqual([])
          restarts += history.events.filter(({ kind }) => kind === 'restart').length
        }
      }
      expect(restarts).toBeGreaterThan(points)
    })
  }
)
