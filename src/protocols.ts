/**
 * `byzkit/protocols`: what protocols are written against, and the protocols. Everything here is synchronous,
 * deterministic and without I/O; it runs in a browser as it is.
 *
 * @module byzkit/protocols
 */
import './crypto/supported-node.ts'

// broadcast
export { AuthenticatedEcho, authenticatedEchoMessages } from './broadcast/authenticated-echo.ts'
export {
  BestEffortBroadcast,
  type BestEffortIndications,
  bestEffortMessages
} from './broadcast/best-effort-broadcast.ts'
export {
  ByzantineChannel,
  type ChannelBroadcast,
  type ChannelIndications
} from './broadcast/byzantine-channel.ts'
export {
  BROADCAST_PAYLOAD_BYTES_MAX,
  type BroadcastOptions,
  PAYLOAD_BYTES_MAX,
  RETENTION_BYTES_MAX,
  RETENTION_COUNT_MAX,
  WINDOW_BYTES_MAX,
  WINDOW_INSTANCES
} from './broadcast/constants.ts'
export {
  type Delivery,
  DeliveryLog,
  type DeliveryLogIndications,
  type LoggedChannel,
  type LoggedIndications
} from './broadcast/delivery-log.ts'
export {
  DoubleEcho,
  type DoubleEchoOptions,
  doubleEchoMessages,
  sendStatement,
  twoPayloads
} from './broadcast/double-echo.ts'
export { type CertifiedInstance, echoStatement, verifyEchoCertificate } from './broadcast/echo-certificate.ts'
export type { Instance } from './broadcast/instances.ts'
export { type BroadcastIndications, NumberedBroadcast } from './broadcast/numbered-broadcast.ts'
export { broadcastService } from './broadcast/service.ts'
export { SignedEcho, signedEchoMessages } from './broadcast/signed-echo.ts'
export { broadcastStacks, findBroadcastStack, findStack, registerStacks, stacks } from './catalogue/index.ts'
// consensus
export type { AgreementOptions } from './consensus/pbft/constants.ts'
export type { Machine } from './consensus/pbft/machine.ts'
export { batchMessages, pbftMessages } from './consensus/pbft/messages.ts'
export { Pbft, type PbftIndications } from './consensus/pbft/pbft.ts'
export {
  type ReportedVote,
  type SelectionTerms,
  type StableCheckpoint,
  type Start,
  selectStart,
  type ViewChange
} from './consensus/pbft/selection.ts'
// core: components and their world
export { AssertionError, assert } from './core/assert.ts'
export { compareBytes, concatBytes, fromHex, sameBytes, toHex, utf8 } from './core/bytes.ts'
export type { Clock, Timer } from './core/clock.ts'
export { Component, type Indications } from './core/component.ts'
export type { Crypto, Environment, MacKey } from './core/environment.ts'
export { emptyEnvironment, environmentOf, type Surroundings } from './core/environments.ts'
export { InvalidParametersError, ModelError, ResilienceError, WindowFullError } from './core/errors.ts'
export type { Certainty, Evidence, Fault, FaultKind, SignedStatement } from './core/fault.ts'
export {
  createGroup,
  type Group,
  type GroupInit,
  isMember,
  type ProcessId,
  peersOf,
  publicKeyOf,
  type Quorums
} from './core/group.ts'
export { defineMessages, type Message, type MessageOf, type Messages, type Roles } from './core/messages.ts'
export {
  alteredModel,
  type Bounds,
  CRASH_RECOVERY,
  CRASH_STOP,
  defineModel,
  failArbitrary,
  failArbitraryNoisy,
  failArbitraryRandomized,
  failArbitrarySilent,
  failNoisy,
  failRecovery,
  failSilent,
  failSilentRandomized,
  failStop,
  findModel,
  type Model,
  type Needs,
  namedModels,
  TIME_BOUNDS
} from './core/model.ts'
export { EndlessTurnError, type Journal, Process, type ProcessInit } from './core/process.ts'
export {
  available,
  byzantineQuorum,
  byzantineResilience,
  correctMajority,
  crashResilience,
  majority,
  maskingQuorum,
  maskingResilience,
  oneCorrect
} from './core/quorum.ts'
export type { Random } from './core/random.ts'
export type { InstanceFields, ProposerOf, Role, RoleName } from './core/role.ts'
export {
  defineService,
  type RequestDeclaration,
  type ServiceDeclaration,
  type Values
} from './core/service.ts'
export {
  bool,
  bytes,
  decode,
  digest,
  encode,
  type Fields,
  fixedBytes,
  list,
  type Meant,
  optional,
  type RecordOf,
  rank,
  record,
  type Shape,
  type ShapeDescription,
  signature,
  text,
  timestamp,
  uint,
  type ValueOf
} from './core/shapes.ts'
export {
  type AnyStatement,
  type ClientStatement,
  defineClientStatement,
  defineStatement,
  type Statement,
  type StatementRead,
  signStatement,
  verifyStatement
} from './core/statement.ts'
export { fromNumericKey, numericKey, type StableStore, scopedStore, type Write } from './core/store.ts'
export { type ComponentEvent, type Observer, type PlainValue, silentObserver } from './core/trace.ts'
// detectors
export { DETECTOR_TIMEOUT_MS } from './detectors/constants.ts'
export {
  type DetectorIndications,
  detectorMessages,
  PerfectFailureDetector
} from './detectors/perfect-failure-detector.ts'
export { detectorService } from './detectors/service.ts'
// exchange: what broadcast and registers share, for protocols of one's own
export {
  Bodies,
  type BodyMessage,
  bodyMessages,
  type Holder,
  type OpenTransfer,
  type Subjects
} from './exchange/bodies.ts'
export {
  type Answered,
  answeredShape,
  type CallId,
  callShape,
  type Question,
  type Reply
} from './exchange/call-id.ts'
export { type Call, Calls, type Judge } from './exchange/calls.ts'
export {
  CERTIFICATE_SIGNATURES_MAX,
  type Certificate,
  certificateOf,
  certificateShape,
  verifyCertificate
} from './exchange/certificate.ts'
export { PULL_RETRY_MS, PULLS_OPEN_MAX } from './exchange/constants.ts'
export {
  type Claim,
  contradiction,
  EVIDENCE_STATEMENTS_MAX,
  type EvidenceVerdict,
  judgeEvidence,
  readSigned
} from './exchange/evidence.ts'
export { type Gathering, gather, type Matching, matching } from './exchange/gather.ts'
export type { OpenOperation } from './exchange/operation.ts'
export { type Puller, type PullName, Pulls } from './exchange/pulls.ts'
export { Serving } from './exchange/serving.ts'
export { Slots } from './exchange/slots.ts'
export { Tally, type VoteOutcome } from './exchange/tally.ts'
export { Turns } from './exchange/turns.ts'
export { Verdicts } from './exchange/verdicts.ts'
// registers: the leaderless store, of the crash model
export { LeaderlessStore } from './leaderless/leaderless-store.ts'
export type {
  Consistency as LeaderlessConsistency,
  Context as LeaderlessContext,
  DeleteOptions as LeaderlessDeleteOptions,
  GetOptions as LeaderlessGetOptions,
  GetResult as LeaderlessGetResult,
  LeaderlessOptions,
  PutOptions as LeaderlessPutOptions,
  PutResult as LeaderlessPutResult
} from './leaderless/requests.ts'
export { leaderlessService } from './leaderless/service.ts'
// links: from fair-loss to authenticated, and ports on top
export {
  AuthenticatedLinks,
  type AuthenticatedLinksIndications,
  type AuthenticatedLinksInit
} from './links/authenticated-links.ts'
export type { Authentication } from './links/authenticator.ts'
export type { Carrier, CarrierIndications } from './links/carrier.ts'
export {
  FINGERPRINT_BYTES_MAX,
  LINK_FRAME_BYTES_MAX,
  LINK_MESSAGE_BYTES_MAX,
  LINK_UNACKED_BYTES_MAX,
  WORK_US
} from './links/constants.ts'
export { fairLossLinks, fairLossMessages } from './links/fair-loss-links.ts'
export { FifoLinks } from './links/fifo-links.ts'
export { PerfectLinks } from './links/perfect-links.ts'
export {
  type AgreedPort,
  type Audience,
  type OpenPort,
  PORTS_MAX,
  type Port,
  type PortIndications,
  type PortOptions,
  Ports,
  type PortTerms
} from './links/ports.ts'
export { linkService } from './links/service.ts'
export {
  type LinkIndications,
  STUBBORN_PERIOD_MS,
  STUBBORN_WINDOW,
  StubbornLinks
} from './links/stubborn-links.ts'
export type { Transport } from './links/transport.ts'
export { type RecordedStack, recordStack } from './recording/recorder.ts'
export type { LineSink } from './recording/recording-format.ts'
// registers: of the Byzantine model, and the key-value store made of them
export { AuthenticatedDataAtomicRegister } from './registers/authenticated-data-atomic-register.ts'
export { AuthenticatedDataRegister } from './registers/authenticated-data-register.ts'
export { AuthenticatedDataSharedRegister } from './registers/authenticated-data-shared-register.ts'
export { AuthenticatedStorage, storageMessages } from './registers/authenticated-storage.ts'
export { type RegisterOptions, registerBounds } from './registers/constants.ts'
export { DoubleWriteRegister, doubleWriteMessages } from './registers/double-write-register.ts'
export type { Consistency } from './registers/key-registers.ts'
export {
  type CompareAndSetResult,
  type Expected,
  type GetResult,
  type KeyValueIndications,
  type KeyValueOptions,
  type KeyValueRequests,
  KeyValueStore,
  type ListedKey,
  type ListOptions,
  type ListResult,
  type Owner
} from './registers/key-value-store.ts'
// registers: of the crash models
export { LoggedMajorityVotingRegister } from './registers/logged-majority-voting-register.ts'
export { majorityMessages } from './registers/majority-register.ts'
export { MajorityVotingRegister } from './registers/majority-voting-register.ts'
export { MaskingQuorumRegister, maskingQuorumMessages } from './registers/masking-quorum-register.ts'
export { MaxRegister, maxRegisterMessages } from './registers/max-register.ts'
export { maxRegisterService } from './registers/max-register-service.ts'
export { ReadImposeWriteMajorityRegister } from './registers/read-impose-write-majority-register.ts'
export {
  mayWrite,
  ownerKey,
  type ReadResult,
  type Refusal,
  type RegisterId,
  type RegisterIndications,
  type RegisterRequests,
  registerKey,
  registerShape,
  sameRegister,
  sharedBy,
  soleWriter,
  type WriteResult
} from './registers/register.ts'
export { RegisterBodies } from './registers/register-bodies.ts'
export { RegularToSingleReaderAtomicRegister } from './registers/regular-to-single-reader-atomic-register.ts'
export { registerService } from './registers/service.ts'
export { SingleReaderToMultiReaderAtomicRegister } from './registers/single-reader-to-multi-reader-atomic-register.ts'
export { SingleWriterToMultiWriterAtomicRegister } from './registers/single-writer-to-multi-writer-atomic-register.ts'
export { storeService } from './registers/store-service.ts'
export { WriteConsultMajorityRegister } from './registers/write-consult-majority-register.ts'
// replication: a machine that agreement replicates
export { KeyValueMachine, pairCommand, readPairResult } from './replication/key-value-machine.ts'
export type { ManagedState } from './replication/managed-state.ts'
export { replicaMessages } from './replication/messages.ts'
export { type Executed, Replica, type ReplicaIndications } from './replication/replica.ts'
export { replicaService } from './replication/service.ts'
export type { CommandContext, StateMachine } from './replication/state-machine.ts'
// stacks: compositions by name
export { type BuiltStack, buildStack, type StackInit } from './stacks/build.ts'
export { channelled, logged } from './stacks/compose.ts'
export { claims, verifyEvidence } from './stacks/evidence.ts'
export { fingerprint, openPorts, type Terms, terms } from './stacks/paths.ts'
export {
  type BroadcastComponent,
  type DeliverBroadcast,
  PlainBroadcast,
  type PlainBroadcastInit
} from './stacks/plain-broadcast.ts'
export { anyResilience, moreThanFourF, moreThanThreeF, moreThanTwoF } from './stacks/resilience.ts'
export {
  type AnyApplication,
  type ApplicationIndications,
  type BroadcastInstance,
  type BroadcastRequests,
  type BroadcastStack,
  type DetectorStack,
  type LeaderlessStoreStack,
  type LinkStack,
  type MaxRegisterStack,
  type OwnStack,
  type RegisterInstance,
  type RegisterStack,
  type ReplicaStack,
  type Resilience,
  type ResumedWrites,
  requireResilience,
  type Served,
  type ServedRegisters,
  type Services,
  type Stack,
  type StackInstance,
  type StackOptions
} from './stacks/stack.ts'
