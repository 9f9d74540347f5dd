/** SIGINT, SIGTERM and SIGHUP, as an AbortSignal: the first asks to stop, a second one does not wait any longer. */
import { type ExitStatus, InterruptedError } from './errors.ts'

export interface StopSignals {
  /** Aborted with an {@link InterruptedError} for reason. */
  readonly signal: AbortSignal
  /** The reason that the signal is aborted with; undefined as long as nobody asked to stop. */
  readonly received: InterruptedError | undefined
  /** From now on they do what they do by default. */
  release(): void
}

/** What a shell says of a process that a signal ended: 128 and the number of the signal. */
const STATUSES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const satisfies {
  readonly [signal: string]: ExitStatus
}
type StopSignal = keyof typeof STATUSES
const NAMES = Object.keys(STATUSES) as StopSignal[]

export function watchStopSignals(): StopSignals {
  const asked = new AbortController()
  let received: InterruptedError | undefined
  const onSignal = (name: StopSignal): void => {
    if (received !== undefined) process.exit(STATUSES[name])
    received = new InterruptedError(name, STATUSES[name])
    asked.abort(received)
  }
  for (const name of NAMES) process.on(name, onSignal)
  return {
    signal: asked.signal,
    get received() {
      return received
    },
    release: () => {
      for (const name of NAMES) process.off(name, onSignal)
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
