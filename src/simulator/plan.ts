/**
 * What is planned of a run is carried out, each choice at its time; what others ask for when it concerns them is not.
 */
import type { ProcessId } from '../core/group.ts'
import { payloadOf, type Request } from './application.ts'
import type { Connections } from './connections.ts'
import type { CorrectProcess } from './correct-process.ts'
import type { Act, Liar } from './liar.ts'
import type { Span } from './overlap.ts'
import type { Planned } from './schedule.ts'
import type { Scheduler } from './scheduler.ts'

export interface PlanInit {
  readonly planned: readonly Planned[]
  readonly scheduler: Scheduler
  /** Payloads follow from it. */
  readonly seed: number
  readonly processes: ReadonlyMap<ProcessId, CorrectProcess>
  readonly liars: ReadonlyMap<ProcessId, Liar>
  readonly connections: Connections
  /** Told when each fault begins and ends. */
  readonly onFault: (span: Span) => void
  readonly landmark: (name: string) => void
}

/** What happens at its time. */
type CarriedOut = Exclude<Planned, { kind: 'clock' | 'partition' | 'pause' | 'crash-on' }>

export class Plan {
  readonly #init: PlanInit
  readonly #skipped: Planned[] = []

  constructor(init: PlanInit) {
    this.#init = init
    for (const choice of init.planned) {
      if (choice.kind === 'partition' || choice.kind === 'pause') init.onFault([choice.at, choice.until])
      if (!isCarriedOut(choice)) continue
      init.scheduler.at(choice.at, () => {
        if (!this.#carryOut(choice)) this.#skipped.push(choice)
      })
    }
  }

  /** Those that found nothing to act on: a crash of a process that was down. */
  get skipped(): readonly Planned[] {
    return this.#skipped
  }

  /** @returns false if there is nothing to act on */
  #carryOut(choice: CarriedOut): boolean {
    const { processes, liars } = this.#init
    if (choice.kind === 'end-session') return this.#endSession(choice.a, choice.b)
    if (isAct(choice)) return liars.get(choice.process)?.act(choice) === true
    if (choice.kind === 'request') return this.#request(choice)
    const process = processes.get(choice.process)
    if (process === undefined) return false
    if (choice.kind === 'clock-jump') return process.jumpClock(choice.ms)
    return this.#crash(process, choice.until)
  }

  #endSession(a: ProcessId, b: ProcessId): boolean {
    const { connections, scheduler, onFault, landmark } = this.#init
    if (!connections.endSession(a, b)) return false
    landmark('session-ended')
    onFault([scheduler.now, scheduler.now])
    return true
  }

  #crash(process: CorrectProcess, until: number): boolean {
    const { scheduler, onFault } = this.#init
    if (!process.crash()) return false
    onFault([scheduler.now, until])
    scheduler.at(until, () => process.restart())
    return true
  }

  #request(request: Request): boolean {
    const { processes, liars, seed } = this.#init
    const { process, service, name } = request
    const payload = payloadOf(seed, request)
    const liar = liars.get(process)
    // It makes of it what it likes; bytes are what a lie can be about.
    if (liar !== undefined) return liar.ask({ service, name, arguments: [payload] })
    return processes.get(process)?.ask(request, payload) === true
  }
}

const isCarriedOut = (choice: Planned): choice is CarriedOut =>
  !['clock', 'partition', 'pause', 'crash-on'].includes(choice.kind)

const isAct = (choice: Planned): choice is Act => choice.kind === 'act' || choice.kind === 'frame'
