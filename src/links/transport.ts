/**
 * Fair-loss links: what the hosts provide (CGR11 Module 2.1). A frame may be lost, duplicated, delayed or
 * reordered; one that is sent for ever often enough arrives. Nothing about its origin may be believed.
 */
import type { ProcessId } from '../core/group.ts'

export interface Transport {
  /** Tries to bring `frame` to `to`. Never blocks and never reports: a frame that cannot leave is lost. */
  send(to: ProcessId, frame: Uint8Array): void
}
