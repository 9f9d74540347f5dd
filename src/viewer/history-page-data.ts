/** What the page of a history is given to draw. */

/** One bar. Positions are those in the history, which need not be dense. */
export interface Bar {
  /** Index of its lane. */
  readonly lane: number
  readonly key: string
  readonly label: string
  /** Lines of what is known of it. */
  readonly details: readonly string[]
  readonly invoked: number
  /** Null if it was never answered. */
  readonly returned: number | null
  readonly outcome: string
  /** 2 if it is one of the contradiction, 1 if it belongs to its story. */
  readonly mark: 0 | 1 | 2
}

export interface HistoryPageData {
  readonly lanes: readonly string[]
  readonly bars: readonly Bar[]
  /** The key to show first; empty for all of them. */
  readonly key: string
}
