/** The selection rule of views: everything that can happen at one number, and several numbers at random. */
import { SeededRandom } from '../../src/simulator/seeded-random.ts'
import { enumerateViews } from '../consensus/pbft/enumerated-views.ts'
import { RandomViews } from '../consensus/pbft/random-views.ts'
import type { Row, Table } from './table.ts'

/** Members, faults and the last view: so far that each mistake shows, and in a second. */
const GROUPS = [
  [4, 1, 2],
  [5, 1, 1],
  [6, 1, 1],
  [7, 2, 1]
] as const

type Count = 'disagreements' | 'lost' | 'undecided' | 'voterless'

const none = (what: Count) =>
  function* (): Iterable<Row> {
    for (const [n, f, lastView] of GROUPS) {
      const seen = enumerateViews(n, f, lastView)
      yield [seen[what] === 0, () => `n = ${n}, f = ${f}: ${seen[what]}, such as ${seen.example}`]
    }
  }

/** Worlds at random, of each group. */
const WORLDS = 1000

export const selection: Table = {
  'at one number nothing that was committed is lost': none('lost'),
  'at one number all correct members decide': none('undecided'),
  'whatever is selected at one number has a correct voter': none('voterless'),
  *'of several numbers all sets of reports are decided rightly'() {
    for (const [n, f] of GROUPS) {
      const views = new RandomViews(n, f, new SeededRandom(1, 'selection'))
      // It throws where something is wrong.
      for (let tried = 0; tried < WORLDS; tried++) {
        views.tryOne()
        yield [true, () => '']
      }
    }
  }
}
