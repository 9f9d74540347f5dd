/**
 * What the source counts, as far as its text tells: fields that are counted up or down, counts by key, and collections that
 * a bound is held against. A new one is none of those that are known, and has to be given its balance, or its place here.
 */
import { readModules } from '../architecture/source.ts'

const FOLDERS = ['links', 'exchange', 'broadcast', 'registers', 'leaderless', 'libp2p']

const FIELD = String.raw`(?:[\w#]+\.)+#?\w+`
const UP_OR_DOWN = new RegExp(
  String.raw`(?<![\w.#])(?:(${FIELD})\s*(?:[+-]=|\+\+|--)|(?:\+\+|--)(${FIELD}))`,
  'g'
)
/** A count in a map: `set(key, before + count)`, or a sum that was made before. */
const BY_KEY = /(?<=this\.)(#\w+)\.set\(\s*\w+\s*,\s*(?:after|.*[^=]\s[+-]\s(?:1|count|amount))\)/g
const AGAINST_A_BOUND =
  /(this\.#\w+(?:\([^()]*\))?\.(?:size|length|of\((?:[^()]|\([^()]*\))*\)))\s*(?:<|>|<=|>=)\s*[A-Z]\w*_/g

/** Each as `file what`, its file from src/. */
export function counted(): readonly string[] {
  const found = readModules()
    .filter(({ folder }) => FOLDERS.includes(folder))
    .flatMap(({ path, code }) =>
      [
        ...[...code.matchAll(UP_OR_DOWN)].map(([, before, after]) =>
          (before ?? after ?? '').replace(/^this\./, '')
        ),
        ...[...code.matchAll(BY_KEY)].map(([, field]) => field),
        ...[...code.matchAll(AGAINST_A_BOUND)].map(([, what]) => what)
      ].map((what) => `${path} ${what}`)
    )
  return [...new Set(found)].sort()
}

/** What is counted and has nothing to give back, and why. */
export const NO_BALANCES = {
  'a number that the next one follows, and never goes back': [
    'broadcast/byzantine-channel.ts stream.next',
    'broadcast/delivery-log.ts #acknowledged',
    'broadcast/delivery-log.ts #handed',
    'broadcast/delivery-log.ts #next',
    'broadcast/numbered-broadcast.ts #next',
    'broadcast/windows.ts row.base',
    'links/perfect-links.ts delivered.watermark',
    'links/ports.ts #ended',
    'links/receive-window.ts #received',
    'links/stubborn-links.ts peer.last',
    'exchange/bodies.ts #last',
    'registers/body-read.ts #attempt',
    'exchange/body-transfer.ts #next',
    'exchange/calls.ts #last',
    'leaderless/anti-entropy.ts #last',
    'leaderless/put-operation.ts #asked'
  ],
  'told to operators, and nothing goes by it': [
    'libp2p/counted-faults.ts entry.count',
    'libp2p/group-member.ts #delivered',
    'libp2p/group-process.ts #landmarks',
    'libp2p/host.ts #tally.bytesIn',
    'libp2p/host.ts #tally.bytesOut',
    'libp2p/host.ts #tally.framesIn',
    'libp2p/host.ts #tally.framesOut',
    'libp2p/host.ts #tally.messagesIn',
    'libp2p/host.ts #tally.messagesOut',
    'libp2p/host.ts #tally.verifications',
    'libp2p/indication-queue.ts #lost',
    'libp2p/requests.ts #returned',
    'libp2p/transport.ts #framesLost',
    'links/intake.ts queue.taken',
    'links/intake.ts queue.waited',
    'links/intake.ts queue.workUs'
  ],
  'the work of a value, of which differences are taken': [
    'registers/signed-value.ts #hashedBytes',
    'exchange/verdicts.ts verifications'
  ],
  'of one piece of work, and gone with it': [
    'registers/claim.ts counted.count',
    'leaderless/merkle-tree.ts node.size',
    'leaderless/put-operation.ts #answered',
    'registers/written-bodies.ts #chunks'
  ],
  'set to its beginning, whatever it was': [
    'broadcast/catch-up.ts #bytes',
    'libp2p/transport-framing.ts #filled',
    'libp2p/transport-framing.ts #length',
    'libp2p/transport-framing.ts #lengthBytes',
    'libp2p/transport-inbox.ts #waitingBytes',
    'libp2p/transport-window.ts #received',
    'links/intake.ts queue.next',
    'links/intake.ts queue.share.bytes',
    'links/intake.ts queue.share.messages',
    'links/intake.ts queue.share.workUs',
    'links/session.ts #owed',
    'links/session.ts #stalledMs',
    'links/session.ts #timeouts'
  ],
  'a mean': ['links/round-trip.ts #variationMs'],
  'where the oldest makes room for the next': [
    'leaderless/leaderless-store.ts this.#repairing.size',
    'exchange/verdicts.ts this.#verdicts.size'
  ]
}
