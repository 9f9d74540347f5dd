/** How much of what one process has sent another one has taken in: on a link that keeps order, up to a place. */

export interface LinkProgress {
  /** All before this place was taken in, or lost. */
  readonly next: number
  /** Places beyond it that were taken in. */
  readonly ahead: readonly number[]
}

export const UNUSED: LinkProgress = { next: 0, ahead: [] }

/** The place that is taken in next, and the one behind it. */
export function placesOf({ next, ahead }: LinkProgress): readonly [first: number, second: number] {
  let second = next + 1
  while (ahead.includes(second)) second++
  return [next, second]
}

/** After the first was taken in, or was lost. */
export function pastFirst({ next, ahead }: LinkProgress): LinkProgress {
  let after = next + 1
  while (ahead.includes(after)) after++
  return { next: after, ahead: ahead.filter((place) => place > after) }
}

/** After the second was taken in before the first. */
export function pastSecond(progress: LinkProgress): LinkProgress {
  const [, second] = placesOf(progress)
  return { next: progress.next, ahead: [...progress.ahead, second] }
}
