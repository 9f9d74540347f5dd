/** All stacks, by name. */
import { authenticatedEcho } from './authenticated-echo.ts'
import { byzantineConsistentChannel } from './byzantine-consistent-channel.ts'
import { byzantineReliableChannel } from './byzantine-reliable-channel.ts'
import { doubleEcho } from './double-echo.ts'
import { signedEcho } from './signed-echo.ts'
import type { BroadcastStack, Stack } from './stack.ts'

/** Those whose members broadcast and deliver. */
export const broadcastStacks: readonly BroadcastStack[] = [
  authenticatedEcho,
  signedEcho,
  doubleEcho,
  byzantineConsistentChannel,
  byzantineReliableChannel
]

export const stacks: readonly Stack[] = [...broadcastStacks]

export function findBroadcastStack(name: string): BroadcastStack | undefined {
  return broadcastStacks.find((stack) => stack.name === name)
}

export function findStack(name: string): Stack | undefined {
  return stacks.find((stack) => stack.name === name)
}
