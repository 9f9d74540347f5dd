/** A history as that of a leaderless store: what was put and got, by keys, and what each put has seen. */
import { toHex } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { Values } from '../core/service.ts'
import type { PlainValue } from '../core/trace.ts'
import { leaderlessService } from '../leaderless/service.ts'
import type { History } from '../simulator/history.ts'

interface Told {
  readonly process: ProcessId
  readonly number: number
  readonly key: string
  /** Where the history has its invocation, and when that was. */
  readonly invoked: number
  readonly time: number
}

/** A put, or a delete. */
export interface PutTold extends Told {
  /** In hexadecimal; null: a delete. */
  readonly value: string | null
  /** The gets before it, of whichever client, whose result it replaces: those that returned the context that it has. */
  readonly seen: readonly GetTold[]
  /** Where it returned, having been written, and what that promises; undefined: not known to be written. */
  returned: number | undefined
  returnedTime: number | undefined
  consistency: string | undefined
}

export interface GetTold extends Told {
  readonly values: readonly string[]
  readonly deleted: boolean
  readonly returned: number
  readonly consistency: string
  /** What is the same exactly where the same was seen. */
  readonly context: string
}

export interface LeaderlessHistory {
  readonly puts: readonly PutTold[]
  /** Those that returned. */
  readonly gets: readonly GetTold[]
  /** Operations that never returned, though their process did not crash. */
  readonly open: readonly (Told & { readonly name: string })[]
}

interface Begun extends Told {
  readonly name: string
  readonly put: PutTold | undefined
}

/** Of correct processes. What is not as the service declares it is left out: a history may come from anybody. */
export function leaderlessHistory({
  events,
  correct
}: Pick<History, 'events' | 'correct'>): LeaderlessHistory {
  const open = new Map<string, Begun>()
  const puts: PutTold[] = []
  const gets: GetTold[] = []
  events.forEach((event, at) => {
    const { process, time } = event
    if (!correct.includes(process)) return
    if (event.kind === 'crash' || event.kind === 'stop')
      for (const [name, begun] of open) if (begun.process === process) open.delete(name)
    if (!('service' in event) || event.service !== leaderlessService.name) return
    if (event.kind === 'invoke') {
      const { name, number, arguments: given } = event
      const told = { process, number, key: String(given.key), invoked: at, time }
      const put = name === 'get' ? undefined : putTold(told, given, gets)
      if (put !== undefined) puts.push(put)
      open.set(`${process}/${number}`, { ...told, name, put })
    } else if (event.kind === 'return') {
      const begun = open.get(`${process}/${event.number}`)
      open.delete(`${process}/${event.number}`)
      if (begun === undefined || !isRecord(event.result)) return
      if (begun.put === undefined) gets.push(getTold(begun, event.result, at))
      else if (event.result.written === true) {
        begun.put.returned = at
        begun.put.returnedTime = time
        begun.put.consistency = String(event.result.consistency)
      }
    }
  })
  return { puts, gets, open: [...open.values()] }
}

function putTold(told: Told, { value, context }: Values, gets: readonly GetTold[]): PutTold {
  const name = context === undefined || context === null ? undefined : contextName(context)
  return {
    ...told,
    value: value instanceof Uint8Array ? toHex(value) : null,
    seen: gets.filter(({ key, context: of }) => key === told.key && of === name),
    returned: undefined,
    returnedTime: undefined,
    consistency: undefined
  }
}

function getTold(
  { process, number, key, invoked, time }: Told,
  { values, deleted, consistency, context }: Values,
  returned: number
): GetTold {
  return {
    process,
    number,
    key,
    invoked,
    time,
    values: (Array.isArray(values) ? values : []).map((value) => toHex(value as Uint8Array)),
    deleted: deleted === true,
    returned,
    consistency: String(consistency),
    context: contextName(context ?? null)
  }
}

/** Its clock: who has seen the same dots has seen the same. */
const contextName = (context: PlainValue): string =>
  JSON.stringify(isRecord(context) ? context.clock : context)

const isRecord = (value: PlainValue | undefined): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
