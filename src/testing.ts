/**
 * `byzkit/testing`: the simulator, adversaries, checkers and laboratory, to be pointed at a protocol: ours or one's
 * own. A run is determined by its seed, byte for byte.
 *
 * @module
 */

// adversary: Byzantine behaviours, for simulated and live groups alike
export * from './adversary/behaviour.ts'
export * from './adversary/index.ts'

// checkers: properties judged over histories
export * from './checkers/broadcast.ts'
export * from './checkers/convergence.ts'
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
export { checkRegular, checkSafe } from './checkers/regularity.ts'
export * from './checkers/violation.ts'

// laboratory: campaigns, traces, recorded members, and their replay
export * from './laboratory/broadcast-protocol.ts'
export * from './laboratory/campaign.ts'
export * from './laboratory/compliance.ts'
export * from './laboratory/explain.ts'
export * from './laboratory/judge.ts'
export * from './laboratory/recording.ts'
export { MemberReplay, type Replayed, type ReplayInit } from './laboratory/replayed-member.ts'
export * from './laboratory/run.ts'
export * from './laboratory/run-config.ts'
export * from './laboratory/shrink.ts'
export * from './laboratory/trace-error.ts'
export * from './laboratory/trace-file.ts'

// simulator
export * from './simulator/choices.ts'
export type { History, HistoryEvent } from './simulator/history.ts'
export * from './simulator/schedule.ts'
export * from './simulator/seeded-choices.ts'
export { SeededRandom } from './simulator/seeded-random.ts'
export * from './simulator/simulation.ts'
export { symbolicCrypto } from './simulator/symbolic-crypto.ts'
export type { TraceEvent, TraceSink } from './simulator/trace-sink.ts'
