/** All stacks, by name. */
import { authenticatedDataAtomicRegister } from './authenticated-data-atomic-register.ts'
import { authenticatedDataRegister } from './authenticated-data-register.ts'
import { authenticatedDataSharedRegister } from './authenticated-data-shared-register.ts'
import { authenticatedEcho } from './authenticated-echo.ts'
import { byzantineConsistentChannel } from './byzantine-consistent-channel.ts'
import { byzantineReliableChannel } from './byzantine-reliable-channel.ts'
import { crashRegisterStacks } from './crash-registers.ts'
import { doubleEcho } from './double-echo.ts'
import { doubleWriteRegister } from './double-write-register.ts'
import { keyValueStore } from './key-value-store.ts'
import { maskingQuorumRegister } from './masking-quorum-register.ts'
import { signedEcho } from './signed-echo.ts'
import type { BroadcastStack, RegisterStack, Stack } from './stack.ts'

/** Those whose members broadcast and deliver. */
export const broadcastStacks: readonly BroadcastStack[] = [
  authenticatedEcho,
  signedEcho,
  doubleEcho,
  byzantineConsistentChannel,
  byzantineReliableChannel
]

/** Those whose members keep registers for clients. */
export const registerStacks: readonly RegisterStack[] = [
  authenticatedDataRegister,
  authenticatedDataAtomicRegister,
  authenticatedDataSharedRegister,
  keyValueStore,
  maskingQuorumRegister,
  doubleWriteRegister,
  ...crashRegisterStacks
]

export const stacks: readonly Stack[] = [...broadcastStacks, ...registerStacks]

export function findBroadcastStack(name: string): BroadcastStack | undefined {
  return broadcastStacks.find((stack) => stack.name === name)
}

export function findStack(name: string): Stack | undefined {
  return stacks.find((stack) => stack.name === name)
}
