/** The context of a get of the leaderless store as one word, `0:3,2:1@1700`: replicas with their numbers, a time. */
import type { Context } from '../../leaderless/requests.ts'
import { UsageError } from '../errors.ts'
import { printable } from '../output.ts'

const ENTRY = String.raw`\d{1,4}:\d{1,16}`
const CONTEXT = new RegExp(`^(?<entries>(?:${ENTRY}(?:,${ENTRY}){0,99})?)@(?<time>\\d{1,16})$`)

export function contextText({ clock, time }: Context): string {
  return `${clock.map(({ rank, counter }) => `${rank}:${counter}`).join(',')}@${time}`
}

/** @throws {UsageError} */
export function parseContext(text: string): Context {
  const { entries = '', time } = CONTEXT.exec(text)?.groups ?? {}
  if (time === undefined)
    throw new UsageError(
      `--context ${printable(text)}: expected the context that get showed, as 0:3,2:1@1700`
    )
  const clock = entries.split(',').filter((entry) => entry !== '')
  return {
    clock: clock.map((entry) => {
      const [rank = 0, counter = 0] = entry.split(':').map(Number)
      return { rank, counter }
    }),
    time: Number(time)
  }
}
