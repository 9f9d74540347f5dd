/**
 * `byzkit/testing`: the simulator, adversaries, checkers and laboratory, to be pointed at a protocol: ours or one's
 * own. A run is determined by its seed, byte for byte.
 *
 * @module byzkit/testing
 */
import './crypto/supported-node.ts'

// adversary: Byzantine behaviours, for simulated and live groups alike
export type { Asked, Behaviour, BehaviourContext, ByzantineMember, Effect } from './adversary/behaviour.ts'
export { behaviours, behavioursAgainst, findBehaviour } from './adversary/index.ts'

// checkers: properties judged over histories
export { BROADCAST_PROPERTIES, checkBroadcast, judgedBroadcasts } from './checkers/broadcast.ts'
export { type BroadcastEvent, broadcastEvents } from './checkers/broadcast-history.ts'
export { type ConvergenceOptions, type ConvergenceVerdict, checkConvergence } from './checkers/convergence.ts'
export { ExactNumber } from './checkers/exact-number.ts'
export {
  HISTORY_OPERATIONS_MAX,
  HistoryParser,
  parseHistory,
  VALUE_DEPTH_MAX
} from './checkers/history-file.ts'
export { checkLinearizable, type LinearizabilityOptions } from './checkers/linearizability.ts'
export { casRegisterModel, kvModel, type ObjectModel, registerModel } from './checkers/models.ts'
export type {
  Contradiction,
  HistoryVerdict,
  Json,
  Operation,
  Outcome,
  ProcessName
} from './checkers/operations.ts'
export { HistoryError, UndecidedError } from './checkers/operations.ts'
export { type Claims, type Judged, type Properties, type Property, UNIVERSAL } from './checkers/property.ts'
export { checkRegular, checkSafe } from './checkers/regularity.ts'
export type { Checks, Violation } from './checkers/violation.ts'

// laboratory: campaigns, traces, recorded members, and their replay
export type { Abstraction } from './laboratory/abstractions/abstraction.ts'
export {
  type BroadcastWorkload,
  broadcastRequest,
  broadcastWorkload
} from './laboratory/abstractions/broadcasts.ts'
export type { Ask, DeclaredInit } from './laboratory/abstractions/declared.ts'
export { abstractionOf, propertyOf } from './laboratory/abstractions/index.ts'
export {
  type RegisterWorkload,
  registerRequest,
  registerWorkload
} from './laboratory/abstractions/registers.ts'
export { type BroadcastProtocolInit, broadcastProtocol } from './laboratory/broadcast-protocol.ts'
export {
  Campaign,
  type CampaignResult,
  LANDMARK_RUNS,
  type Tolerance,
  type Verdict,
  VIOLATIONS_LISTED_MAX,
  type ViolatedRun
} from './laboratory/campaign.ts'
export {
  type ComplianceInit,
  describeCompliance,
  describeConsistentBroadcast,
  describeConsistentChannel,
  describeReliableBroadcast,
  describeReliableChannel,
  type ProtocolFactory,
  SUITE_RUNS,
  type SuiteInit
} from './laboratory/compliance.ts'
export { explain } from './laboratory/explain.ts'
export { judge, judgeBy } from './laboratory/judge.ts'
export {
  type JudgedRun,
  type RecordedRun,
  type Recording,
  type RepeatedRun,
  recordRun,
  recordViolation,
  repeatRun,
  type Watch
} from './laboratory/recording.ts'
export { MemberReplay, type Replayed, type ReplayInit } from './laboratory/replayed-member.ts'
export { type RunOutcome, run } from './laboratory/run.ts'
export {
  type AddedStack,
  addStack,
  planRun,
  type RunConfig,
  type RunPlan,
  requireBehaviour,
  requireStack,
  type Search,
  type Setup,
  seededRun,
  simulation,
  UnknownNameError
} from './laboratory/run-config.ts'
export {
  type OwnProtocol,
  type ServiceComponent,
  type ServiceProtocolInit,
  serviceProtocol
} from './laboratory/service-protocol.ts'
export {
  NotRepeatableError,
  type ShrinkInit,
  type ShrinkProgress,
  type Shrunk,
  shrink
} from './laboratory/shrink.ts'
export { type Received, type Sent, Solo, type SoloInit } from './laboratory/solo.ts'
export { TraceFileError } from './laboratory/trace-error.ts'
export {
  type ReadTrace,
  readEvents,
  repeatEdited,
  repeatTrace,
  TRACE_CHOICES_MAX,
  TRACE_DEPTH_MAX,
  TRACE_FORMAT,
  TRACE_SHOWN_CHARACTERS_MAX,
  TRACE_VERSION,
  type TraceEnd,
  type TraceHeader,
  TraceReader,
  writeTrace
} from './laboratory/trace-file.ts'

// machines: each command twice, under another clock
export { appliedTwice, NondeterministicMachineError } from './program/applied-twice.ts'
// simulator
export { type Choices, type FrameFate, RecordedChoices, ScheduledChoices } from './simulator/choices.ts'
export type { History, HistoryEvent } from './simulator/history.ts'
export { CALM, IDLE, type Rates, type Workload } from './simulator/rates.ts'
export { type Answer, type Choice, LATENCY_US, type Planned, SYNC_US } from './simulator/schedule.ts'
export { SeededChoices } from './simulator/seeded-choices.ts'
export { SeededRandom } from './simulator/seeded-random.ts'
export { type SimulationInit, type SimulationResult, simulate } from './simulator/simulation.ts'
export { symbolicCrypto } from './simulator/symbolic-crypto.ts'
export type { TraceEvent, TraceSink } from './simulator/trace-sink.ts'
// stacks: what a protocol of one's own is
export type { BroadcastComponent, DeliverBroadcast } from './stacks/plain-broadcast.ts'
// viewer: the transcript of a unit test
export { diagramOf } from './viewer/solo-diagram.ts'
