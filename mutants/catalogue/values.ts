/** Mutants of the small parts that protocols are made of: orders of values, claims, tallies, certificates, retention, windows and budgets. They fall to tables. */
import type { Mutant } from '../mutant.ts'

export const valueMutants: readonly Mutant[] = [
  {
    name: 'signed-values-are-ordered-without-their-content',
    kind: 'wrong tally',
    in: 'compareSigned',
    find: `    a.content - b.content ||
`,
    replace: '',
    by: 'table',
    table: 'order',
    breaks: 'signed values are ordered by timestamp, writer, content and value',
    because: 'a tombstone is as high as a value of the same bytes: members keep the one that came first'
  },
  {
    name: 'signed-values-of-two-writers-are-equal',
    kind: 'wrong tally',
    in: 'compareSigned',
    find: `    a.writer - b.writer ||
`,
    replace: '',
    by: 'table',
    table: 'order',
    breaks: 'signed values are ordered by timestamp, writer, content and value',
    because: 'two writers at one timestamp are told apart by their bytes alone'
  },
  {
    name: 'headers-are-ordered-without-their-writer',
    kind: 'wrong tally',
    in: 'compareHeaders',
    find: `  a.writer - b.writer ||
`,
    replace: '',
    by: 'table',
    table: 'order',
    breaks: 'headers are ordered as the values that they are of',
    because: 'a list puts another value on top than a read'
  },
  {
    name: 'the-first-of-equal-timestamps-is-highest',
    kind: 'wrong tally',
    in: 'highest',
    find: 'compareSigned(value, top) > 0',
    replace: 'value !== null && (top === null || value.timestamp > top.timestamp)',
    by: 'table',
    table: 'order',
    breaks: 'the highest of some values is the highest in whatever order they come',
    because: 'two readers that hear the same members return different values'
  },
  {
    name: 'shorter-bytes-are-equal',
    kind: 'wrong tally',
    in: 'compareBytes',
    find: 'return a.length - b.length',
    replace: 'return 0',
    by: 'table',
    table: 'order',
    breaks: 'byte strings are ordered as by a dictionary',
    because: 'a value and its beginning are taken for one'
  },
  {
    name: 'claims-are-counted-as-often-as-made',
    kind: 'wrong tally',
    in: 'vouched',
    find: 'new Map(claims.map((each) => [each.name, each]))',
    replace: 'claims.map((each) => [each.name, each] as const)',
    by: 'table',
    table: 'order',
    breaks: 'claims are vouched for by as many members as claim them, each of them once',
    because: 'a liar that claims a value twice stands for two'
  },
  {
    name: 'claims-are-named-by-their-timestamps',
    kind: 'forgotten binding',
    in: 'claimOf',
    find: `name: \`\${timestamp}/\${toHex(hash(value.value))}\``,
    replace: `name: \`\${timestamp}\``,
    by: 'table',
    table: 'order',
    breaks: 'claims have one name exactly if they are of one write; two values at one timestamp contradict',
    because: 'claims of two values vouch for each other'
  },
  {
    name: 'contradictions-need-no-timestamp',
    kind: 'false accusation',
    in: 'contradict',
    find: 'a?.timestamp === b.timestamp &&',
    replace: 'a !== null && a !== undefined &&',
    by: 'table',
    table: 'order',
    breaks: 'claims have one name exactly if they are of one write; two values at one timestamp contradict',
    because: 'a writer that goes on is named for it'
  },
  {
    name: 'tally-counts-each-vote-of-a-member',
    kind: 'wrong tally',
    in: 'Tally.vote',
    find: "return sameBytes(candidate.digest, digest) ? 'repeated' : 'contradicted'",
    replace: "if (sameBytes(candidate.digest, digest)) return 'repeated'",
    by: 'table',
    table: 'votes',
    breaks: 'the first vote of each member is counted, once, for its digest',
    because: 'a liar votes for everything'
  },
  {
    name: 'tally-finds-the-same-digest-for-another',
    kind: 'wrong tally',
    in: 'Tally.reachedOther',
    find: 'other.voters.size >= quorum && !sameBytes(other.digest, digest)',
    replace: 'other.voters.size >= quorum',
    by: 'table',
    table: 'votes',
    breaks: 'a quorum is reached exactly if so many have voted for one digest',
    because: 'whoever is voted for as it sent is named an equivocator'
  },
  {
    name: 'certificate-takes-more-than-a-quorum',
    kind: 'missing check',
    in: 'verifyCertificate',
    find: 'certificate.length !== group.quorum.byzantine',
    replace: 'certificate.length < group.quorum.byzantine',
    by: 'table',
    table: 'votes',
    breaks: 'a certificate holds exactly if a quorum of members has signed, in order, each of them once',
    because: 'one thing has many certificates, and each is verified anew'
  },
  {
    name: 'certificate-takes-a-signer-twice',
    kind: 'missing check',
    in: 'verifyCertificate',
    find: 'signer <= previous',
    replace: 'signer < previous',
    by: 'table',
    table: 'votes',
    breaks: 'a certificate holds exactly if a quorum of members has signed, in order, each of them once',
    because: 'one liar signs as often as a quorum'
  },
  {
    name: 'certificate-takes-strangers',
    kind: 'missing check',
    in: 'verifyCertificate',
    find: '!isMember(group, signer) || signer',
    replace: 'signer',
    by: 'table',
    table: 'votes',
    breaks: 'a certificate holds exactly if a quorum of members has signed, in order, each of them once',
    because: 'a client makes up the quorum'
  },
  {
    name: 'certificate-is-in-order-of-arrival',
    kind: 'missing check',
    in: 'certificateOf',
    find: '.sort((a, b) => a.signer - b.signer)',
    replace: '',
    by: 'table',
    table: 'votes',
    breaks: 'at every size a certificate takes a Byzantine quorum, and what a quorum signed makes one',
    because: 'what a correct member has gathered is refused by all others'
  },
  {
    name: 'retention-drops-at-its-bound',
    kind: 'quorum',
    in: 'isBeyond',
    find: 'to - sequence > bounds.retentionCountMax',
    replace: 'to - sequence >= bounds.retentionCountMax',
    by: 'table',
    table: 'windows',
    breaks:
      'an instance is dropped exactly if it is beyond the retention of 2f + 1, this process by its own base',
    because: 'one instance fewer is retained than is promised'
  },
  {
    name: 'retention-counts-oneself-by-reports',
    kind: 'quorum',
    in: 'mayDrop',
    find: 'peer === self ? kept.base : reported',
    replace: 'reported',
    by: 'table',
    table: 'windows',
    breaks:
      'an instance is dropped exactly if it is beyond the retention of 2f + 1, this process by its own base',
    because: 'a member does not count itself, and waits for one more'
  },
  {
    name: 'retention-drops-for-a-byzantine-quorum',
    kind: 'quorum',
    in: 'mayDrop',
    find: 'group.quorum.correctMajority',
    replace: 'group.quorum.oneCorrect',
    by: 'table',
    table: 'windows',
    breaks:
      'an instance is dropped exactly if it is beyond the retention of 2f + 1, this process by its own base',
    because: 'f liars and this process: nobody else will vouch for the gap'
  },
  {
    name: 'retained-bytes-are-those-before',
    kind: 'wrong tally',
    in: 'bytesBetween',
    find: 'kept.totals[from - first] ?? 0',
    replace: 'kept.totals[from - first + 1] ?? 0',
    by: 'table',
    table: 'windows',
    breaks: 'the bytes of retained instances are the sum of their sizes',
    because: 'what is retained is counted one instance too small'
  },
  {
    name: 'retained-from-is-one-too-low',
    kind: 'wrong tally',
    in: 'retainedFrom',
    find: 'else low = middle + 1',
    replace: 'else low = middle + 2',
    by: 'table',
    table: 'windows',
    breaks: 'what is retained by its own bounds begins with the first instance from which on they hold',
    because: 'it tells others of a gap in what it retains'
  },
  {
    name: 'base-waits-at-the-window',
    kind: 'quorum',
    in: 'exceeds',
    find: 'bounds.retentionCountMax + bounds.windowInstances',
    replace: 'bounds.retentionCountMax',
    by: 'table',
    table: 'windows',
    breaks: 'the base waits exactly if a window more than the bounds is kept',
    because: 'one absent member stops all windows as soon as retention is full'
  },
  {
    name: 'frame-zero-is-a-frame',
    kind: 'missing check',
    in: 'ReceiveWindow.admits',
    find: "if (sequence === 0) return 'beyond'",
    replace: '',
    by: 'table',
    table: 'windows',
    breaks: 'frames in any order are handed on in theirs, each of them once',
    because: 'what no sender numbers is taken for a repetition'
  },
  {
    name: 'waiting-frames-are-new-again',
    kind: 'missing check',
    in: 'ReceiveWindow.admits',
    find: 'sequence <= this.#received || this.#waiting.has(sequence)',
    replace: 'sequence <= this.#received',
    by: 'table',
    table: 'windows',
    breaks: 'frames in any order are handed on in theirs, each of them once',
    because: 'a frame that waits is authenticated and counted each time it comes'
  },
  {
    name: 'window-of-frames-is-one-too-wide',
    kind: 'quorum',
    in: 'ReceiveWindow.admits',
    find: 'sequence > this.#received + LINK_FRAMES_IN_FLIGHT',
    replace: 'sequence > this.#received + LINK_FRAMES_IN_FLIGHT + 1',
    by: 'table',
    table: 'windows',
    breaks: 'a frame waits within the window and its bytes, and the next one always has room',
    because: 'more frames wait than a correct sender has under way'
  },
  {
    name: 'the-next-frame-needs-room',
    kind: 'lost message',
    in: 'ReceiveWindow.admits',
    find: 'next || this.#waitingBytes',
    replace: 'this.#waitingBytes',
    by: 'table',
    table: 'windows',
    breaks: 'a frame waits within the window and its bytes, and the next one always has room',
    because: 'what waits keeps out the one frame that would set it free'
  },
  {
    name: 'budget-fills-beyond-its-burst',
    kind: 'missing check',
    in: 'Budget.earn',
    find: 'Math.min(this.#bounds.burst, this.#left + microseconds)',
    replace: 'this.#left + microseconds',
    by: 'table',
    table: 'windows',
    breaks: 'a budget holds what time has filled in and nothing has spent, at most its burst',
    because: 'a peer that rests for an hour may do an hour of work at once'
  },
  {
    name: 'budget-is-drained-by-a-clock-that-is-set-back',
    kind: 'missing check',
    in: 'Budget.#fill',
    find: 'Math.max(0, now - (this.#filledAt ?? now))',
    replace: 'now - (this.#filledAt ?? now)',
    by: 'table',
    table: 'windows',
    breaks: 'a budget holds what time has filled in and nothing has spent, at most its burst',
    because: 'a peer waits for as long as the clock was off'
  },
  {
    name: 'budget-waits-a-moment-too-short',
    kind: 'wrong tally',
    in: 'Budget.waitMs',
    find: 'this.#bounds.perSecond) + 1',
    replace: 'this.#bounds.perSecond)',
    by: 'table',
    table: 'windows',
    breaks: 'a budget holds what time has filled in and nothing has spent, at most its burst',
    because: 'whoever waits is told to come when nothing is left yet, again and again'
  }
]
