/**
 * Which peers are cut off, and for how long. A peer that is certain to misbehave, or proven to, again and again costs
 * what reading, judging and reporting its misdeeds costs; nothing that it says is needed, since a group does without f
 * members. So it has an allowance of misdeeds, which time fills again; beyond it nothing of it is read for a while, and
 * each time for twice as long, up to a bound. That is forgotten too, slowly.
 *
 * Properties:
 * - *accuracy*: no correct process is ever cut off, since none is ever named `certain` or `proven` (core/fault.ts);
 * - *boundedness*: in the long run a peer has some CUT_OFF_ALLOWANCE misdeeds read in each CUT_OFF_MAX_MS;
 * - *forgiveness*: nobody is cut off for ever. A peer that was restored is heard again, after CUT_OFF_MAX_MS at most.
 *
 * Evidence is counted once, however often it is shown: who is proven to have misbehaved is named by any other member
 * that hands the evidence on.
 *
 * Space: for each process one record, with the evidence against it that was seen last.
 */
import { toHex } from '../core/bytes.ts'
import type { Clock } from '../core/clock.ts'
import type { Crypto } from '../core/environment.ts'
import type { Evidence, Fault } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import {
  CUT_OFF_ALLOWANCE,
  CUT_OFF_EVIDENCE_MAX,
  CUT_OFF_FORGOTTEN_MS,
  CUT_OFF_MAX_MS,
  CUT_OFF_MIN_MS,
  MISDEED_FORGOTTEN_MS
} from './constants.ts'
import { Fading } from './fading.ts'

interface Conduct {
  readonly misdeeds: Fading
  readonly cutOffs: Fading
  /** Hashes of the statements of evidence that was counted, the oldest first. */
  readonly evidence: Set<string>
  /** When the current cut began, by the clock, and for how long it was. */
  since: number
  forMs: number
}

export class CutOff {
  readonly #clock: Clock
  readonly #hash: Crypto['hash']
  readonly #conducts = new Map<ProcessId, Conduct>()

  constructor(clock: Clock, hash: Crypto['hash']) {
    this.#clock = clock
    this.#hash = hash
  }

  /** @returns for how many milliseconds its process is cut off from now on, if this was one misdeed too many */
  blame({ process, certainty, evidence }: Fault): number | undefined {
    if (certainty === 'suspected') return undefined
    const conduct = this.#conductOf(process)
    if (this.#isCut(conduct) || (evidence !== undefined && !this.#isNew(conduct, evidence))) return undefined
    if (conduct.misdeeds.add() <= CUT_OFF_ALLOWANCE) return undefined
    conduct.misdeeds.clear()
    conduct.since = this.#clock.now()
    conduct.forMs = Math.min(CUT_OFF_MAX_MS, CUT_OFF_MIN_MS * 2 ** (conduct.cutOffs.add() - 1))
    return conduct.forMs
  }

  #isCut({ since, forMs }: Conduct): boolean {
    const elapsedMs = this.#clock.now() - since
    // A clock that was set back cuts nobody off for ever.
    return elapsedMs >= 0 && elapsedMs < forMs
  }

  #isNew({ evidence: counted }: Conduct, evidence: Evidence): boolean {
    const hashes = evidence.statements.map(({ statement }) => toHex(this.#hash(statement)))
    const key = hashes.sort().join()
    if (counted.has(key)) return false
    counted.add(key)
    const [oldest] = counted
    if (counted.size > CUT_OFF_EVIDENCE_MAX && oldest !== undefined) counted.delete(oldest)
    return true
  }

  #conductOf(process: ProcessId): Conduct {
    let conduct = this.#conducts.get(process)
    if (conduct === undefined) {
      conduct = {
        misdeeds: new Fading(this.#clock, MISDEED_FORGOTTEN_MS),
        cutOffs: new Fading(this.#clock, CUT_OFF_FORGOTTEN_MS),
        evidence: new Set(),
        since: 0,
        forMs: 0
      }
      this.#conducts.set(process, conduct)
    }
    return conduct
  }
}
