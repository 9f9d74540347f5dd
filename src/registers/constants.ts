/** Bounds of the registers, each with its unit last; see RegisterOptions for those that can be set. */
import type { PortTerms } from '../links/ports.ts'

/** The longest value of a register that travels and is stored whole, bytes. */
export const VALUE_BYTES_MAX = 64 * 1024

/** The longest name of a register, UTF-16 code units. */
export const REGISTER_NAME_CHARACTERS_MAX = 256

/** The most writers of one register: all of them are in its name, in every message. */
export const REGISTER_WRITERS_MAX = 16

/**
 * How far a write may go beyond the timestamp that a member has. Correct writers go one beyond what a quorum has, and
 * no correct member is ever so many writes behind; a listed writer of a shared register that is faulty would have to
 * make two million such jumps to wear out its timestamps, which are below 2^53.
 */
export const TIMESTAMP_JUMP_MAX = 2 ** 32

/** Registers that a member keeps for one list of writers, and values that it keeps of one signer. */
export const REGISTERS_PER_OWNER_MAX = 16 * 1024

/** Bytes of values that a member keeps for one list of writers, and of one signer. */
export const REGISTER_BYTES_PER_OWNER_MAX = 256 * 1024 * 1024

/**
 * Bytes of values that a member has in memory in all, with what each register takes beside its value; half of them are
 * dealt out to the processes that it knows, in equal shares.
 */
export const REGISTER_MEMORY_BYTES_MAX = 1024 * 1024 * 1024

/**
 * Bytes of bodies that a member has on its disk in all, those on their way too; half of them are dealt out likewise.
 */
export const BODY_BYTES_TOTAL_MAX = 64 * 1024 * 1024 * 1024

/** What a register takes of a member's memory beside its value: for itself, and for each of its writers. */
export const REGISTER_OVERHEAD_BYTES = 1024
export const WRITER_OVERHEAD_BYTES = 256

/** The longest value that a message can carry, bytes: what `valueBytesMax` may be at most. */
export const SIGNED_VALUE_BYTES_MAX = 1024 * 1024

/** The longest value of a double-write register, bytes: an answer has two of them. */
export const DOUBLE_WRITE_VALUE_BYTES_MAX = 512 * 1024

/**
 * How long a reader of a double-write register waits for those that have not answered before it asks the others again.
 */
export const READ_AGAIN_MS = 50
/** What a register that is made of others adds to a value that it writes to one of them, at most, bytes. */
export const CONTENT_OVERHEAD_BYTES = 16

/** Keys with their signatures in one answer to a LIST. */
export const LIST_ENTRIES_MAX = 128

/** The most keys that one `list` may be asked for, and that it is asked for unless it says otherwise. */
export const LIST_KEYS_MAX = 1024

/** Lists that a client has under way; one more is refused until one of them ends. */
export const LISTS_OPEN_MAX = 64

/** A body of which no chunk has come for so long is given up by the member that was asked to keep it. */
export const BODY_GIVEN_UP_MS = 60_000

/** Values in chunks that a client writes at once; others wait. */
export const BODY_WRITES_OPEN_MAX = 4

/** Values in chunks that a client reads at once; others wait. */
export const BODY_READS_OPEN_MAX = 4

/**
 * Bodies that one writer has signed, or one process brings, and a member has been asked to keep, and does not have yet.
 */
export const BODIES_STAGED_MAX = 64

/** A key that is listed beside the bytes of its answer, nominal microseconds of work; see WORK_US. */
export const LISTED_KEY_US = 2

/** 64 KiB that are hashed because of a peer, nominal microseconds of work; see WORK_US. */
export const HASHED_64KIB_US = 150

export interface RegisterOptions {
  /** The longest value that is stored whole; default VALUE_BYTES_MAX. */
  readonly valueBytesMax?: number
  /** Default REGISTERS_PER_OWNER_MAX. */
  readonly registersPerOwnerMax?: number
  /** Default REGISTER_BYTES_PER_OWNER_MAX. */
  readonly registerBytesPerOwnerMax?: number
  /** Each member's own, as the next one; default REGISTER_MEMORY_BYTES_MAX. */
  readonly registerMemoryBytesMax?: number
  /** Default BODY_BYTES_TOTAL_MAX. */
  readonly bodyBytesTotalMax?: number
}

export function registerBounds(options: RegisterOptions): Required<RegisterOptions> {
  return {
    valueBytesMax: options.valueBytesMax ?? VALUE_BYTES_MAX,
    registersPerOwnerMax: options.registersPerOwnerMax ?? REGISTERS_PER_OWNER_MAX,
    registerBytesPerOwnerMax: options.registerBytesPerOwnerMax ?? REGISTER_BYTES_PER_OWNER_MAX,
    registerMemoryBytesMax: options.registerMemoryBytesMax ?? REGISTER_MEMORY_BYTES_MAX,
    bodyBytesTotalMax: options.bodyBytesTotalMax ?? BODY_BYTES_TOTAL_MAX
  }
}

/** Of the bounds, those that members and clients must have alike. */
export function registerTerms(options: RegisterOptions): PortTerms {
  const { valueBytesMax, registersPerOwnerMax, registerBytesPerOwnerMax } = registerBounds(options)
  return { valueBytesMax, registersPerOwnerMax, registerBytesPerOwnerMax }
}
