/**
 * Disks of three correct members as a run has left them, with real signatures. In view 0 they executed 1 to 5, with a
 * checkpoint after 2 and after 4; view 1 began with number 5; in it they executed 6, and voted at 7. Member 2 leaves it.
 * Member 3 is a liar.
 */
import { BatchCodec } from '../../../src/consensus/pbft/batch.ts'
import { Log } from '../../../src/consensus/pbft/log.ts'
import { acceptStatement, checkpointStatement, digestOfStart } from '../../../src/consensus/pbft/messages.ts'
import { FIRST_STABLE } from '../../../src/consensus/pbft/progress.ts'
import type { Start } from '../../../src/consensus/pbft/selection.ts'
import { toHex } from '../../../src/core/bytes.ts'
import { createGroup, type ProcessId } from '../../../src/core/group.ts'
import { isBulk, scopedStore } from '../../../src/core/store.ts'
import { defaultBackend } from '../../../src/crypto/index.ts'
import { certificateOf } from '../../../src/exchange/certificate.ts'
import { KeptStates } from '../../../src/replication/kept-states.ts'
import { replicaService } from '../../../src/replication/service.ts'
import type { HistoryEvent } from '../../../src/simulator/history.ts'

export const PATH = 'replica/agreement'
export const CORRECT: readonly ProcessId[] = [0, 1, 2]
export const OPTIONS = { checkpointEvery: 2 }

const { sha256: hash, publicKey, sign } = defaultBackend
const seeds = [0, 1, 2, 3].map((rank) => new Uint8Array(32).fill(rank + 1))
export const group = createGroup({ id: new Uint8Array(32).fill(9), f: 1, publicKeys: seeds.map(publicKey) })
export const crypto = {
  hash,
  verify: (signer: ProcessId, statement: Uint8Array, signature: Uint8Array) =>
    defaultBackend.verify(group.publicKeys[signer] ?? new Uint8Array(32), statement, signature)
}

const codec = new BatchCodec({ hash }, 8)
const bodies = new Map(
  ['1', '2', '3', '4', '5', '6', '7', 'another'].map((text) => [
    text,
    codec.encode([new TextEncoder().encode(text)])
  ])
)
const bodyOf = (text: number | string): Uint8Array => bodies.get(`${text}`) ?? codec.encode([])
export const batchOf = (text: number | string): Uint8Array => codec.digest(bodyOf(text))

const certified = (statementOf: (signer: ProcessId) => Uint8Array) =>
  certificateOf(new Map(CORRECT.map((rank) => [rank, sign(seeds[rank] as Uint8Array, statementOf(rank))])))

export const certifiedStart = (start: Start) => ({
  start,
  certificate: certified((by) =>
    acceptStatement.bytes(group, PATH, by, { view: start.view, digest: digestOfStart({ hash }, start) })
  )
})
export const certifiedStable = (sequence: number, digest: Uint8Array) => ({
  stable: { sequence, digest },
  certificate: certified((by) => checkpointStatement.bytes(group, PATH, by, { sequence, digest }))
})

/** By key. */
export type Disk = Map<string, Uint8Array>

export const storeOf = (disk: Disk) => ({
  put: (key: string, value: Uint8Array) => void disk.set(key, value),
  delete: (key: string) => void disk.delete(key),
  restored: (prefix: string) =>
    [...disk]
      .filter(([key]) => key.startsWith(prefix) && !isBulk(key))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key.slice(prefix.length), value] as const),
  read: (key: string, then: (value: Uint8Array | undefined) => void) => then(disk.get(key))
})

export const logOn = (disk: Disk): Log => new Log(scopedStore(storeOf(disk), `${PATH}/`))

export const bodyKey = (text: number | string): string => `*${PATH}/batch/${toHex(batchOf(text))}`

export function putBody(disk: Disk, text: number | string): void {
  disk.set(bodyKey(text), bodyOf(text))
}

function writeStates(disk: Disk): ReadonlyMap<number, Uint8Array> {
  const kept = new KeptStates(scopedStore(storeOf(disk), 'replica/'), hash, (then) => then(), 1)
  const digests = new Map<number, Uint8Array>()
  for (const sequence of [2, 4])
    kept.write(sequence, [['bucket/001', () => new Uint8Array(10).fill(sequence)]], (digest) => {
      digests.set(sequence, digest)
    })
  return digests
}

/** The states after 2 and 4. */
export const stateOf = (sequence: number): Uint8Array =>
  writeStates(new Map()).get(sequence) ?? FIRST_STABLE.digest

export const startOfOne = (): Start => ({
  view: 1,
  stable: { sequence: 4, digest: stateOf(4) },
  selected: [batchOf(5)]
})

export function rightDisks(): ReadonlyMap<ProcessId, Disk> {
  return new Map(CORRECT.map((member) => [member, rightDisk(member)]))
}

function rightDisk(member: ProcessId): Disk {
  const disk: Disk = new Map()
  const log = logOn(disk)
  for (const [sequence, digest] of writeStates(disk)) log.putCheckpoint(sequence, digest)
  const [start, stable] = [certifiedStart(startOfOne()), certifiedStable(4, stateOf(4))]
  log.putBase(start)
  log.putStable(stable)
  for (const sequence of [1, 2, 3, 4, 5, 6]) log.putCommitted(sequence, batchOf(sequence))
  const reported = [5, 6, 7].map((sequence) => ({
    sequence,
    digest: batchOf(sequence),
    prepared: sequence < 7
  }))
  for (const { sequence, ...vote } of reported) log.putVote(sequence, vote)
  for (const sequence of [1, 2, 3, 4, 5, 6, 7]) putBody(disk, sequence)
  if (member !== 2) return disk
  const base = { view: 1, digest: digestOfStart({ hash }, startOfOne()) }
  const change = {
    signer: member,
    view: 2,
    stable: stable.stable,
    base,
    reported,
    signature: new Uint8Array(64)
  }
  log.putChange({ change, start, stable })
  return disk
}

/** What all have told. */
export const rightEvents = (): readonly HistoryEvent[] =>
  CORRECT.flatMap((process) => [
    ...[1, 2, 3, 4, 5].map((sequence) => executes(process, sequence)),
    enters(process, 1),
    executes(process, 6)
  ])

export const executes = (process: ProcessId, sequence: number, batch = batchOf(sequence)): HistoryEvent =>
  told(process, 'execute', { sequence, batch, commands: [] })

export const enters = (process: ProcessId, view: number): HistoryEvent => told(process, 'view', { view })

const told = (
  process: ProcessId,
  name: string,
  values: { readonly [name: string]: number | Uint8Array | [] }
): HistoryEvent => ({ kind: 'indicate', time: 0, process, service: replicaService.name, name, values })
