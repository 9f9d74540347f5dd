/**
 * A table: what must hold of a pure function for each of its inputs, at sizes at which all of them can be tried. Its tests
 * go through it, and so do mutants that are hunted by it (mutants/): in a process whose source is changed.
 */

/** One input: whether the property holds of it, and how it is told if not. */
export type Row = readonly [holds: boolean, told: () => string]

export type Rows = Iterable<Row> | AsyncIterable<Row>

/** By the property. */
export interface Table {
  readonly [property: string]: () => Rows
}

export interface Judged {
  /** How many were looked at, up to the first of which the property does not hold. */
  readonly rows: number
  /** What is wrong with that one. */
  readonly wrong: string | undefined
}

/** A function that throws where it should answer is as wrong as one that answers wrongly. */
export async function judgeRows(rows: Rows): Promise<Judged> {
  let count = 0
  const wrongIn = ([holds, told]: Row) => {
    count++
    return holds ? undefined : told()
  }
  try {
    // Most are synchronous, and many: waiting for each of them would take longer than all of their work.
    if (Symbol.iterator in rows) {
      for (const row of rows) {
        const wrong = wrongIn(row)
        if (wrong !== undefined) return { rows: count, wrong }
      }
    } else {
      for await (const row of rows) {
        const wrong = wrongIn(row)
        if (wrong !== undefined) return { rows: count, wrong }
      }
    }
  } catch (error) {
    return { rows: count, wrong: `after ${count} rows: ${String(error)}` }
  }
  return { rows: count, wrong: undefined }
}
