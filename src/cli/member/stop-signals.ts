/** SIGINT and SIGTERM, as an AbortSignal: the first asks to stop, a second one does not wait any longer. */
import { EXIT_FAILED } from '../errors.ts'

export interface StopSignals {
  readonly signal: AbortSignal
  /** From now on they do what they do by default. */
  release(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function watchStopSignals(): StopSignals {
  const asked = new AbortController()
  const onSignal = (): void => {
    if (asked.signal.aborted) process.exit(EXIT_FAILED)
    asked.abort()
  }
  for (const name of SIGNALS) process.on(name, onSignal)
  return {
    signal: asked.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, onSignal)
    }
  }
}

/** Resolves once `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
