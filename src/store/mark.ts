/**
 * The high-water mark: a file beside the database that says up to which record the journal is known to be durable. From
 * inside the database a lost end cannot be told from one that was never written; the mark can tell, up to where it
 * goes.
 *
 * It is written after each record and synced only at opening, at a stop and by the kernel in its own time: it may lag
 * behind the journal (after a power cut by some seconds), and never runs ahead of it. So a mark above the last record
 * means that records were lost, whatever happened.
 *
 * The file has two slots, written in turn, so that a write that is torn leaves the mark before it.
 */
import { writeSync } from 'node:fs'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { StoreDamagedError } from './errors.ts'
import { syncFolder } from './folder.ts'
import { CHECKSUM_BYTES, seal, unseal } from './sealed.ts'

/** The file in the data folder. */
export const MARK_FILE = 'high-water-mark'

/** Bytes of a slot: what disks write as a whole. */
const SLOT_BYTES = 512
const NUMBER_BYTES = 8

export interface Mark {
  /** What it is called in errors. */
  readonly name: string
  /** The record up to which the journal was durable; undefined if there is no mark yet. */
  read(): Promise<number | undefined>
  /** From now on this process writes it: the journal is durable up to this record. */
  begin(number: number): Promise<void>
  note(number: number): void
  close(): Promise<void>
}

export class MarkFile implements Mark {
  readonly name: string
  readonly #folder: string
  readonly #path: string
  #file: FileHandle | undefined
  #slot = 0

  constructor(folder: string) {
    this.#folder = folder
    this.#path = join(folder, MARK_FILE)
    this.name = `file ${this.#path}`
  }

  /** @throws {StoreDamagedError} if neither slot is whole */
  async read(): Promise<number | undefined> {
    const content = await readFile(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    // An empty file was made by a process that died before it wrote the first mark, let alone a record.
    if (content === undefined || content.length === 0) return undefined
    const marks = [0, 1].map((slot) => parseSlot(content.subarray(slot * SLOT_BYTES)))
    const [first = marks[1], second = first] = marks
    if (first === undefined || second === undefined)
      throw new StoreDamagedError(`${this.name} is damaged: neither of its marks matches its checksum`)
    return Math.max(first, second)
  }

  async begin(number: number): Promise<void> {
    // Not created anew: what it says now stays until it is overwritten in place.
    const file = await open(this.#path, 'r+').catch(() => open(this.#path, 'w+', 0o600))
    this.#file = file
    for (let slot = 0; slot < 2; slot++) this.note(number)
    await file.sync()
    await syncFolder(this.#folder)
  }

  /** Not in the background: it takes less time than to have it done there, and is not waited for by the disk. */
  note(number: number): void {
    if (this.#file === undefined) return
    writeSync(this.#file.fd, slotOf(number), 0, SLOT_BYTES, this.#slot * SLOT_BYTES)
    this.#slot = 1 - this.#slot
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    try {
      await file?.sync()
    } finally {
      await file?.close()
    }
  }
}

function slotOf(number: number): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number))
  const slot = new Uint8Array(SLOT_BYTES)
  slot.set(seal(MARK_FILE, bytes))
  return slot
}

function parseSlot(slot: Uint8Array): number | undefined {
  const bytes = unseal(MARK_FILE, slot.subarray(0, CHECKSUM_BYTES + NUMBER_BYTES))
  if (bytes === undefined || bytes.length !== NUMBER_BYTES) return undefined
  return Number(new DataView(bytes.buffer, bytes.byteOffset, NUMBER_BYTES).getBigUint64(0))
}
