/**
 * How long a replicated machine takes for a command. It runs in a turn of its member, which hears nobody meanwhile: one
 * that takes long is named. Of one that never returns nothing can be said here: whoever is told of the beginning can
 * watch from elsewhere.
 */

/** A command that takes longer than this is named, in milliseconds. */
export const APPLY_MS_MAX = 100

/** @param command - that the machine begins to apply; null: it has returned */
export type Applying = (command: string | null) => void

/**
 * @param slow - is told of a command that took longer than APPLY_MS_MAX
 * @param heard - is told what this is told
 * @param now - milliseconds of any clock
 */
export function applyWatch(
  slow: (command: string, ms: number) => void,
  heard: Applying | undefined,
  now: () => number = () => performance.now()
): Applying {
  let applying = ''
  let began = 0
  return (command) => {
    heard?.(command)
    if (command === null) {
      const ms = now() - began
      if (ms > APPLY_MS_MAX) slow(applying, ms)
    } else {
      applying = command
      began = now()
    }
  }
}
