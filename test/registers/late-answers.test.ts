/**
 * Answers that come in another life of who asked, over real links: what a slow disk held back, and what a member had to
 * fetch first. In each scenario the member gets as far as to answer while the next life waits for other answers.
 */
import { describe, expect, it } from 'vitest'
import type { Answered } from '../../src/exchange/call-id.ts'
import { openFrame } from '../../src/links/frames.ts'
import { LinkLab } from './link-lab.ts'

const small = Uint8Array.of(1, 2, 3)
const large = new Uint8Array(100).fill(5)

/** Answers that this life of a process was given to what another one had asked. */
const ofOtherLives = (lab: LinkLab, process: number) => {
  const { env, links } = lab.node(process)
  return links.heard.filter(({ message }) => {
    const { life, question } = (message.call ?? {}) as Partial<Answered>
    return question !== undefined && life !== env.incarnation
  })
}

describe.each([4, 5, 6, 7])('with %i members', (n) => {
  const client = n
  const late = n - 1

  /** The first life has written a large value, whose body the last member could not fetch; the second one begins. */
  const withBodyUnderWay = () => {
    const lab = new LinkLab(n)
    lab.cut((from, to) => from === late && to === client)
    const first = lab.put(client, 'large', large)
    lab.time.advance(1000)
    expect(first.result).toEqual({ written: true, timestamp: 1 })
    // It finds a body that it asks for, but of nobody who has it.
    lab.cut((from, to) => to === late && from < n)
    lab.reborn(client)
    lab.time.advance(1000)
    return lab
  }

  const hasLarge = (lab: LinkLab) =>
    JSON.stringify(lab.links(late).store.state()).includes('"register":"large"')

  it('visibility: what a member acknowledges of an earlier life completes no write of this one', () => {
    const lab = withBodyUnderWay()
    const reached = lab.env(client).group.quorum.byzantine - 1
    // The write reaches one member less than a quorum.
    lab.cut((from, to) => (to === late && from < n) || (from === client && to >= reached))
    const second = lab.put(client, 'small', small)
    lab.time.advance(500)
    lab.cut((from, to) => from === client && to >= reached)
    lab.time.advance(10_000)
    expect(hasLarge(lab)).toBe(true)
    expect(second.result).toBeUndefined()
    lab.cut(() => false)
    lab.time.advance(10_000)
    expect(second.result).toEqual({ written: true, timestamp: 1 })
    expect(ofOtherLives(lab, client)).toEqual([])
  })

  it('accuracy: a member that answers what an earlier life had asked is not named, and its next answers count', () => {
    const lab = withBodyUnderWay()
    // What is asked now has the numbers of the earlier life, and is answered by nobody yet.
    lab.cut((from, to) => (from === client && to === late) || (from < late && to === client))
    const reads = ['a', 'b', 'c', 'd'].map((key) => lab.get(client, key))
    lab.time.advance(10_000)
    expect(lab.accusedBy(client)).toEqual([])
    // f members are silent: every other one is needed.
    const { f } = lab.env(client).group
    lab.cut((from) => from < f)
    lab.time.advance(10_000)
    expect(reads.map(({ result }) => result?.timestamp)).toEqual([0, 0, 0, 0])
    expect(ofOtherLives(lab, client)).toEqual([])
  })

  it('what a slow disk holds back does not come into the session of the next life', () => {
    const lab = new LinkLab(n)
    lab.holdDisk(late)
    const first = lab.put(client, 'a', small)
    lab.time.advance(1000)
    expect(first.result).toEqual({ written: true, timestamp: 1 })
    lab.reborn(client)
    lab.time.advance(1000)
    const second = lab.put(client, 'b', small)
    lab.sync(late)
    lab.time.advance(1000)
    expect(second.result).toEqual({ written: true, timestamp: 1 })
    expect(ofOtherLives(lab, client)).toEqual([])
    expect(lab.accusedBy(client)).toEqual([])
  })

  it('nor what it holds back of a session that still goes on while the next one is being agreed upon', () => {
    // Members ask too; between two of them the lower one begins, and the other keeps the old session until it is sure.
    const asker = 0
    const lab = new LinkLab(n)
    const between = (from: number, to: number) => [asker, late].includes(from) && [asker, late].includes(to)
    const first = lab.put(asker, 'a', small)
    lab.time.advance(1000)
    expect(first.result).toEqual({ written: true, timestamp: 1 })
    lab.cut(between)
    const begun = lab.recorded.length
    lab.put(asker, 'b', small)
    lab.time.advance(10)
    const ofOldLife = lab.recorded.slice(begun).filter(({ from, to }) => from === asker && to === late)
    lab.cut((from, to) => from === late && to === asker)
    lab.reborn(asker)
    lab.time.advance(5)
    // The old life is heard once more, and its answer waits for the disk; then the new session begins.
    lab.holdDisk(late)
    for (const frame of ofOldLife) lab.inject(frame)
    const accepted = lab.recorded.filter(
      ({ from, to, bytes }) => from === late && to === asker && openFrame(bytes, 32)?.frame.type === 'ACCEPT'
    )
    lab.cut(() => false)
    lab.inject(accepted.at(-1) as (typeof accepted)[number])
    lab.time.advance(5)
    expect(JSON.stringify(lab.links(late).store.state())).toContain('"register":"b"')
    lab.sync(late)
    lab.put(asker, 'c', small)
    lab.time.advance(1000)
    expect(lab.links(asker).heard.filter(({ from }) => from === late).length).toBeGreaterThan(0)
    expect(ofOtherLives(lab, asker)).toEqual([])
  })

  it('without another life it does come: a slow disk loses nothing', () => {
    const lab = new LinkLab(n)
    lab.holdDisk(late)
    const write = lab.put(client, 'a', small)
    lab.time.advance(1000)
    const before = lab.links(client).heard.filter(({ from }) => from === late).length
    lab.sync(late)
    lab.time.advance(1000)
    expect(write.result).toEqual({ written: true, timestamp: 1 })
    expect(lab.links(client).heard.filter(({ from }) => from === late).length).toBeGreaterThan(before)
  })
})
