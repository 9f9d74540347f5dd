/** Phases strike the leader of a group that is played here: never more than f members at once, in whichever view it is. */
import { describe, expect, it } from 'vitest'
import { runPhases, type Struck } from '../../src/cluster/phase-runner.ts'
import type { Phase } from '../../src/cluster/phases.ts'
import type { ProcessId } from '../../src/core/group.ts'

/** Looks until a member that was away has caught up. */
const BEHIND_LOOKS = 6

/** Its members leave a leader who is away at the next look; whether they leave one who lies is to be said. */
class Played implements Struck {
  readonly plan
  readonly n: number
  /** The most that were away, behind or lying at once. */
  most = 0
  readonly struckWhileBehind: ProcessId[] = []
  readonly done: string[] = []
  #operations = 0
  readonly #leavesLiars: boolean
  readonly #away = new Set<ProcessId>()
  readonly #lying = new Set<ProcessId>()
  /** Looks that each of them needs still. */
  readonly #behind = new Map<ProcessId, number>()
  #term: number

  constructor({ n, byzantine = [2], term = 0, leavesLiars = true }: Play) {
    this.n = n
    this.plan = {
      f: Math.floor((n - 1) / 3),
      byzantine,
      correct: Array.from({ length: n }, (_, rank) => rank).filter((rank) => !byzantine.includes(rank))
    }
    this.#term = term
    this.#leavesLiars = leavesLiars
  }

  get #leader(): ProcessId {
    return this.#term % this.n
  }

  /** Some are completed from look to look. */
  get operations(): number {
    this.#operations += 25
    return this.#operations
  }

  standing(member: ProcessId) {
    const isLeft = this.#away.has(this.#leader) || (this.#leavesLiars && this.#lying.has(this.#leader))
    if (isLeft) this.#term++
    if (this.plan.byzantine.includes(member) || this.#away.has(member)) return undefined
    const looks = this.#behind.get(member) ?? 0
    if (looks === 1) this.#behind.delete(member)
    else if (looks > 1) this.#behind.set(member, looks - 1)
    const done = looks > 1 ? 0 : this.#operations
    return { term: this.#term, leader: this.#leader, isLeaving: false, done }
  }

  async kill(member: ProcessId) {
    this.#strike('kill', member, this.#away)
  }

  async restart(member: ProcessId) {
    this.#comesBack(member)
  }

  cut(member: ProcessId, isCut: boolean) {
    if (isCut) this.#strike('cut', member, this.#away)
    else this.#comesBack(member)
  }

  attack(member: ProcessId) {
    this.#strike('attack', member, this.#lying)
  }

  #strike(how: string, member: ProcessId, among: Set<ProcessId>) {
    if (this.#behind.size > 0) this.struckWhileBehind.push(member)
    this.done.push(`${how} ${member}`)
    among.add(member)
    this.most = Math.max(this.most, this.#away.size + this.#lying.size + this.#behind.size)
  }

  #comesBack(member: ProcessId) {
    this.#away.delete(member)
    if (this.plan.correct.includes(member)) this.#behind.set(member, BEHIND_LOOKS)
  }
}

interface Play {
  readonly n: number
  readonly byzantine?: readonly ProcessId[]
  readonly term?: number
  readonly leavesLiars?: boolean
}

const nothing = { phase() {}, phaseOver() {}, killed() {}, restarted() {} }

async function play(given: Play) {
  const group = new Played(given)
  const phases: Phase[] = []
  for await (const phase of runPhases(group, nothing, new AbortController().signal)) phases.push(phase)
  return { group, phases }
}

describe('phases', () => {
  it.concurrent.each<Play>([
    { n: 4 },
    { n: 4, byzantine: [] },
    { n: 4, term: 2 },
    { n: 4, term: 3 },
    { n: 7, byzantine: [2, 3] },
    { n: 7, byzantine: [2, 3], term: 3 },
    { n: 4, leavesLiars: false }
  ])('%o: at most f at once, and the next one waits until whoever was away has caught up', async (given) => {
    const { group, phases } = await play(given)
    expect(group.struckWhileBehind).toEqual([])
    expect(group.most).toBeLessThanOrEqual(group.plan.f)
    const { byzantine } = group.plan
    const names = phases.map(({ name }) => name)
    expect(names.filter((name) => name === 'leader killed')).toHaveLength(1)
    expect(names).toContain('leader cut off')
    expect(names.filter((name) => name === 'leader lies')).toHaveLength(byzantine.length === 0 ? 0 : 1)
    for (const { name, leader, from, to } of phases) {
      if (name === 'leader killed') expect(byzantine).not.toContain(leader)
      if (name === 'leader lies') expect(byzantine).toContain(leader)
      if (name !== 'leader lies' || given.leavesLiars !== false) expect(to).toBeGreaterThan(from)
    }
  })

  it.concurrent('a liar that leads when somebody is to be killed is cut off first, and lies in the end', async () => {
    const { group } = await play({ n: 4, term: 2 })
    expect(group.done).toEqual(['cut 2', 'kill 3', 'cut 0', 'cut 1', 'attack 2'])
  })

  it.concurrent('all of it ends with the tour', async () => {
    const over = new AbortController()
    const group = new Played({ n: 4 })
    const phases: Phase[] = []
    for await (const phase of runPhases(group, nothing, over.signal)) {
      phases.push(phase)
      over.abort()
    }
    expect(phases).toHaveLength(1)
    expect(group.done).toEqual(['kill 0'])
  })
})
