/**
 * What VIEW-CHANGEs name, with the certificates that show it: the starts of their bases, and their stable checkpoints.
 * Whoever sends a VIEW-CHANGE, or a NEW-VIEW with several, shows these first.
 */
import type { CertifiedStarts } from './certified-starts.ts'
import type { Checkpoints } from './checkpoints.ts'
import type { OwnNewView } from './log.ts'
import type { PbftMessage, SignedChange } from './messages.ts'

export type Shown = Pick<OwnNewView, 'starts' | 'stables'>

export class Proofs {
  readonly #starts: CertifiedStarts
  readonly #checkpoints: Checkpoints

  constructor(starts: CertifiedStarts, checkpoints: Checkpoints) {
    this.#starts = starts
    this.#checkpoints = checkpoints
  }

  /** Whether what the VIEW-CHANGE names is here. */
  isShown({ base, stable }: SignedChange): boolean {
    return this.#starts.of(base.view, base.digest) !== undefined && this.#checkpoints.knows(stable)
  }

  /** What these name, once each, as far as it is here. */
  of(changes: readonly SignedChange[]): Shown {
    const starts = changes.flatMap(({ base }) => this.#starts.of(base.view, base.digest) ?? [])
    const stables = changes.flatMap(({ stable }) => this.#checkpoints.proofOf(stable) ?? [])
    return {
      starts: [...new Map(starts.map((one) => [one.start.view, one])).values()],
      stables: [...new Map(stables.map((one) => [one.stable.sequence, one])).values()]
    }
  }
}

/** What has a certificate, as messages: the first view and the first checkpoint need none. */
export const showing = ({ starts, stables }: Shown): readonly PbftMessage[] => [
  ...starts
    .filter(({ start }) => start.view > 0)
    .map(({ start, certificate }) => ({ type: 'START', viewStart: start, certificate }) as const),
  ...stables
    .filter(({ stable }) => stable.sequence > 0)
    .map(({ stable, certificate }) => ({ type: 'STABLE', ...stable, certificate }) as const)
]
