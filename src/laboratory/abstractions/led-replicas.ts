/** What is to be known from outside of members that replicate a key-value store, and of who leads them. */
import { kvModel } from '../../checkers/models.ts'
import type { Json, Operation } from '../../checkers/operations.ts'
import type { AgreementStatus } from '../../consensus/pbft/status.ts'
import { toHex } from '../../core/bytes.ts'
import type { ProcessId } from '../../core/group.ts'
import { readPairCommand, readPairResult } from '../../replication/key-value-machine.ts'
import type { CommandOutcome } from '../../replication/replies.ts'
import { replicaService } from '../../replication/service.ts'
import type { Request } from '../../simulator/application.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import type { Led } from './abstraction.ts'
import { drawCommand } from './pair-commands.ts'

const { name: service } = replicaService

/** Of the values that are written. */
const BYTES_MAX = 16
/** Numbers that a payload tells apart. */
const ROUND = 256

export const request = (
  process: ProcessId,
  number: number,
  at: number,
  asked: { readonly [name: string]: number }
): Request => ({ kind: 'request', process, number, at, service, name: 'submit', arguments: asked })

export const ledReplicas: Led = {
  words: { title: 'Agreement', term: 'view', done: 'executed' },
  // Timeouts fall again after a calm window, which is short: so none is long for the next leader that is lost.
  options: { checkpointEvery: 8, viewTimeoutMinMs: 800 },
  standing(said) {
    const status = said[service] as AgreementStatus | null | undefined
    if (!status) return undefined
    const { view, primary, target, executed } = status
    return { term: view, leader: primary, isLeaving: target > view, done: executed }
  },
  asks: (process, number, draw) =>
    request(process, number, 0, {
      bytes: 2 + draw.below(BYTES_MAX - 1),
      round: Math.floor(number / ROUND),
      ...drawCommand(draw)
    }),
  model: kvModel,
  operations
}

/** Of each command the first operation, which is about a key that others use too; lists are about several. */
function operations(events: readonly HistoryEvent[]): readonly Operation[] {
  const open = new Map<string, Operation>()
  const ended: Operation[] = []
  events.forEach((event, at) => {
    if ((event.kind !== 'invoke' && event.kind !== 'return') || event.service !== service) return
    if (event.name !== 'submit') return
    const name = `${event.process}/${event.number}`
    if (event.kind === 'invoke') {
      const asked = askedFor(event.arguments.command as Uint8Array)
      // Several of one process may be under way: each is a client of its own.
      if (asked !== undefined)
        open.set(name, { ...asked, process: name, invoked: at, returned: undefined, outcome: 'info' })
      return
    }
    const operation = open.get(name)
    const returned = operation && answered(operation, event.result as CommandOutcome, at)
    if (returned === undefined) return
    open.delete(name)
    ended.push(returned)
  })
  return [...ended, ...open.values()].sort((a, b) => a.invoked - b.invoked)
}

function askedFor(command: Uint8Array): Pick<Operation, 'f' | 'key' | 'value'> | undefined {
  const { operations: [first] = [], conditions: [condition] = [] } = readPairCommand(command) ?? {}
  if (first === undefined || first.type === 'list') return undefined
  const value: Json | undefined = 'value' in first ? toHex(first.value) : undefined
  const key = toHex(first.key)
  if (condition === undefined) return { f: first.type, key, value }
  const expected = condition.value && toHex(condition.value)
  return { f: 'cas', key, value: [expected, value ?? null] }
}

/** Undefined: whether it took effect is not known. */
function answered(
  operation: Operation,
  { kind, result }: CommandOutcome,
  returned: number
): Operation | undefined {
  const read = kind === 'result' ? readPairResult(result) : undefined
  if (read === undefined) return undefined
  if (!read.applied) return { ...operation, returned, outcome: 'fail' }
  const value = read.answers[0]?.value
  const seen = operation.f === 'get' ? { result: value ? toHex(value) : null } : {}
  return { ...operation, ...seen, returned, outcome: 'ok' }
}
