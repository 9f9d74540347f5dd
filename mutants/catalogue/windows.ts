/** Mutants of src/broadcast/windows.ts: bases, catch-up, retention, gaps. */
import type { Mutant } from '../mutant.ts'

export const windowMutants: readonly Mutant[] = [
  {
    name: 'gap-is-believed-when-two-say-it',
    kind: 'quorum',
    in: 'Windows.#onGap',
    find: '[group.quorum.oneCorrect - 1] ?? 0',
    replace: '[1] ?? 0',
    breaks: 'validity',
    because: 'at n = 7 two liars make a correct member skip broadcasts, its own among them',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 7, adversary: 'flood' }],
    invisibleAtFour: true
  },
  {
    name: 'windows-remember-peers-of-an-old-session',
    kind: 'lost message',
    in: 'Windows.#resync',
    find: '    this.#peerBases[peer] = undefined\n    this.#catchUp.end(peer)\n',
    replace: '',
    breaks: 'validity',
    because: 'what was lost with a session is not sent again in the next one',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'windows-report-to-new-peers-only',
    kind: 'lost message',
    in: 'Windows.#resync',
    find: '    for (const row of this.#rows) row.gapsTold[peer] = 0\n    this.#port.send(peer, this.#status())\n',
    replace:
      '    for (const row of this.#rows) row.gapsTold[peer] = 0\n    if (this.#rows.every(({ base }) => base === 0)) this.#port.send(peer, this.#status())\n',
    breaks: 'validity',
    because: 'who begins a new session is not told where this member stands, and sends it nothing',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'windows-do-not-store-the-base',
    kind: 'forgotten write',
    in: 'Windows.#moved',
    find: `this.#store.put(\`base/\${numericKey(sender)}\`, encode(uint(), row.base))`,
    replace: '',
    breaks: 'no duplication',
    because: 'after a restart what was consumed is delivered again',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'windows-do-not-restore-the-base',
    kind: 'forgotten restore',
    in: 'Windows.constructor',
    find: '      row.base = base\n',
    replace: '',
    breaks: 'no duplication',
    because: 'after a restart what was consumed is delivered again',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'windows-do-not-store-acknowledgements',
    kind: 'forgotten write',
    in: 'Windows.acknowledge',
    find: 'if (sequence >= row.base) this.#store.put(acknowledgedKey(sender, sequence), new Uint8Array(0))',
    replace: '',
    breaks: 'no duplication',
    because: 'after a restart what was consumed out of order is delivered again',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'windows-drop-by-their-own-bounds-alone',
    kind: 'lost vote',
    in: 'mayDrop',
    find: 'return beyond.length >= group.quorum.correctMajority',
    replace: 'return beyond.length >= 1',
    breaks: 'validity',
    because: 'what too few correct members had is dropped, and too few are left to vouch for the gap',
    by: 'schedule',
    found: { protocol: 'authenticated-echo', members: 4, adversary: 'selective' }
  },
  {
    name: 'windows-vouch-for-gaps-in-what-they-retain',
    kind: 'lost message',
    in: 'retainedFrom',
    find: 'let low = Math.max(oldest(kept), base - retentionCountMax)',
    replace: 'let low = Math.max(oldest(kept), base - Math.min(retentionCountMax, 4))',
    breaks: 'validity',
    because: 'who was away for a moment is told to skip what is within retention, and nobody hands it over',
    by: 'campaign',
    trials: [{ protocol: 'byzantine-reliable-channel', members: 4 }]
  },
  {
    name: 'delivery-log-reuses-positions',
    kind: 'forgotten write',
    in: 'DeliveryLog.#assign',
    find: "    this.store.put('next', encode(uint(), this.#next))\n",
    replace: '',
    breaks: 'no duplication',
    because:
      'after a restart positions are given again, and an application that passes the last one misses deliveries',
    by: 'campaign',
    trials: [{ protocol: 'byzantine-reliable-channel', members: 4 }]
  },
  {
    name: 'windows-admit-the-past',
    kind: 'missing check',
    in: 'Windows.admits',
    find: 'return sequence >= base && sequence < base + this.size',
    replace: 'return sequence < base + this.size',
    breaks: 'no duplication',
    because: 'an instance that is over begins again',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'windows-admit-the-future',
    kind: 'missing check',
    in: 'Windows.admits',
    find: 'return sequence >= base && sequence < base + this.size',
    replace: 'return sequence >= base',
    breaks: 'validity',
    because: 'instances beyond the window begin, and what is said of them is not said again',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'windows-retain-for-the-connected-only',
    kind: 'lost message',
    in: 'Windows.#prune',
    find: 'Math.min(everybodyHas, this.#peerBases[peer]?.[sender] ?? 0)',
    replace: 'Math.min(everybodyHas, this.#peerBases[peer]?.[sender] ?? everybodyHas)',
    breaks: 'totality',
    because: 'what an absent member needs is dropped',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'windows-restore-nothing-retained',
    kind: 'forgotten restore',
    in: 'NumberedBroadcast.#restoreRetained',
    find: 'this.windows.restoreRetained(sender, bytes)',
    replace: 'this.windows.restoreRetained(sender, bytes.slice(0, 0))',
    breaks: 'totality',
    because: 'after a restart what absent members still need is not said to them again',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  }
]
