/** States that travel, at one member that fetches one: whom it believes, and what it does afterwards. */
import { sameBytes, utf8 } from '../../src/core/bytes.ts'
import { PATH, stable } from '../consensus/pbft/one-member.ts'
import {
  ahead,
  command,
  digestAt,
  execute,
  ferry,
  hears,
  type Member,
  member,
  STATES,
  STUCK_MS
} from '../replication/states.ts'
import type { Row, Table } from './table.ts'

const SOURCES = [0, 1, 2]

type Lie = (by: number, message: Parameters<Member['p']['receive']>[2]) => typeof message | undefined

/** Fetches the state after 4, of which `liars` say something else. */
function fetches(liars: readonly number[], lie: (message: Parameters<Lie>[1]) => ReturnType<Lie>): Member {
  const group = ahead(4)
  const one = member(3)
  hears(one, group, 4)
  for (let time = 0; time < 6 && one.installed.length === 0; time++) {
    one.p.passTime(STUCK_MS)
    ferry(one, group, (by, message) => (liars.includes(by) ? lie(message) : message))
  }
  return one
}

/** Whether it has the state of the others, and has named those. */
function isRight(one: Member, named: readonly number[]): boolean {
  const group = ahead(4)
  for (const each of [one, group]) for (const sequence of [5, 6]) execute(each, sequence)
  const faults = [...new Set(one.p.faults.map(({ process }) => process))].sort()
  return (
    one.installed.join() === '4' &&
    faults.join() === named.join() &&
    sameBytes(digestAt(one, 6), digestAt(group, 6))
  )
}

const wrongList: Parameters<typeof fetches>[1] = (message) =>
  message.type === 'PARTS' ? { ...message, partList: utf8('?') } : message
const wrongChunk: Parameters<typeof fetches>[1] = (message) =>
  message.type === 'CHUNK' ? { ...message, chunk: utf8('?') } : message

export const states: Table = {
  *'a list that is not the one whose digest was signed is nobody’s state'(): Iterable<Row> {
    // Who is asked first is asked for the list, and nobody else.
    yield [isRight(fetches([0], wrongList), [0]), () => 'member 0 lies']
    yield [isRight(fetches([0, 1], wrongList), [0, 1]), () => 'members 0 and 1 lie']
  },

  *'a chunk that is none of a part is taken from nobody'(): Iterable<Row> {
    for (const liar of SOURCES)
      yield [isRight(fetches([liar], wrongChunk), [liar]), () => `member ${liar} lies`]
    yield [isRight(fetches([1, 2], wrongChunk), [1, 2]), () => 'members 1 and 2 lie']
  },

  *'what lies before a state is executed by nobody who has installed it'(): Iterable<Row> {
    const one = fetches([], () => undefined)
    yield [one.installed.join() === '4', () => 'the state was not installed']
    execute(one, 5, [command(3, 'apples'), command(5, 'apples')])
    const executed = one.executed.map(({ sequence, commands }) => [
      sequence,
      ...commands.map(({ number }) => number)
    ])
    yield [executed.join() === '5,5', () => `executed ${executed.join()}`]
  },

  *'the states of the last two stable checkpoints are had'(): Iterable<Row> {
    const group = ahead(4)
    execute(group, 5)
    execute(group, 6)
    for (const last of [4, 6]) {
      if (last === 6) group.p.receive(0, PATH, stable(6, digestAt(group, 6), SOURCES))
      for (const sequence of [last - 2, last]) {
        group.p.startSession(3)
        const before = group.p.sentOf('PARTS').length
        group.p.receive(3, STATES, { type: 'FETCH', digest: digestAt(group, sequence) })
        const isHad = group.p.sentOf('PARTS').length === before + 1
        yield [isHad, () => `that of ${sequence}, when ${last} is stable`]
      }
    }
  }
}
