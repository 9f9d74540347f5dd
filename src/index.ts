/**
 * `byzkit`: a member of a group of mutually distrusting peers, as a service of a js-libp2p node. Up to f of n > 3f
 * members may be controlled by an adversary; what the others promise each other depends on the stack.
 *
 * @module byzkit
 */
import './crypto/supported-node.ts'

export type { Behaviour } from './adversary/behaviour.ts'
export type { BroadcastOptions } from './broadcast/constants.ts'
export type { Delivery } from './broadcast/delivery-log.ts'
export { findStack, stacks } from './catalogue/index.ts'
export { replicated } from './catalogue/pbft.ts'
export { fromHex, toHex } from './core/bytes.ts'
export { InvalidParametersError, ModelError, ResilienceError, WindowFullError } from './core/errors.ts'
export type { Certainty, Evidence, Fault, FaultKind, SignedStatement } from './core/fault.ts'
export type { Group, ProcessId } from './core/group.ts'
export type { Model } from './core/model.ts'
export { type Genesis, groupFromGenesis, groupId } from './crypto/genesis.ts'
export {
  formatGroupFile,
  type GroupFile,
  GroupFileError,
  type GroupFileOptions,
  parseGroupFile
} from './crypto/group-file.ts'
export { type MemberFile, parseMemberFile } from './crypto/member-file.ts'
export type { EvidenceVerdict } from './exchange/evidence.ts'
export {
  UNREACHABLE_AFTER_MS,
  UNREACHABLE_INTERVAL_MS,
  type UnreachableAddress,
  type UnreachableMember
} from './libp2p/absences.ts'
export { type BoundedConnections, boundedConnections } from './libp2p/bounded-connections.ts'
export { BROADCAST_WAITERS_MAX } from './libp2p/broadcast-operations.ts'
export { byzantine } from './libp2p/byzantine.ts'
export { byzantineClient, type CreateClientInit, createClient } from './libp2p/byzantine-client.ts'
export type { ByzantineClientInit, ByzantineClientService, ClientStatus } from './libp2p/client-service.ts'
export { type CreateNodeInit, createNode } from './libp2p/create-node.ts'
export type { Encrypters, Encryption } from './libp2p/encryption.ts'
export {
  ConsumerBusyError,
  IndicationsLostError,
  KeyMismatchError,
  NotAClientError,
  NotAMemberError,
  NotStartedError,
  ProcessStoppedError
} from './libp2p/errors.ts'
export { type Founding, type FoundingMember, foundGroup } from './libp2p/found-group.ts'
export { AllowList } from './libp2p/gater.ts'
export { type AnyPublicKey, toPrivateKey } from './libp2p/identity.ts'
export { INDICATIONS_WAITING_MAX } from './libp2p/indication-queue.ts'
export type { NodeParts } from './libp2p/node-parts.ts'
export { type FastNoise, fastNoise, type NamedEncrypter, type NoiseBackend } from './libp2p/noise-crypto.ts'
export type { AnyService, ResultOf, ServiceRequests, Told } from './libp2p/offered-service.ts'
export {
  AbortError,
  CommandRefusedError,
  OperationInterruptedError,
  TimeoutError,
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
export type { Commit, CommitsOptions, ReplicaService, ReplicatedMachine } from './libp2p/replica-service.ts'
export { REQUEST_WAITERS_MAX } from './libp2p/requests.ts'
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
  type ServiceStatus
} from './libp2p/service.ts'
export type {
  GetOptions,
  ListKeysOptions,
  PutOptions,
  Store,
  StoreService,
  Swapped,
  ValueProgress
} from './libp2p/store-service.ts'
export { boundedYamux } from './libp2p/transport-muxer.ts'
export type { ProtocolOptions } from './libp2p/transport-protocol.ts'
export { WAIT_TIMEOUT_MS_MAX, type WaitOptions } from './libp2p/waits.ts'
export type { Authentication } from './links/authenticator.ts'
export type { RegisterOptions } from './registers/constants.ts'
export type { Expected, GetResult, ListedKey, ListOptions, ListResult } from './registers/key-value-store.ts'
export type { ReadResult } from './registers/register.ts'
export {
  type Condition,
  KeyValueMachine,
  type PairAnswer,
  type PairOperation,
  type PairResult,
  pairCommand,
  readPairResult
} from './replication/key-value-machine.ts'
export type { ManagedState } from './replication/managed-state.ts'
export type { Executed } from './replication/replica.ts'
export type { ClosedSession } from './replication/replica-client.ts'
export type { CommandContext, StateMachine } from './replication/state-machine.ts'
export { verifyEvidence } from './stacks/evidence.ts'
export type { Resilience, Stack, StackOptions } from './stacks/stack.ts'
export {
  StoreDamagedError,
  StoreFolderError,
  StoreFormatError,
  StoreLockedError,
  StoreWriteError
} from './store/errors.ts'
