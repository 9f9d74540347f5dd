/**
 * What is asked for in an exhaustive exploration: of the simplest of its kind what the last two ask for, and the very
 * last of it once more. So somebody sees twice what another one changes, and of somebody two things come in an order.
 */
import { payloadOf } from '../../simulator/application.ts'
import type { Stack } from '../../stacks/stack.ts'
import { abstractionOf } from '../abstractions/index.ts'
import type { Asking } from './local.ts'
import { LIAR } from './menu.ts'

/** Where members have clients, there are so many of them. */
export const EXPLORED_CLIENTS_MAX = 2
const ASKERS_MAX = 2

/** By process. */
export function askingOf(
  stack: Stack,
  members: number,
  clients: number,
  hasLiar: boolean
): readonly (readonly Asking[])[] {
  const simplest = abstractionOf(stack)
    .simplest(members, clients)
    .filter((planned) => planned.kind === 'request')
    // A liar is asked for nothing, and nobody waits for it.
    .filter(({ process }) => !(hasLiar && process === LIAR))
    .slice(-ASKERS_MAX)
  const last = simplest.at(-1)
  const requests = last === undefined ? [] : [...simplest, { ...last, number: last.number + 1 }]
  return Array.from({ length: members + clients }, (_, process) =>
    requests
      .filter((request) => request.process === process)
      .map((request) => ({ request, payload: payloadOf(0, request) }))
  )
}
