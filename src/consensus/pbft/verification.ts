/**
 * Whether the requests of a batch may be ordered. A signature takes long to verify, and a batch may have as many as
 * there are requests in it: of one batch a few are verified at once, and the rest in later turns, so that nothing else
 * waits for it. A signature that was verified before costs nothing, and does not count.
 *
 * Space: for each batch that is being verified, how far that is.
 */
import type { Timer } from '../../core/clock.ts'
import type { Environment } from '../../core/environment.ts'
import type { ProcessId } from '../../core/group.ts'
import { WORK_US } from '../../links/constants.ts'
import type { Port } from '../../links/ports.ts'
import type { Machine } from './machine.ts'

interface Work {
  readonly envelopes: readonly Uint8Array[]
  /** Who proposed it. */
  readonly by: ProcessId
  /** The first request that was not looked at. */
  next: number
}

export class Verification {
  readonly #env: Environment
  readonly #machine: Pick<Machine, 'isValid' | 'commandsIn' | 'verifications'>
  readonly #commandsMax: number
  readonly #perTurn: number
  readonly #port: Pick<Port<never>, 'charge' | 'earn'>
  readonly #judged: (name: string, isValid: boolean) => void
  /** By name; the first one goes on first. */
  readonly #works = new Map<string, Work>()
  #timer: Timer | undefined

  /**
   * @param commandsMax - of a batch
   * @param perTurn - signatures that are verified in one turn
   * @param judged - is told what did not come out at once, in a later turn
   */
  constructor(
    env: Environment,
    machine: Pick<Machine, 'isValid' | 'commandsIn' | 'verifications'>,
    commandsMax: number,
    perTurn: number,
    port: Pick<Port<never>, 'charge' | 'earn'>,
    judged: (name: string, isValid: boolean) => void
  ) {
    this.#env = env
    this.#machine = machine
    this.#commandsMax = commandsMax
    this.#perTurn = perTurn
    this.#port = port
    this.#judged = judged
  }

  /**
   * @param by - who proposes the batch of that name: its requests are verified at its expense
   * @returns undefined: it is being verified
   */
  judge(name: string, envelopes: readonly Uint8Array[], by: ProcessId): boolean | undefined {
    if (this.#works.has(name)) return undefined
    const work = { envelopes, by, next: 0 }
    const verdict = this.#fits(envelopes) ? this.#goOn(work) : this.#refuse(work)
    if (verdict !== undefined) return verdict
    this.#works.set(name, work)
    this.#timer ??= this.#env.clock.setTimer(0, () => this.#next())
    return undefined
  }

  isUnderWay(name: string): boolean {
    return this.#works.has(name)
  }

  /** Nobody asks any more. */
  drop(name: string): void {
    this.#works.delete(name)
  }

  /** For `state()`. */
  state() {
    return [...this.#works].map(([name, { next }]) => ({ name, next }))
  }

  /** In a turn of its own. */
  #next(): void {
    this.#timer = undefined
    const [first] = this.#works
    if (first === undefined) return
    const [name, work] = first
    const verdict = this.#goOn(work)
    if (verdict !== undefined) this.#works.delete(name)
    if (this.#works.size > 0) this.#timer = this.#env.clock.setTimer(0, () => this.#next())
    if (verdict !== undefined) this.#judged(name, verdict)
  }

  #fits(envelopes: readonly Uint8Array[]): boolean {
    const commands = envelopes.reduce((sum, envelope) => sum + this.#machine.commandsIn(envelope), 0)
    return commands <= this.#commandsMax
  }

  /** As far as one turn goes. */
  #goOn(work: Work): boolean | undefined {
    const { envelopes, by, next: first } = work
    const before = this.#machine.verifications
    for (const envelope of envelopes.slice(first)) {
      if (this.#machine.verifications - before >= this.#perTurn) break
      if (!this.#machine.isValid(envelope)) return this.#refuse(work)
      work.next++
    }
    const cost = (work.next - first) * WORK_US.verification
    this.#port.charge(by, cost)
    this.#port.earn(by, cost)
    return work.next === envelopes.length ? true : undefined
  }

  /** Who proposes it pays for all of it, whatever was given back before. */
  #refuse({ envelopes, by }: Work): false {
    this.#port.charge(by, envelopes.length * WORK_US.verification)
    return false
  }
}
