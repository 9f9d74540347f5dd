/** Who misbehaves again and again, for certain, is cut off: for how long, and what that means. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Certainty, Evidence, Fault } from '../../src/core/fault.ts'
import {
  CUT_OFF_ALLOWANCE,
  CUT_OFF_FORGOTTEN_MS,
  CUT_OFF_MAX_MS,
  CUT_OFF_MIN_MS,
  MISDEED_FORGOTTEN_MS
} from '../../src/links/constants.ts'
import { CutOff } from '../../src/links/cut-off.ts'
import { AuthenticatedCluster } from './authenticated-cluster.ts'
import { counts } from './test-crypto.ts'
import { VirtualTime } from './virtual-time.ts'

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())

const fault = (process: number, certainty: Certainty, evidence?: Evidence): Fault => ({
  process,
  kind: 'equivocation',
  certainty,
  detail: 'a misdeed',
  ...(evidence === undefined ? {} : { evidence })
})

const evidenceOf = (...statements: number[]): Evidence => ({
  claim: 'a misdeed',
  statements: statements.map((number) => ({
    signer: 1,
    statement: Uint8Array.of(number >> 8, number),
    signature: new Uint8Array(64)
  }))
})

describe('the cut-off', () => {
  const begin = () => {
    const time = new VirtualTime()
    time.now = 1_000_000
    const cutOff = new CutOff(
      time.clock((handler) => handler()),
      sha256
    )
    /** Blames until it is cut off; after how many misdeeds, and for how long. */
    const untilCut = (process = 1): [misdeeds: number, forMs: number | undefined] => {
      for (let misdeeds = 1; misdeeds <= 1000; misdeeds++) {
        const forMs = cutOff.blame(fault(process, 'certain'))
        if (forMs !== undefined) return [misdeeds, forMs]
      }
      return [1000, undefined]
    }
    return { time, cutOff, untilCut }
  }

  it('comes after the allowance, and lasts twice as long each time, up to its bound', () => {
    const { time, untilCut } = begin()
    const lengths: (number | undefined)[] = []
    for (let round = 0; round < 10; round++) {
      const [misdeeds, forMs] = untilCut()
      expect(misdeeds).toBe(CUT_OFF_ALLOWANCE + 1)
      lengths.push(forMs)
      time.advance(forMs!)
    }
    expect(lengths.slice(0, 4)).toEqual([1, 2, 4, 8].map((times) => times * CUT_OFF_MIN_MS))
    expect(Math.max(...lengths.map(Number))).toBe(CUT_OFF_MAX_MS)
    expect(lengths.at(-1)).toBe(CUT_OFF_MAX_MS)
  })

  it('is of one process and no other', () => {
    const { untilCut, cutOff } = begin()
    untilCut(1)
    for (let misdeed = 0; misdeed < CUT_OFF_ALLOWANCE; misdeed++) {
      expect(cutOff.blame(fault(2, 'certain'))).toBeUndefined()
    }
  })

  it('is never for what is suspected only', () => {
    const { cutOff } = begin()
    for (let time = 0; time < 10_000; time++) {
      expect(cutOff.blame(fault(1, 'suspected'))).toBeUndefined()
    }
  })

  it('is not for what is done now and then', () => {
    const { time, cutOff } = begin()
    for (let misdeed = 0; misdeed < 1000; misdeed++) {
      expect(cutOff.blame(fault(1, 'certain'))).toBeUndefined()
      time.advance(MISDEED_FORGOTTEN_MS)
    }
  })

  it('is forgotten after long good conduct', () => {
    const { time, untilCut } = begin()
    for (let round = 0; round < 3; round++) time.advance(untilCut()[1]!)
    time.advance(3 * CUT_OFF_FORGOTTEN_MS)
    expect(untilCut()).toEqual([CUT_OFF_ALLOWANCE + 1, CUT_OFF_MIN_MS])
  })

  it('counts evidence once, in whatever order its statements are shown', () => {
    const { cutOff } = begin()
    const statements = Array.from({ length: 2 * CUT_OFF_ALLOWANCE }, (_, number) => number + 1000)
    for (let time = 0; time < 1000; time++) {
      statements.push(statements.shift()!)
      expect(cutOff.blame(fault(1, 'proven', evidenceOf(...statements)))).toBeUndefined()
    }
    // The control: as many misdeeds, each proven by itself.
    const cut = Array.from({ length: 100 }, (_, time) =>
      cutOff.blame(fault(1, 'proven', evidenceOf(2 * time + 4, 2 * time + 5)))
    )
    expect(cut.filter((forMs) => forMs !== undefined)).toEqual([CUT_OFF_MIN_MS])
  })

  it('ends for a clock that is set back', () => {
    const { time, untilCut } = begin()
    untilCut()
    time.now = 0
    expect(untilCut()).toEqual([CUT_OFF_ALLOWANCE + 1, 2 * CUT_OFF_MIN_MS])
  })
})

describe.each([4, 7])('among %i members, one that breaks the protocol of its links', (members) => {
  const clusterOf = () => {
    const cluster = new AuthenticatedCluster({ members }).start()
    cluster.time.advance(1000)
    return cluster
  }
  const others = Array.from({ length: members - 1 }, (_, index) => index + 1)
  /** Only the higher rank says WAKE. */
  const misbehave = (cluster: AuthenticatedCluster, times: number) => {
    for (let time = 0; time < times; time++) {
      cluster.inject(cluster.forged(0, 1, { type: 'WAKE', ...cluster.hello(0) }))
    }
  }

  it('within the allowance keeps its session (control)', () => {
    const cluster = clusterOf()
    misbehave(cluster, CUT_OFF_ALLOWANCE)
    expect(cluster.faults(1)).toEqual(Array(CUT_OFF_ALLOWANCE).fill('protocol-violation certain'))
    cluster.say(0, 1, 'still here')
    cluster.time.advance(100)
    expect(cluster.links(1).delivered(0)).toEqual(['still here'])
    expect(cluster.links(1).count('cutOff', 0)).toBe(0)
  })

  it('beyond it loses its session, is not read any more, and costs no tag', () => {
    const cluster = clusterOf()
    misbehave(cluster, CUT_OFF_ALLOWANCE + 1)
    expect(cluster.links(1).indications.slice(-2)).toEqual([
      { name: 'sessionEnded', peer: 0, text: 'cut-off' },
      { name: 'cutOff', peer: 0, text: `${CUT_OFF_MIN_MS} ms` }
    ])
    const { macs } = counts
    const sent = cluster.sent('UNKNOWN', 1).length
    for (const frame of [...cluster.recorded].filter(({ from, to }) => from === 0 && to === 1)) {
      cluster.inject(frame)
    }
    const made = Array.from({ length: 100 }, () =>
      cluster.forged(0, 1, { type: 'WAKE', ...cluster.hello(0) })
    )
    const macsOfMaking = made.length
    for (const frame of made) cluster.inject(frame)
    expect(counts.macs).toBe(macs + macsOfMaking)
    expect(cluster.sent('UNKNOWN', 1).length).toBe(sent)
    expect(cluster.faults(1)).toHaveLength(CUT_OFF_ALLOWANCE + 1)
  })

  it('disturbs none of the others, who go on', () => {
    const cluster = clusterOf()
    misbehave(cluster, 10 * CUT_OFF_ALLOWANCE)
    for (const other of others) {
      if (other === 1) continue
      cluster.say(other, 1, 'to 1')
      cluster.say(1, other, 'from 1')
    }
    cluster.time.advance(1000)
    for (const other of others) {
      if (other === 1) continue
      expect(cluster.links(1).delivered(other)).toEqual(['to 1'])
      expect(cluster.links(other).delivered(1)).toEqual(['from 1'])
      expect(cluster.links(1).count('sessionStarted', other)).toBe(1)
    }
  })

  it('is heard again after a while, and cut off for twice as long if it goes on', () => {
    const cluster = clusterOf()
    misbehave(cluster, CUT_OFF_ALLOWANCE + 1)
    cluster.time.advance(CUT_OFF_MIN_MS - 100)
    expect(cluster.links(1).count('sessionStarted', 0)).toBe(1)
    // Both ends try again, at least every five seconds.
    cluster.time.advance(6000)
    expect(cluster.links(1).count('sessionStarted', 0)).toBe(2)
    cluster.say(0, 1, 'back')
    cluster.time.advance(100)
    expect(cluster.links(1).delivered(0)).toEqual(['back'])
    misbehave(cluster, CUT_OFF_ALLOWANCE + 1)
    expect(cluster.links(1).indications.at(-1)).toEqual({
      name: 'cutOff',
      peer: 0,
      text: `${2 * CUT_OFF_MIN_MS} ms`
    })
  })
})
