/** Mutants of src/broadcast/windows.ts: bases, catch-up, retention, gaps. */
import type { Mutant } from '../mutant.ts'

export const windowMutants: readonly Mutant[] = [
  {
    name: 'gap-is-believed-when-two-say-it',
    kind: 'quorum',
    file: 'broadcast/windows.ts',
    find: '[group.quorum.oneCorrect - 1] ?? 0',
    replace: '[1] ?? 0',
    breaks: 'validity',
    because: 'at n = 7 two liars make a correct member skip broadcasts, its own among them',
    trials: [{ protocol: 'double-echo', members: 7, adversary: 'flood' }],
    invisibleAtFour: true
  },
  {
    name: 'windows-remember-peers-of-an-old-session',
    kind: 'lost message',
    file: 'broadcast/windows.ts',
    find: '    this.#peerBases[peer] = undefined\n    this.#catchUp.end(peer)\n',
    replace: '',
    breaks: 'validity',
    because: 'what was lost with a session is not sent again in the next one',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'windows-report-to-new-peers-only',
    kind: 'lost message',
    file: 'broadcast/windows.ts',
    find: '    for (const row of this.#rows) row.gapsTold[peer] = 0\n    this.#port.send(peer, this.#status())\n',
    replace:
      '    for (const row of this.#rows) row.gapsTold[peer] = 0\n    if (this.#rows.every(({ base }) => base === 0)) this.#port.send(peer, this.#status())\n',
    breaks: 'validity',
    because: 'who begins a new session is not told where this member stands, and sends it nothing',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'windows-do-not-store-the-base',
    kind: 'forgotten write',
    file: 'broadcast/windows.ts',
    find: `this.#store.put(\`base/\${numericKey(sender)}\`, encode(uint(), row.base))`,
    replace: '',
    breaks: 'no duplication',
    because: 'after a restart what was consumed is delivered again',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'windows-do-not-restore-the-base',
    kind: 'forgotten restore',
    file: 'broadcast/windows.ts',
    find: '      row.base = base\n',
    replace: '',
    breaks: 'no duplication',
    because: 'after a restart what was consumed is delivered again',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'windows-do-not-store-acknowledgements',
    kind: 'forgotten write',
    file: 'broadcast/windows.ts',
    find: 'if (sequence >= row.base) this.#store.put(acknowledgedKey(sender, sequence), new Uint8Array(0))',
    replace: '',
    breaks: 'no duplication',
    because: 'after a restart what was consumed out of order is delivered again',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'windows-drop-by-their-own-bounds-alone',
    kind: 'lost vote',
    file: 'broadcast/retention.ts',
    find: 'return beyond.length >= group.quorum.correctMajority',
    replace: 'return beyond.length >= 1',
    breaks: 'validity',
    because: 'what too few correct members had is dropped, and too few are left to vouch for the gap',
    trials: [{ protocol: 'authenticated-echo', members: 4, adversary: 'selective' }]
  },
  {
    name: 'windows-vouch-for-gaps-in-what-they-retain',
    kind: 'lost message',
    file: 'broadcast/retention.ts',
    find: 'let low = Math.max(oldest(kept), base - retentionCountMax)',
    replace: 'let low = Math.max(oldest(kept), base - Math.min(retentionCountMax, 4))',
    breaks: 'validity',
    because: 'who was away for a moment is told to skip what is within retention, and nobody hands it over',
    trials: [{ protocol: 'byzantine-reliable-channel', members: 4 }]
  },
  {
    name: 'delivery-log-reuses-positions',
    kind: 'forgotten write',
    file: 'broadcast/delivery-log.ts',
    find: "    this.store.put('next', encode(uint(), this.#next))\n",
    replace: '',
    breaks: 'no duplication',
    because:
      'after a restart positions are given again, and an application that passes the last one misses deliveries',
    trials: [{ protocol: 'byzantine-reliable-channel', members: 4 }]
  },
  {
    name: 'windows-admit-the-past',
    kind: 'missing check',
    file: 'broadcast/windows.ts',
    find: 'return sequence >= base && sequence < base + this.size',
    replace: 'return sequence < base + this.size',
    breaks: 'no duplication',
    because: 'an instance that is over begins again',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'windows-admit-the-future',
    kind: 'missing check',
    file: 'broadcast/windows.ts',
    find: 'return sequence >= base && sequence < base + this.size',
    replace: 'return sequence >= base',
    breaks: 'validity',
    because: 'instances beyond the window begin, and what is said of them is not said again',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'windows-retain-for-the-connected-only',
    kind: 'lost message',
    file: 'broadcast/windows.ts',
    find: 'Math.min(everybodyHas, this.#peerBases[peer]?.[sender] ?? 0)',
    replace: 'Math.min(everybodyHas, this.#peerBases[peer]?.[sender] ?? everybodyHas)',
    breaks: 'totality',
    because: 'what an absent member needs is dropped',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'windows-restore-nothing-retained',
    kind: 'forgotten restore',
    file: 'broadcast/numbered-broadcast.ts',
    find: 'this.windows.restoreRetained(sender, bytes)',
    replace: 'this.windows.restoreRetained(sender, bytes.slice(0, 0))',
    breaks: 'totality',
    because: 'after a restart what absent members still need is not said to them again',
    trials: [{ protocol: 'double-echo', members: 4 }]
  }
]
