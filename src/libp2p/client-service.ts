/**
 * The libp2p service of a client: a process with its own key and no rank, which uses the registers that members keep.
 */
import type { PrivateKey } from '@libp2p/interface'
import type { TypedEventTarget } from 'main-event'
import type { ProcessId } from '../core/group.ts'
import type { GroupFile } from '../crypto/group-file.ts'
import type { Authentication } from '../links/authenticator.ts'
import type { RegisterOptions } from '../registers/constants.ts'
import type { Stack } from '../stacks/stack.ts'
import type { Durability } from '../store/open-store.ts'
import type { UnreachableMember } from './absences.ts'
import type { Encryption } from './encryption.ts'
import type { HostCounts } from './host.ts'
import type { CutOffPeer, ProcessEvents, ProcessService, ProcessState } from './service.ts'
import type { ProtocolOptions } from './transport-protocol.ts'

export interface ByzantineClientInit extends ProtocolOptions {
  /** The group file; this client's public key is among its `clients`. */
  group: GroupFile
  /** This client's key: the 32-byte Ed25519 seed, or a libp2p private key. Default: the node's own. */
  key?: Uint8Array | PrivateKey
  /**
   * The data folder: a write that is under way survives a crash there, and so does what a writer must not sign twice.
   * Without it the client reads, and does not write.
   */
  data?: string
  /**
   * `memory`: the client writes without a data folder. A writer that has lost what it had stored does not write again
   * under its key, so each life that writes needs a new one: for tests and demonstrations.
   */
  durability?: Durability
  /**
   * The stack that the members run, by its name or as an object, if it is one that has clients. Default: what members
   * keep beside a broadcast, registers and the key-value store.
   */
  stack?: string | Stack
  /** The bounds of the registers, as the members have them. */
  options?: RegisterOptions
  /** How the links authenticate their frames, as the members do it. Default: `hmac`. */
  authenticator?: Authentication
  /** Runs although the group is smaller than registers need, to see what breaks. */
  beyondResilience?: boolean
}

export interface ByzantineClientService extends TypedEventTarget<ProcessEvents>, ProcessService {
  status(): ClientStatus
}

/** Plain JSON. */
export interface ClientStatus {
  /** This client's public key, in hexadecimal. */
  readonly client: string
  /** In hexadecimal. */
  readonly group: string
  readonly epoch: number
  readonly members: number
  readonly faulty: number
  readonly incarnation: number
  readonly durability: Durability
  /** What the node's connections are encrypted with. */
  readonly encryption: readonly Encryption[]
  readonly state: ProcessState
  readonly ready: boolean
  readonly connected: readonly ProcessId[]
  /** The other members, with why they are not connected. */
  readonly unreachable: readonly UnreachableMember[]
  readonly lagging: readonly ProcessId[]
  readonly cutOff: readonly CutOffPeer[]
  /** Operations that are under way. */
  readonly operations: number
  /** Operations that wait because too many are under way. */
  readonly waiting: number
  /** Writes of an earlier life that are being finished. */
  readonly resuming: number
  readonly faults: number
  readonly counts: HostCounts
}
