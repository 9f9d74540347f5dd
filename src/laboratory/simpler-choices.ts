/** Simpler forms of one choice, the simplest first. */
import type { Choice } from '../simulator/schedule.ts'

export function simplerChoices(choice: Choice): Choice[] {
  switch (choice.kind) {
    case 'request':
      return [
        ...simplerArguments(choice.arguments).map((simpler) => ({ ...choice, arguments: simpler })),
        ...rounder(choice.at).map((at) => ({ ...choice, at }))
      ]
    case 'clock':
      return choice.driftPpm === 0 || choice.offsetMs === 0
        ? []
        : [
            { ...choice, driftPpm: 0 },
            { ...choice, offsetMs: 0 }
          ]
    case 'act':
    case 'frame':
    case 'clock-jump':
    case 'end-session':
      return rounder(choice.at).map((at) => ({ ...choice, at }))
    case 'crash':
    case 'pause':
    case 'partition':
      return rounder(choice.until).map((until) => ({ ...choice, until: Math.max(until, choice.at) }))
    case 'lose':
    case 'omit-send':
    case 'omit-receive':
    case 'unsynced':
      return []
    default:
      return rounder(choice.us).map((us) => ({ ...choice, us }))
  }
}

/** Fewer bytes: as many as tell payloads apart. */
function simplerArguments(given: { readonly [name: string]: number }) {
  const { bytes = 0 } = given
  return bytes > 2 ? [{ ...given, bytes: 2 }] : []
}

/** Earlier and rounder times: a picture with few and round times is easier to read. */
function rounder(us: number): number[] {
  const candidates = [0, 1000, Math.floor(us / 2), us - (us % 100_000), us - (us % 10_000), us - (us % 1000)]
  return [...new Set(candidates)].filter((candidate) => candidate < us)
}
