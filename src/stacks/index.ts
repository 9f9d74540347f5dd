/** All stacks, by name. */
import { authenticatedEcho } from './authenticated-echo.ts'
import { byzantineConsistentChannel } from './byzantine-consistent-channel.ts'
import { byzantineReliableChannel } from './byzantine-reliable-channel.ts'
import { doubleEcho } from './double-echo.ts'
import { signedEcho } from './signed-echo.ts'
import type { Stack } from './stack.ts'

export const stacks: readonly Stack[] = [
  authenticatedEcho,
  signedEcho,
  doubleEcho,
  byzantineConsistentChannel,
  byzantineReliableChannel
]

export function findStack(name: string): Stack | undefined {
  return stacks.find((stack) => stack.name === name)
}
