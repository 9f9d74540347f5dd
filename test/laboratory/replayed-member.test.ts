/** A member is recorded while it runs in the simulator, and replayed from the recording alone. */
import { describe, expect, test } from 'vitest'
import { defaultBackend } from '../../src/crypto/index.ts'
import { MemberReplay, type Replayed, type ReplayInit } from '../../src/laboratory/replayed-member.ts'
import { requireBehaviour } from '../../src/laboratory/run-config.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import { stacks } from '../../src/stacks/index.ts'
import { type RunChanges, runStack } from '../simulator/support.ts'

const FAULTY = {
  broadcasts: 6,
  sessionEnds: 3,
  crashes: 2,
  syncFailurePpm: 20_000,
  latencyMsMax: 20
} as const

/** The recordings of all lives of the correct members of a run. */
function record(stack: string, members: number, seed: number, changes: RunChanges = {}) {
  const lives: { readonly process: number; readonly incarnation: number; readonly lines: string[] }[] = []
  const result = runStack(stack, members, seed, {
    rates: FAULTY,
    recordLife: (process, incarnation) => {
      const lines: string[] = []
      lives.push({ process, incarnation, lines })
      return (line) => lines.push(line)
    },
    ...changes
  })
  return { lives, result }
}

function replay(lines: readonly string[], seed: number, init: Partial<ReplayInit> = {}): Replayed {
  const crypto: ReplayInit['crypto'] = (group) => symbolicCrypto(group, seed, defaultBackend.sha256)(0)
  const member = new MemberReplay({ name: 'file', crypto, ...init })
  for (const line of lines) member.line(line)
  return member.end()
}

describe.each(stacks.map(({ name }) => name))('%s', (name) => {
  test('a replay does all that the member did: many runs, with crashes, ended sessions and a liar', () => {
    let lives = 0
    for (let seed = 1; seed <= 20; seed++) {
      const liar = { byzantine: 1, behaviour: requireBehaviour('swarm') }
      const members = 4 + (seed % 4)
      for (const life of record(name, members, seed, seed % 2 === 0 ? liar : {}).lives) {
        lives++
        const replayed = replay(life.lines, seed)
        expect({ seed, ...life, lines: 0, ...replayed }).toMatchObject({ difference: undefined })
        expect(replayed.steps).toBeGreaterThan(1)
      }
    }
    expect(lives).toBeGreaterThan(60)
  })
})
