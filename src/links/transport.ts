/**
 * Fair-loss links: what the hosts provide (CGR11 Module 2.1). A frame may be lost, duplicated, delayed or
 * reordered; one that is sent for ever often enough arrives. Nothing about its origin may be believed.
 */
import type { ProcessId } from '../core/group.ts'

export interface Transport {
  /** Tries to bring `frame` to `to`. Never blocks and never reports: a frame that cannot leave is lost. */
  send(to: ProcessId, frame: Uint8Array): void
  /**
   * No more frames of `peer` are wanted for now; or they are again. A transport that can make the peer wait does; what
   * still comes is lost beyond INTAKE_OVERRUN_BYTES_MAX, and is sent again.
   */
  press?(peer: ProcessId, isPressed: boolean): void
}
