/**
 * A Byzantine member of a simulated group: a behaviour, or the acts of a schedule, on its own links, with its own keys.
 */
import type { Asked, Behaviour, ByzantineMember } from '../adversary/behaviour.ts'
import { fromHex } from '../core/bytes.ts'
import type { Environment } from '../core/environment.ts'
import { type ProcessId, publicKeyOf } from '../core/group.ts'
import type { Process } from '../core/process.ts'
import { openPorts, terms } from '../stacks/paths.ts'
import { SimulatedDisk } from './disk.ts'
import type { SimulatedProcessInit } from './process-init.ts'
import type { Planned } from './schedule.ts'
import { SeededRandom } from './seeded-random.ts'
import { beginLife, type Connection, type ConnectionIndications } from './simulated-process.ts'

export interface LiarInit extends SimulatedProcessInit {
  /** Undefined: it acts by the schedule. */
  readonly behaviour: Behaviour | undefined
  readonly byzantine: readonly ProcessId[]
}

export type Act = Extract<Planned, { kind: 'act' | 'frame' }>

export class Liar {
  readonly #init: LiarInit
  readonly #process: Process
  readonly #connection: Connection
  readonly #member: ByzantineMember | undefined
  /** What the schedule has it send at this moment. */
  readonly #acts: (() => void)[] = []

  constructor(init: LiarInit) {
    const { self, seed, connect, behaviour, stack, options, byzantine } = init
    this.#init = init
    const disk = new SimulatedDisk({ ...init, process: self })
    const random = new SeededRandom(seed, `process/${self}`)
    const { env, process } = beginLife({ ...init, disk, random })
    this.#process = process
    const agreed = terms(openPorts(env, stack, options))
    let member: ByzantineMember | undefined
    const indications: ConnectionIndications = {
      deliver: (from, message) => member?.deliver(from, message),
      sessionStarted: (peer) => member?.sessionStarted(peer),
      sessionEnded: (peer, reason) => member?.sessionEnded(peer, reason),
      frame: (from, frame) => member?.frame?.(from, frame)
    }
    this.#connection = connect(env, process, indications, agreed)
    const { carrier, injectFrame } = this.#connection
    // Its own randomness: what it draws does not change what its links draw.
    const own: Environment = { ...env, random: new SeededRandom(seed, `adversary/${self}`) }
    member = behaviour?.create({
      env: own,
      stack,
      options,
      carrier,
      byzantine,
      ...(injectFrame === undefined ? {} : { injectFrame })
    })
    this.#member = member
  }

  start(): void {
    this.#process.input(() => {
      this.#member?.start()
      this.#connection.start()
    })
  }

  /** @returns false if its acts are in the schedule */
  ask(asked: Asked): boolean {
    const member = this.#member
    if (member === undefined) return false
    this.#process.input(() => member.ask(asked))
    return true
  }

  /** @returns false if there is no such way out */
  act({ kind, to, bytes }: Act): boolean {
    const { self, group, scheduler, precedence } = this.#init
    const { carrier, injectFrame } = this.#connection
    if (to === self || publicKeyOf(group, to) === undefined) return false
    const message = fromHex(bytes)
    if (kind === 'frame') {
      injectFrame?.(to, message)
      return injectFrame !== undefined
    }
    // What it sends at one moment leaves in one turn, as when it was recorded: links pack a turn's messages together.
    this.#acts.push(() => carrier.send(to, message))
    if (this.#acts.length === 1) scheduler.after(0, () => this.#sendActs(), precedence)
    return true
  }

  #sendActs(): void {
    const acts = this.#acts.splice(0)
    this.#process.input(() => {
      for (const act of acts) act()
    })
  }
}
