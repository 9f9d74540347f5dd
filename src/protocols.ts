/**
 * `byzkit/protocols`: what protocols are written against, and the protocols. Everything here is synchronous,
 * deterministic and without I/O; it runs in a browser as it is.
 *
 * @module
 */

// broadcast
export * from './broadcast/authenticated-echo.ts'
export * from './broadcast/best-effort-broadcast.ts'
export * from './broadcast/byzantine-channel.ts'
export * from './broadcast/constants.ts'
export * from './broadcast/delivery-log.ts'
export * from './broadcast/double-echo.ts'
export * from './broadcast/numbered-broadcast.ts'
export * from './broadcast/signed-echo.ts'
// core: components and their world
export * from './core/assert.ts'
export * from './core/bytes.ts'
export * from './core/clock.ts'
export * from './core/component.ts'
export * from './core/environment.ts'
export * from './core/errors.ts'
export * from './core/fault.ts'
export * from './core/group.ts'
export * from './core/messages.ts'
export * from './core/process.ts'
export * from './core/quorum.ts'
export * from './core/random.ts'
export * from './core/shapes.ts'
export * from './core/statement.ts'
export * from './core/store.ts'
export * from './core/trace.ts'
// links: from fair-loss to authenticated, and ports on top
export * from './links/authenticated-links.ts'
export type { Authentication } from './links/authenticator.ts'
export * from './links/carrier.ts'
export * from './links/constants.ts'
export * from './links/fifo-links.ts'
export * from './links/perfect-links.ts'
export * from './links/ports.ts'
export * from './links/stubborn-links.ts'
export * from './links/transport.ts'
// registers: of the Byzantine model, and the key-value store made of them
export * from './registers/authenticated-data-atomic-register.ts'
export * from './registers/authenticated-data-register.ts'
export * from './registers/authenticated-data-shared-register.ts'
export { AuthenticatedStorage } from './registers/authenticated-storage.ts'
export { Bodies } from './registers/bodies.ts'
export { type RegisterOptions, registerBounds } from './registers/constants.ts'
export { DoubleWriteRegister } from './registers/double-write-register.ts'
export type { Consistency } from './registers/key-registers.ts'
export * from './registers/key-value-store.ts'
// registers: the leaderless store, of the crash model
export { LeaderlessStore } from './registers/leaderless/leaderless-store.ts'
export type {
  Consistency as LeaderlessConsistency,
  Context as LeaderlessContext,
  DeleteOptions as LeaderlessDeleteOptions,
  GetOptions as LeaderlessGetOptions,
  GetResult as LeaderlessGetResult,
  LeaderlessOptions,
  PutOptions as LeaderlessPutOptions,
  PutResult as LeaderlessPutResult
} from './registers/leaderless/requests.ts'
// registers: of the crash models
export * from './registers/logged-majority-voting-register.ts'
export * from './registers/majority-register.ts'
export * from './registers/majority-voting-register.ts'
export { MaskingQuorumRegister } from './registers/masking-quorum-register.ts'
export * from './registers/read-impose-write-majority-register.ts'
export * from './registers/register.ts'
export * from './registers/regular-to-single-reader-atomic-register.ts'
export * from './registers/single-reader-to-multi-reader-atomic-register.ts'
export * from './registers/single-writer-to-multi-writer-atomic-register.ts'
export * from './registers/transformed-register.ts'
export * from './registers/turn-taking-register.ts'
export * from './registers/write-consult-majority-register.ts'

// stacks: compositions by name
export { type BuiltStack, buildStack, type StackInit } from './stacks/build.ts'
export * from './stacks/compose.ts'
export * from './stacks/index.ts'
export * from './stacks/paths.ts'
export { type RecordedStack, recordStack } from './stacks/recorder.ts'
export type { LineSink } from './stacks/recording-format.ts'
export * from './stacks/resilience.ts'
export * from './stacks/stack.ts'
