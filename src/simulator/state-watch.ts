/** Tells the state of each component when it has changed. */
import { toHex } from '../core/bytes.ts'
import type { PlainValue } from '../core/trace.ts'

export class StateWatch {
  readonly #tell: (path: string, state: PlainValue) => void
  readonly #last = new Map<string, string>()

  constructor(tell: (path: string, state: PlainValue) => void) {
    this.#tell = tell
  }

  see(states: { readonly [path: string]: PlainValue }): void {
    for (const [path, state] of Object.entries(states)) {
      const text = JSON.stringify(state, (_, inner: unknown) =>
        inner instanceof Uint8Array ? toHex(inner) : inner
      )
      if (this.#last.get(path) === text) continue
      this.#last.set(path, text)
      this.#tell(path, state)
    }
  }
}
