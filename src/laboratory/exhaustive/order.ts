/**
 * In which order things happened at different processes of an exhaustive exploration, as far as anybody can tell: what
 * has ended before what began. Of things that begin one after the other, or end one after the other, the order is
 * forgotten, so that few orders are told apart.
 */
import type { HistoryEvent } from '../../simulator/history.ts'

export type OrderId = number

/** Nothing has happened yet. */
export const NOTHING_YET: OrderId = 0

/** So many things began, or ended; by process, in any order. */
interface Block {
  readonly begins: boolean
  readonly processes: readonly number[]
}

export class Orders {
  readonly #orders: (readonly Block[])[] = [[]]
  readonly #ids = new Map<string, OrderId>([[textOf([]), NOTHING_YET]])

  /** After `process` has gone through these. */
  after(id: OrderId, process: number, events: readonly HistoryEvent[]): OrderId {
    let blocks = this.#orders[id] ?? []
    for (const event of events) {
      const begins = event.kind === 'invoke' || event.kind === 'crash'
      const last = blocks.at(-1)
      const processes = last?.begins === begins ? [...last.processes, process] : [process]
      const block = { begins, processes: processes.sort((a, b) => a - b) }
      blocks = [...(last?.begins === begins ? blocks.slice(0, -1) : blocks), block]
    }
    return this.#intern(blocks)
  }

  /** All of it in an order that nobody can tell from the one in which it happened. */
  arranged(id: OrderId, of: readonly (readonly HistoryEvent[])[]): readonly HistoryEvent[] {
    const places = of.map(() => 0)
    return (this.#orders[id] ?? []).flatMap(({ processes }) =>
      processes.flatMap((process) => {
        const place = places[process] ?? 0
        places[process] = place + 1
        return of[process]?.[place] ?? []
      })
    )
  }

  #intern(blocks: readonly Block[]): OrderId {
    const text = textOf(blocks)
    const known = this.#ids.get(text)
    if (known !== undefined) return known
    this.#orders.push(blocks)
    this.#ids.set(text, this.#orders.length - 1)
    return this.#orders.length - 1
  }
}

const textOf = (blocks: readonly Block[]): string =>
  blocks.map(({ begins, processes }) => `${begins ? 'begin' : 'end'} ${processes.join()}`).join('; ')
