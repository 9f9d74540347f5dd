/** All stacks, by name. */

import type { BroadcastStack, RegisterStack, Stack } from '../stacks/stack.ts'
import { authenticatedDataAtomicRegister } from './authenticated-data-atomic-register.ts'
import { authenticatedDataRegister } from './authenticated-data-register.ts'
import { authenticatedDataSharedRegister } from './authenticated-data-shared-register.ts'
import { authenticatedEcho } from './authenticated-echo.ts'
import { bestEffortBroadcast } from './best-effort-broadcast.ts'
import { byzantineConsistentChannel } from './byzantine-consistent-channel.ts'
import { byzantineReliableChannel } from './byzantine-reliable-channel.ts'
import { crashRegisterStacks } from './crash-registers.ts'
import { doubleEcho } from './double-echo.ts'
import { doubleWriteRegister } from './double-write-register.ts'
import { excludeOnTimeout } from './exclude-on-timeout.ts'
import { keyValueStore } from './key-value-store.ts'
import { leaderlessStore } from './leaderless-store.ts'
import { linkStacks } from './links.ts'
import { majorityMaxRegister } from './majority-max-register.ts'
import { maskingQuorumRegister } from './masking-quorum-register.ts'
import { pbft } from './pbft.ts'
import { signedByzantineReliableChannel } from './signed-byzantine-reliable-channel.ts'
import { signedDoubleEcho } from './signed-double-echo.ts'
import { signedEcho } from './signed-echo.ts'

/** Those whose members broadcast and deliver, also in live groups. */
export const broadcastStacks: readonly BroadcastStack[] = [
  authenticatedEcho,
  signedEcho,
  doubleEcho,
  signedDoubleEcho,
  byzantineConsistentChannel,
  byzantineReliableChannel,
  signedByzantineReliableChannel
]

/** Those of the crash models, on perfect links: broadcasts as the book has them. */
export const textbookBroadcastStacks: readonly BroadcastStack[] = [bestEffortBroadcast]

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

export const stacks: readonly Stack[] = [
  ...broadcastStacks,
  ...textbookBroadcastStacks,
  ...registerStacks,
  majorityMaxRegister,
  leaderlessStore,
  excludeOnTimeout,
  pbft,
  ...linkStacks
]

export function findBroadcastStack(name: string): BroadcastStack | undefined {
  return broadcastStacks.find((stack) => stack.name === name)
}

export function findStack(name: string): Stack | undefined {
  return stacks.find((stack) => stack.name === name)
}
