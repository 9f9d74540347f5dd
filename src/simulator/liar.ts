/** A Byzantine member of a simulated group: a behaviour on its own links, with its own keys. */
import type { Behaviour, ByzantineMember } from '../adversary/behaviour.ts'
import type { ProcessId } from '../core/group.ts'
import { portPaths, terms } from '../stacks/paths.ts'
import { type MemberInit, planWorkload } from './correct-member.ts'
import { SimulatedDisk } from './disk.ts'
import { SeededRandom } from './seeded-random.ts'
import { beginLife } from './simulated-process.ts'

export interface LiarInit extends MemberInit {
  readonly behaviour: Behaviour
  readonly byzantine: readonly ProcessId[]
}

export class Liar {
  readonly #init: LiarInit

  constructor(init: LiarInit) {
    this.#init = init
  }

  start(): void {
    const { self, seed, scheduler, connect, behaviour, stack, options, byzantine, workload } = this.#init
    const disk = new SimulatedDisk(scheduler, new SeededRandom(seed, `disk/${self}`))
    const { env, process } = beginLife({ ...this.#init, disk })
    let member: ByzantineMember | undefined
    const agreed = terms(portPaths(env, stack, options), options)
    const connection = connect(
      env,
      process,
      {
        deliver: (from, message) => member?.deliver(from, message),
        sessionStarted: (peer) => member?.sessionStarted(peer),
        sessionEnded: (peer, reason) => member?.sessionEnded(peer, reason),
        frame: (from, frame) => member?.frame?.(from, frame)
      },
      () => agreed
    )
    const { carrier, injectFrame } = connection
    member = behaviour.create({
      env,
      stack,
      options,
      carrier,
      byzantine,
      ...(injectFrame === undefined ? {} : { injectFrame })
    })
    process.input(() => {
      member.start()
      connection.start()
    })
    for (const { at, bytes } of planWorkload(workload, self, new SeededRandom(seed, `application/${self}`))) {
      scheduler.at(at, () => process.input(() => member.broadcast(bytes)))
    }
  }
}
