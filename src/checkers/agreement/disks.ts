/**
 * Agreement as the disks of all correct members show it when their processes have ended: what each has voted for,
 * accepted, executed and signed, in all its lives. A witness sees as much of a simulated run while it goes on; of real
 * processes that were killed their disks are what is left. Each rule holds at every moment of a run, whenever a process
 * was killed; that of what a member has told supposes that nothing is told before it is durable.
 */
import { BatchCodec } from '../../consensus/pbft/batch.ts'
import { agreementBounds, batchesRetained } from '../../consensus/pbft/constants.ts'
import type { OwnVote, Restored } from '../../consensus/pbft/log.ts'
import { acceptStatement, checkpointStatement, digestOfStart } from '../../consensus/pbft/messages.ts'
import {
  type CertifiedStable,
  type CertifiedStart,
  FIRST_STABLE,
  FIRST_START
} from '../../consensus/pbft/progress.ts'
import { sameBytes, toHex } from '../../core/bytes.ts'
import type { Crypto } from '../../core/environment.ts'
import { nameOf, type ProcessId } from '../../core/group.ts'
import { type Certificate, verifyCertificate } from '../../exchange/certificate.ts'
import type { HistoryEvent } from '../../simulator/history.ts'
import type { DisksInit, MemberDisk } from '../disk.ts'
import type { Violation } from '../violation.ts'
import { type FirstExecution, lostBy } from './carried-over.ts'
import { isBoundTo, logOf } from './commit-quorum.ts'
import { missingState } from './states-on-disk.ts'
import type { Milestones } from './witness.ts'

/** What disks are held against, and what each of it means. */
export const DISK_RULES = {
  'one batch at a number': 'no two correct members have executed different batches at one number',
  'one state at a number': 'no two correct members have, or call stable, different states after one number',
  'one start of a view': 'no two correct members hold on to different starts of one view',
  'one batch prepared': 'in one view correct members are prepared for one batch at a number',
  certified: 'a start or a checkpoint that a member goes by has the signatures of a quorum',
  'votes as the view began': 'at a number with which the view began a member votes for what it began with',
  'votes as reported':
    'who has left a view has voted in it for what its VIEW-CHANGE reports, and for nothing else',
  'quorum behind a commit': 'what was executed is held on to by a Byzantine quorum less the liars',
  'carried over': 'a view begins with what was executed in those before it, or behind it',
  'told is durable': 'what a member told its application that it executed, is on its disk as executed',
  'bodies are kept':
    'a member has the body of each batch that it voted for or executed, as long as it keeps its digest',
  'states are kept': 'a member has the whole state of each checkpoint that it has taken and not forgotten'
} as const

export type DiskRule = keyof typeof DISK_RULES

interface Member {
  readonly process: ProcessId
  readonly name: string
  readonly disk: MemberDisk
  readonly log: Restored
  readonly base: CertifiedStart
}

/** What is wrong, and by which rule. */
type Broken = readonly [rule: DiskRule, detail: string]

/** Where in the stack its components are. */
export interface DiskPaths {
  readonly agreement: string
  /** What keeps the states. */
  readonly states: string
}

export function judgeDisks(init: DisksInit, paths: DiskPaths, milestones: Milestones): readonly Violation[] {
  const { agreement: path } = paths
  const { group, crypto, disks, history } = init
  const members = [...disks].map(([process, disk]): Member => {
    const log = logOf((prefix) => disk.restored(prefix), path)
    const base = log.base ?? { start: FIRST_START, certificate: [] }
    return { process, name: nameOf(group, process), disk, log, base }
  })
  const told = toldOf(history.events, milestones)
  const broken: Broken[] = [
    ...differing('one batch at a number', members, ({ log }) => log.committed, 'executed another batch at'),
    ...differing('one state at a number', members, statesOf, 'has another state after'),
    ...differing('one start of a view', members, startsOf(crypto), 'holds on to another start of view'),
    ...differing('one batch prepared', members, preparedOf, 'is prepared for another batch at'),
    ...ofCommits(members, init),
    ...ofViews(members, told)
  ]
  for (const member of members) {
    broken.push(...ofCertificates(member, init, path), ...ofVotes(member))
    broken.push(...ofTold(member, told, batchesRetained(agreementBounds(init.options))))
    broken.push(...ofBodies(member, init, path))
    const missing = missingState(member.disk, paths.states, member.log.checkpoints, crypto.hash)
    if (missing !== undefined) broken.push(['states are kept', `${member.name} ${missing}`])
  }
  return broken.map(([property, detail]) => ({ property, detail, at: history.events.length }))
}

/** What is the same at all members that have it. */
function differing(
  rule: DiskRule,
  members: readonly Member[],
  of: (member: Member) => Iterable<readonly [name: number | string, value: Uint8Array]>,
  what: string
): readonly Broken[] {
  const first = new Map<number | string, readonly [by: Member, value: Uint8Array]>()
  const broken: Broken[] = []
  for (const member of members)
    for (const [name, value] of of(member)) {
      const [by, before] = first.get(name) ?? [member, value]
      first.set(name, [by, before])
      if (sameBytes(before, value)) continue
      broken.push([rule, `${member.name} ${what} ${name} than ${by.name}`])
    }
  return broken
}

function* statesOf({ log }: Member): Iterable<readonly [number, Uint8Array]> {
  yield* log.checkpoints
  for (const { stable } of stablesIn(log)) yield [stable.sequence, stable.digest]
}

const startsOf =
  ({ hash }: Pick<Crypto, 'hash'>) =>
  (member: Member) =>
    startsIn(member).map(({ start }) => [start.view, digestOfStart({ hash }, start)] as const)

const preparedOf = ({ base, log }: Member) =>
  [...log.votes].flatMap(([sequence, { digest, prepared }]) =>
    prepared ? [[`${sequence} of view ${base.start.view}`, digest] as const] : []
  )

/** Beside the own ones those that the own VIEW-CHANGE and NEW-VIEW name. */
const startsIn = ({ base, log }: Member): readonly CertifiedStart[] => [
  base,
  ...(log.change === undefined ? [] : [log.change.start]),
  ...(log.newView?.starts ?? [])
]

const stablesIn = (log: Restored): readonly CertifiedStable[] => [
  ...(log.stable === undefined ? [] : [log.stable]),
  ...(log.change === undefined ? [] : [log.change.stable]),
  ...(log.newView?.stables ?? [])
]

function ofCertificates(member: Member, { group, crypto }: DisksInit, path: string): readonly Broken[] {
  const isSigned = (certificate: Certificate, statementOf: (signer: ProcessId) => Uint8Array) =>
    verifyCertificate(crypto, group, statementOf, certificate)
  const broken: Broken[] = []
  for (const { start, certificate } of startsIn(member)) {
    const { view } = start
    const digest = digestOfStart(crypto, start)
    const isValid =
      view === 0
        ? sameBytes(digest, digestOfStart(crypto, FIRST_START))
        : isSigned(certificate, (by) => acceptStatement.bytes(group, path, by, { view, digest }))
    if (!isValid)
      broken.push(['certified', `${member.name} has a start of view ${view} that no quorum accepted`])
  }
  for (const { stable, certificate } of stablesIn(member.log)) {
    const isValid =
      stable.sequence === 0
        ? sameBytes(stable.digest, FIRST_STABLE.digest)
        : isSigned(certificate, (by) => checkpointStatement.bytes(group, path, by, stable))
    if (!isValid)
      broken.push(['certified', `${member.name} has a checkpoint ${stable.sequence} that no quorum signed`])
  }
  return broken
}

/** Of one member, in the view that it is in or is leaving. */
function ofVotes({ name, log, base }: Member): readonly Broken[] {
  const { start } = base
  const broken: Broken[] = []
  const stable = log.stable?.stable.sequence ?? 0
  for (const [sequence, vote] of log.votes) {
    const selected = start.selected[sequence - start.stable.sequence - 1]
    if (selected === undefined || sameBytes(selected, vote.digest)) continue
    const detail = `${name} voted at ${sequence} for another batch than view ${start.view} began with`
    broken.push(['votes as the view began', detail])
  }
  if (log.change === undefined) return broken
  const { change } = log.change
  const reported = new Map(change.reported.map((vote) => [vote.sequence, vote]))
  for (const sequence of new Set([...reported.keys(), ...log.votes.keys()])) {
    if (sequence <= Math.max(stable, change.stable.sequence)) continue
    if (isSameVote(log.votes.get(sequence), reported.get(sequence))) continue
    const detail = `${name} left view ${change.base.view} with another vote at ${sequence} than it reports`
    broken.push(['votes as reported', detail])
  }
  return broken
}

const isSameVote = (a: OwnVote | undefined, b: OwnVote | undefined): boolean =>
  a !== undefined && b !== undefined && a.prepared === b.prepared && sameBytes(a.digest, b.digest)

function ofCommits(members: readonly Member[], { group }: DisksInit): readonly Broken[] {
  const least = group.quorum.byzantine - (group.n - members.length)
  const first = new Map<number, readonly [by: Member, batch: Uint8Array]>()
  for (const member of members)
    for (const [sequence, batch] of member.log.committed)
      if (!first.has(sequence)) first.set(sequence, [member, batch])
  return [...first].flatMap(([sequence, [by, batch]]): Broken[] => {
    const bound = members.filter(({ log }) => isBoundTo(log, sequence, batch)).length
    if (bound >= least) return []
    const detail = `${by.name} executed ${sequence}, which ${bound} correct members hold on to, fewer than ${least}`
    return [['quorum behind a commit', detail]]
  })
}

/** What each member told that it executed, in its order; and before which view, if it told of one afterwards. */
type Told = ReadonlyMap<ProcessId, ReadonlyMap<number, { readonly batch: Uint8Array; before?: number }>>

function toldOf(events: readonly HistoryEvent[], { executed, entered }: Milestones): Told {
  const told = new Map<ProcessId, Map<number, { readonly batch: Uint8Array; before?: number }>>()
  for (const event of events) {
    const own = told.get(event.process) ?? new Map<number, { readonly batch: Uint8Array; before?: number }>()
    told.set(event.process, own)
    const batch = executed(event)
    if (batch !== undefined && !own.has(batch.sequence)) own.set(batch.sequence, { batch: batch.batch })
    const view = entered(event)
    if (view !== undefined) for (const one of own.values()) one.before ??= view
  }
  return told
}

/** Of any start that a disk has: what somebody executed and then entered that view, or one before it. */
function ofViews(members: readonly Member[], told: Told): readonly Broken[] {
  const executed = new Map<number, FirstExecution>()
  for (const own of told.values())
    for (const [sequence, { batch, before }] of own) {
      if (before === undefined) continue
      const view = Math.min(before - 1, executed.get(sequence)?.view ?? before)
      executed.set(sequence, { view, batch })
    }
  return members.flatMap((member) =>
    startsIn(member).flatMap((start) =>
      lostBy(start, executed).map(
        (sequence): Broken => [
          'carried over',
          `${member.name} has a start of view ${start.start.view}, which has lost number ${sequence}`
        ]
      )
    )
  )
}

/** @param retained - how many executed batches a member keeps */
function ofTold({ process, name, log }: Member, told: Told, retained: number): readonly Broken[] {
  const { committed, checkpoints } = log
  const highest = Math.max(0, ...committed.keys(), ...checkpoints.keys())
  return [...(told.get(process) ?? [])].flatMap(([sequence, { batch }]): Broken[] => {
    if (sequence <= highest - retained) return []
    const kept = committed.get(sequence)
    if (kept !== undefined && sameBytes(kept, batch)) return []
    const what = kept === undefined ? 'nothing' : 'another batch'
    return [['told is durable', `${name} told that it executed ${sequence}, and has ${what} there`]]
  })
}

function ofBodies(
  { name, log, disk }: Member,
  { crypto, options }: DisksInit,
  path: string
): readonly Broken[] {
  const codec = new BatchCodec(crypto, agreementBounds(options).batchCommandsMax)
  const wanted = [
    ...[...log.votes].map(([sequence, { digest }]) => [`voted at ${sequence} for`, digest] as const),
    ...[...log.committed].map(([sequence, digest]) => [`executed at ${sequence}`, digest] as const)
  ]
  return wanted.flatMap(([what, digest]): Broken[] => {
    if (sameBytes(digest, codec.nothing)) return []
    const body = disk.bulk(`*${path}/batch/${toHex(digest)}`)
    const isThere =
      body !== undefined && sameBytes(codec.digest(body), digest) && codec.decode(body) !== undefined
    return isThere ? [] : [['bodies are kept', `${name} has no body of the batch that it ${what}`]]
  })
}
