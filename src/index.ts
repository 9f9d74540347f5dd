/**
 * `byzkit`: a member of a group of mutually distrusting peers, as a service of a js-libp2p node. Up to f of n > 3f
 * members may be controlled by an adversary; what the others promise each other depends on the stack.
 *
 * @module
 */
export type { Behaviour } from './adversary/behaviour.ts'
export type { BroadcastOptions } from './broadcast/constants.ts'
export type { Delivery } from './broadcast/delivery-log.ts'
export { fromHex, toHex } from './core/bytes.ts'
export { InvalidParametersError, ResilienceError, WindowFullError } from './core/errors.ts'
export type { Certainty, Evidence, Fault, FaultKind } from './core/fault.ts'
export type { Group, ProcessId } from './core/group.ts'
export { type Genesis, groupId } from './crypto/genesis.ts'
export {
  formatGroupFile,
  type GroupFile,
  GroupFileError,
  type GroupFileOptions,
  parseGroupFile
} from './crypto/group-file.ts'
export {
  UNREACHABLE_AFTER_MS,
  UNREACHABLE_INTERVAL_MS,
  type UnreachableAddress,
  type UnreachableMember
} from './libp2p/absences.ts'
export { type BoundedConnections, boundedConnections } from './libp2p/bounded-connections.ts'
export { BROADCAST_WAITERS_MAX } from './libp2p/broadcast-queue.ts'
export { byzantine } from './libp2p/byzantine.ts'
export { byzantineClient, type CreateClientInit, createClient } from './libp2p/byzantine-client.ts'
export type { ByzantineClientInit, ByzantineClientService, ClientStatus } from './libp2p/client-service.ts'
export { type CreateNodeInit, createNode } from './libp2p/create-node.ts'
export {
  ConsumerBusyError,
  KeyMismatchError,
  NotAClientError,
  NotAMemberError,
  NotStartedError,
  ProcessStoppedError
} from './libp2p/errors.ts'
export { AllowList } from './libp2p/gater.ts'
export {
  OperationAbortedError,
  OperationInterruptedError,
  OperationTimeoutError,
  WriteRefusedError
} from './libp2p/operation-errors.ts'
export {
  OPERATION_TIMEOUT_MS,
  OPERATION_WAITERS_MAX,
  type OperationOptions,
  type ReadOptions,
  type Register,
  type RegisterOwners,
  type RegisterService,
  type Written
} from './libp2p/register-service.ts'
export {
  type BroadcastName,
  type ByzantineComponents,
  type ByzantineEvents,
  type ByzantineInit,
  type ByzantineService,
  type CountedFault,
  type Counts,
  DEFAULT_STACK,
  type DeliveriesOptions,
  type ProcessEvents,
  type ProcessService,
  type ProcessState,
  type ServiceStatus,
  type WaitOptions
} from './libp2p/service.ts'
export type { ListKeysOptions, Store, StoreService, Swapped } from './libp2p/store-service.ts'
export { boundedYamux } from './libp2p/transport-muxer.ts'
export type { Authentication } from './links/authenticator.ts'
export type { RegisterOptions } from './registers/constants.ts'
export type { Expected, GetResult, ListedKey, ListOptions, ListResult } from './registers/key-value-store.ts'
export type { ReadResult } from './registers/register.ts'
export { findStack, stacks } from './stacks/index.ts'
export type { Model, Property, Resilience, Stack, StackOptions } from './stacks/stack.ts'
export {
  StoreDamagedError,
  StoreFolderError,
  StoreFormatError,
  StoreLockedError,
  StoreWriteError
} from './store/errors.ts'
