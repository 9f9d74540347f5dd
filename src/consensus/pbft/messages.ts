/**
 * The messages of agreement, and what of them is signed. PREPARE and COMMIT carry the MAC of their link alone; what
 * each member says once for a view or a number (PRE-PREPARE, VIEW-CHANGE, NEW-VIEW, ACCEPT, CHECKPOINT) is signed, so
 * that two of them which differ are evidence.
 */
import type { Crypto } from '../../core/environment.ts'
import type { Group, ProcessId } from '../../core/group.ts'
import { defineMessages, type MessageOf } from '../../core/messages.ts'
import {
  bool,
  bytes,
  digest,
  encode,
  list,
  optional,
  rank,
  record,
  signature,
  uint,
  type ValueOf
} from '../../core/shapes.ts'
import { defineStatement, signStatement } from '../../core/statement.ts'
import { certificateShape } from '../../exchange/certificate.ts'
import { BATCH_BYTES_MAX, CHECKPOINT_EVERY_MAX, ENVELOPE_BYTES_MAX, WINDOW_CHECKPOINTS } from './constants.ts'
import type { Start } from './selection.ts'

/** Groups larger than this do not agree: a NEW-VIEW carries what a quorum of them says. */
export const PBFT_MEMBERS_MAX = 64

/** Numbers that are open at once, at most, whatever the options. */
const NUMBERS_MAX = CHECKPOINT_EVERY_MAX * WINDOW_CHECKPOINTS

const stableShape = record({ sequence: uint(), digest })

export const startShape = record({
  view: uint(),
  stable: stableShape,
  selected: list(digest, NUMBERS_MAX)
})

const changeFields = {
  view: uint(),
  stable: stableShape,
  base: record({ view: uint(), digest }),
  /** The votes of the speaker in its base. */
  reported: list(record({ sequence: uint(), digest, prepared: bool }), NUMBERS_MAX)
}

/** A VIEW-CHANGE, whoever shows it. */
export const signedChangeShape = record({ signer: rank, ...changeFields, signature })
export type SignedChange = ValueOf<typeof signedChangeShape>

const newViewFields = {
  view: uint(),
  viewStart: startShape,
  viewChanges: list(signedChangeShape, PBFT_MEMBERS_MAX)
}
export const newViewShape = record({ ...newViewFields, signature })
export type NewView = ValueOf<typeof newViewShape>

/** Who proposes in a view: each member in turn. */
export const primaryOf = (view: number, { n }: Pick<Group, 'n'>): ProcessId => view % n

const leader = ([view = 0]: readonly number[], group: Group) => primaryOf(view, group)
const number = { of: leader, numbers: ['view', 'sequence'] } as const
const wholeView = { of: leader, numbers: ['view'] } as const

export const prePrepareStatement = defineStatement('pre-prepare', {
  view: uint(),
  sequence: uint(),
  digest
})
export const checkpointStatement = defineStatement('checkpoint', { sequence: uint(), digest })
export const viewChangeStatement = defineStatement('view-change', changeFields)
/** By the digests of what it says: of the start, and of the VIEW-CHANGEs in their order. */
export const newViewStatement = defineStatement('new-view', { view: uint(), start: digest, changes: digest })
export const acceptStatement = defineStatement('accept', { view: uint(), digest })

export const digestOfStart = ({ hash }: Pick<Crypto, 'hash'>, start: Start): Uint8Array =>
  hash(encode(startShape, start))

const changesShape = list(signedChangeShape, PBFT_MEMBERS_MAX)

export const newViewFieldsOf = (
  crypto: Pick<Crypto, 'hash'>,
  { view, viewStart, viewChanges }: Omit<NewView, 'signature'>
) => ({
  view,
  start: digestOfStart(crypto, viewStart),
  changes: crypto.hash(encode(changesShape, viewChanges))
})

export const pbftMessages = defineMessages(
  {
    /** A request that came to a member, which hands it on to the primary. */
    RELAY: [0, { envelope: bytes(ENVELOPE_BYTES_MAX) }],
    'PRE-PREPARE': [
      1,
      { view: uint(), sequence: uint(), digest, batch: optional(bytes(BATCH_BYTES_MAX)), signature }
    ],
    PREPARE: [2, { view: uint(), sequence: uint(), digest }],
    COMMIT: [3, { view: uint(), sequence: uint(), digest }],
    /** The speaker has executed it. */
    COMMITTED: [4, { sequence: uint(), digest }],
    CHECKPOINT: [5, { sequence: uint(), digest, signature }],
    STABLE: [6, { sequence: uint(), digest, certificate: certificateShape }],
    'VIEW-CHANGE': [7, { ...changeFields, signature }],
    'NEW-VIEW': [8, { ...newViewFields, signature }],
    /** The speaker would begin the view so: the digest is that of a start. */
    ACCEPT: [9, { view: uint(), digest, signature }],
    START: [10, { viewStart: startShape, certificate: certificateShape }],
    /** How far the speaker is: views that it has entered and wants to enter; numbers. */
    STATUS: [11, { base: uint(), target: uint(), stable: uint(), executed: uint() }]
  },
  {
    RELAY: { role: 'request', content: 'envelope', ordered: true },
    'PRE-PREPARE': {
      role: 'proposal',
      instance: number,
      content: 'digest',
      body: 'batch',
      awaited: 'viewTimeoutMinMs',
      signed: (env, path, { view, sequence, digest }) => ({
        signature: signStatement(env, path, prePrepareStatement, { view, sequence, digest })
      })
    },
    PREPARE: { role: 'vote', instance: number, content: 'digest' },
    COMMIT: { role: 'vote', instance: number, content: 'digest' },
    COMMITTED: { role: 'decision', instance: { numbers: ['sequence'] }, content: 'digest' },
    CHECKPOINT: {
      role: 'vote',
      instance: { numbers: ['sequence'] },
      content: 'digest',
      signed: (env, path, { sequence, digest }) => ({
        signature: signStatement(env, path, checkpointStatement, { sequence, digest })
      })
    },
    STABLE: { role: 'decision', instance: { numbers: ['sequence'] }, content: 'digest' },
    'VIEW-CHANGE': {
      role: 'vote',
      instance: { numbers: ['view'] },
      testimony: { votes: 'reported', reached: ['stable', 'base'] },
      signed: (env, path, { view, stable, base, reported }) => ({
        signature: signStatement(env, path, viewChangeStatement, { view, stable, base, reported })
      })
    },
    'NEW-VIEW': {
      role: 'proposal',
      instance: wholeView,
      follows: 'viewStart',
      awaited: 'viewTimeoutMinMs',
      signed: (env, path, newView) => ({
        signature: signStatement(env, path, newViewStatement, newViewFieldsOf(env.crypto, newView))
      })
    },
    ACCEPT: {
      role: 'vote',
      instance: wholeView,
      content: 'digest',
      signed: (env, path, { view, digest }) => ({
        signature: signStatement(env, path, acceptStatement, { view, digest })
      })
    },
    START: { role: 'decision' },
    STATUS: { role: 'request' }
  }
)
export type PbftMessage = MessageOf<typeof pbftMessages>
export type PbftMessageOf<T extends PbftMessage['type']> = Extract<PbftMessage, { readonly type: T }>

/** The bodies of batches, by their digests. */
export const batchMessages = defineMessages(
  {
    FETCH: [0, { digest }],
    BATCH: [1, { digest, batch: bytes(BATCH_BYTES_MAX) }]
  },
  {
    FETCH: { role: 'request', content: 'digest' },
    BATCH: { role: 'answer', content: 'batch' }
  }
)
export type BatchMessage = MessageOf<typeof batchMessages>
