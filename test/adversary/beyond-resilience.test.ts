/** With more than f Byzantine members the theorems end, and the adversary must be good enough to show it. */
import { describe, expect, it } from 'vitest'
import { findBehaviour } from '../../src/adversary/index.ts'
import { checkBroadcast } from '../../src/checkers/broadcast.ts'
import { extent } from '../extent.ts'
import { campaign } from './support.ts'

const RUNS = extent(15, 100)
const echoes = ['authenticated-echo', 'signed-echo', 'double-echo']

function broken(stack: string, name: string, byzantine: number) {
  const behaviour = findBehaviour(name)
  if (behaviour === undefined) throw new Error(`no behaviour ${name}`)
  const { violations } = campaign({ stack, behaviour, members: 4, byzantine, runs: RUNS })
  return violations.map(({ property }) => property)
}

describe.each(echoes)('%s at n = 4, f = 1', (stack) => {
  it.each(['equivocate', 'collude', 'twins'])('loses its properties to two that %s', (name) => {
    const properties = broken(stack, name, 2)
    expect(properties.length).toBeGreaterThan(RUNS / 2)
  })

  it('loses consistency to two that equivocate', () => {
    const lost = broken(stack, 'equivocate', 2).filter((property) => property === 'consistency')
    expect(lost.length).toBeGreaterThan(RUNS / 2)
  })

  it.each(['equivocate', 'collude', 'twins'])('control: the same seeds with one that %s', (name) => {
    expect(broken(stack, name, 1)).toEqual([])
  })
})

it('double-echo loses totality to two that collude, and the swarm finds it too', () => {
  const totalityOf = (name: string) => {
    const behaviour = findBehaviour(name)
    if (behaviour === undefined) throw new Error(`no behaviour ${name}`)
    // Totality alone: beyond resilience everything else falls as well.
    const { runs } = campaign({ stack: 'double-echo', behaviour, members: 4, byzantine: 2, runs: RUNS })
    return runs.filter(({ history }) => checkBroadcast(history, ['totality']).length > 0).length
  }
  expect(totalityOf('collude')).toBeGreaterThan(RUNS / 2)
  expect(totalityOf('swarm')).toBeGreaterThan(0)
})
