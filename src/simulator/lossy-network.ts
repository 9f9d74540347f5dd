/**
 * A fair-loss network, for `--links real` and for stacks whose model has such links: frames are lost, duplicated,
 * delayed and overtaken as the choices say, and between separated processes all of them are lost.
 */
import type { ProcessId } from '../core/group.ts'
import type { NetworkInit } from './network.ts'
import { LATENCY_US } from './schedule.ts'

export interface Receiver {
  receive(from: ProcessId, frame: Uint8Array): void
}

interface Direction {
  frames: number
  lastArrival: number
}

export class LossyNetwork {
  readonly #init: NetworkInit
  readonly #receivers = new Map<ProcessId, Receiver>()
  readonly #directions: readonly Direction[]

  constructor(init: NetworkInit) {
    this.#init = init
    this.#directions = Array.from({ length: init.n * init.n }, () => ({ frames: 0, lastArrival: 0 }))
  }

  attach(id: ProcessId, receiver: Receiver): void {
    this.#receivers.set(id, receiver)
  }

  detach(id: ProcessId): void {
    this.#receivers.delete(id)
  }

  send(from: ProcessId, to: ProcessId, frame: Uint8Array): void {
    const { scheduler, choices, partitions, onHarm, n } = this.#init
    const direction = this.#directions[from * n + to]
    if (direction === undefined) return // a liar may address nobody
    const { now } = scheduler
    const number = ++direction.frames
    const { lost, overtakenUs, duplicateUs } = choices.fate(from, to, number, now)
    const arrives = now + LATENCY_US + choices.delay(from, to, number, now)
    if (lost || partitions.separatedUntil(from, to, now) > now) {
      onHarm(from, to, 'lost')
      return
    }
    if (overtakenUs === undefined) {
      direction.lastArrival = Math.max(direction.lastArrival, arrives)
      this.#arrive(from, to, frame, direction.lastArrival)
    } else {
      onHarm(from, to, 'overtaken')
      this.#arrive(from, to, frame, arrives + overtakenUs)
    }
    if (duplicateUs === undefined) return
    onHarm(from, to, 'duplicated')
    this.#arrive(from, to, frame, arrives + duplicateUs)
  }

  #arrive(from: ProcessId, to: ProcessId, frame: Uint8Array, at: number): void {
    const { scheduler, eventOrder, onArrival } = this.#init
    const arrive = () => {
      const receiver = this.#receivers.get(to)
      if (receiver === undefined) return
      onArrival(from, to, frame)
      receiver.receive(from, frame)
    }
    scheduler.at(at, arrive, eventOrder.link(from, to))
  }
}
