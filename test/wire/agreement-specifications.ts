/** The messages of agreement and of replication. */
import { BatchCodec } from '../../src/consensus/pbft/batch.ts'
import { batchMessages, digestOfStart, pbftMessages } from '../../src/consensus/pbft/messages.ts'
import { FIRST_STABLE, FIRST_START } from '../../src/consensus/pbft/progress.ts'
import { utf8 } from '../../src/core/bytes.ts'
import type { Messages } from '../../src/core/messages.ts'
import { COMMANDS, signEnvelope } from '../../src/replication/envelopes.ts'
import { partListMessages, partMessages, replicaMessages } from '../../src/replication/messages.ts'
import { messageEntries } from './codecs.ts'
import type { Specification } from './fixture.ts'
import { counting, cryptoOf, environmentOf, group } from './inputs.ts'

const crypto = cryptoOf(0)
const client = group.publicKeys[0] as Uint8Array
const envelope = signEnvelope(environmentOf(0), 'replica', {
  kind: COMMANDS,
  client,
  session: 1024,
  first: 2,
  acknowledged: 1,
  commands: [utf8('hello'), utf8('again')]
})
const batch = new BatchCodec(crypto, 256).encode([envelope])
const digest = crypto.hash(batch)
const signature = counting(0x40, 64)
const certificate = [0, 1, 3].map((signer) => ({ signer, signature }))
const stable = { sequence: 64, digest: counting(0x80, 32) }
const base = { view: 0, digest: digestOfStart(crypto, FIRST_START) }
const reported = [
  { sequence: 65, digest, prepared: true },
  { sequence: 67, digest, prepared: false }
]
const viewStart = { view: 1, stable, selected: [digest] }
const number = { view: 1, sequence: 65, digest }
const list = utf8('a list')
const transfer = { life: 3, number: 1 }
const reply = { view: 1, groupEpoch: 0, outcome: 0, digest }

export const agreementMessages: Specification = {
  file: 'agreement',
  about: 'The messages of agreement, of its batches, of a replicated machine and its clients, and of states.',
  entries: [
    ...messageEntries('replica', replicaMessages as Messages<never>, [
      { type: 'REQUEST', envelope },
      { type: 'REPLY', envelopeHash: null, sessionId: 1024, number: 2, ...reply, result: utf8('result') },
      { type: 'REPLY', envelopeHash: digest, sessionId: 0, number: 0, ...reply, result: null },
      { type: 'REPLY', envelopeHash: digest, sessionId: 9, number: 0, ...reply, outcome: 4, result: null }
    ]),
    ...messageEntries('agreement', pbftMessages as Messages<never>, [
      { type: 'RELAY', envelope },
      { type: 'PRE-PREPARE', ...number, batch: null, signature },
      { type: 'PRE-PREPARE', ...number, batch, signature },
      { type: 'PREPARE', ...number },
      { type: 'COMMIT', ...number },
      { type: 'COMMITTED', sequence: 65, digest },
      { type: 'CHECKPOINT', ...stable, signature },
      { type: 'STABLE', ...stable, certificate },
      { type: 'VIEW-CHANGE', view: 1, stable, base, reported, signature },
      {
        type: 'NEW-VIEW',
        view: 1,
        viewStart,
        viewChanges: [0, 1, 2].map((signer) => ({
          signer,
          view: 1,
          stable: signer === 0 ? FIRST_STABLE : stable,
          base,
          reported: [],
          signature
        })),
        signature
      },
      { type: 'ACCEPT', view: 1, digest: digestOfStart(crypto, viewStart), signature },
      { type: 'START', viewStart, certificate },
      { type: 'STATUS', base: 1, target: 2, stable: 64, executed: 300 }
    ]),
    ...messageEntries('batches', batchMessages as Messages<never>, [
      { type: 'FETCH', digest },
      { type: 'BATCH', digest, batch }
    ]),
    ...messageEntries('states', partListMessages as Messages<never>, [
      { type: 'FETCH', digest: stable.digest },
      { type: 'PARTS', digest: stable.digest, partList: list }
    ]),
    ...messageEntries('parts of states', partMessages as Messages<never>, [
      { type: 'FETCH', transfer, subject: 'sessions', root: stable.digest, index: 0 },
      { type: 'CHUNK', transfer, index: 0, chunk: utf8('hello'), proof: [digest] },
      { type: 'MISSING', transfer, index: 0 }
    ])
  ]
}
