/**
 * What a campaign must have reached, against each adversary by name: a pass that never saw what an adversary is there
 * for proves nothing. Measured: each of these shows in at least one of fifteen runs at n = 4, 5, 6 and 7.
 */
export interface LandmarksAgainst {
  readonly [adversary: string]: readonly string[]
}

/** What network and crashes lead to, whatever the adversary does. */
const ALWAYS = ['session-ended', 'restarted', 'catch-up-used']

/** Authenticated echo: votes with digests, payloads that are pulled. */
export const againstEcho: LandmarksAgainst = {
  silent: ALWAYS,
  selective: ALWAYS,
  equivocate: [...ALWAYS, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote'],
  twins: [...ALWAYS, 'equivocation-seen', 'conflicting-echo'],
  withhold: [...ALWAYS, 'payload-pulled'],
  mutate: [
    ...ALWAYS,
    'equivocation-seen',
    'conflicting-echo',
    'contradicting-vote',
    'payload-pulled',
    'beyond-window'
  ],
  fabricate: [...ALWAYS, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote', 'beyond-window'],
  forge: [...ALWAYS, 'conflicting-echo', 'contradicting-vote', 'beyond-window'],
  garbage: [...ALWAYS, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote'],
  replay: [...ALWAYS, 'equivocation-seen', 'conflicting-echo', 'payload-pulled'],
  delay: ALWAYS,
  flood: [...ALWAYS, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote', 'beyond-window'],
  collude: [...ALWAYS, 'equivocation-seen', 'conflicting-echo'],
  crash: ALWAYS,
  amnesia: [...ALWAYS, 'equivocation-seen', 'conflicting-echo'],
  adaptive: [...ALWAYS, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote', 'beyond-window']
}

/** Signed echo: signatures to the sender, a certificate from it. */
export const againstSignedEcho: LandmarksAgainst = {
  silent: ALWAYS,
  selective: ALWAYS,
  equivocate: [...ALWAYS, 'equivocation-seen', 'payload-pulled'],
  twins: [...ALWAYS, 'equivocation-seen'],
  withhold: [...ALWAYS, 'payload-pulled'],
  mutate: [...ALWAYS, 'equivocation-seen', 'invalid-certificate', 'payload-pulled', 'beyond-window'],
  fabricate: [...ALWAYS, 'equivocation-seen', 'invalid-certificate', 'beyond-window'],
  forge: [...ALWAYS, 'invalid-certificate', 'beyond-window'],
  garbage: [...ALWAYS, 'equivocation-seen', 'invalid-certificate'],
  replay: [...ALWAYS, 'equivocation-seen', 'invalid-certificate', 'beyond-window'],
  delay: [...ALWAYS, 'payload-pulled'],
  flood: [...ALWAYS, 'equivocation-seen', 'invalid-certificate', 'beyond-window'],
  collude: ALWAYS,
  crash: ALWAYS,
  amnesia: [...ALWAYS, 'equivocation-seen'],
  adaptive: [...ALWAYS, 'equivocation-seen', 'invalid-certificate', 'beyond-window']
}

const CAUGHT_UP = [...ALWAYS, 'ready-amplified', 'payload-pulled']

/** Authenticated double echo: READYs that are amplified, and payloads that are pulled, whoever lies. */
export const againstDoubleEcho: LandmarksAgainst = {
  silent: ALWAYS,
  selective: CAUGHT_UP,
  equivocate: [...CAUGHT_UP, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote'],
  twins: [...CAUGHT_UP, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote'],
  withhold: CAUGHT_UP,
  mutate: [...CAUGHT_UP, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote', 'beyond-window'],
  fabricate: [...CAUGHT_UP, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote', 'beyond-window'],
  forge: [...CAUGHT_UP, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote', 'beyond-window'],
  garbage: [...CAUGHT_UP, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote'],
  replay: [...CAUGHT_UP, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote'],
  delay: CAUGHT_UP,
  flood: [...CAUGHT_UP, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote', 'beyond-window'],
  collude: [...CAUGHT_UP, 'equivocation-seen', 'conflicting-echo'],
  crash: CAUGHT_UP,
  amnesia: [...CAUGHT_UP, 'equivocation-seen', 'contradicting-vote'],
  adaptive: [...CAUGHT_UP, 'equivocation-seen', 'conflicting-echo', 'contradicting-vote', 'beyond-window']
}

/** With signed sends: another's SEND that is replayed as one's own has no signature, and nobody echoes it. */
export const againstSignedDoubleEcho: LandmarksAgainst = {
  ...againstDoubleEcho,
  replay: [...CAUGHT_UP, 'equivocation-seen']
}

/** Views that change, whoever lies, and members that are behind. */
const CHANGED = [...ALWAYS, 'stable', 'view-entered', 'number-carried-over']

/** And which are led by one of the liars. */
const LED = [...CHANGED, 'liar-led-a-view']

/** Agreement by views: a liar is primary in some, but one whose NEW-VIEW nobody gets, or nobody believes. */
export const againstAgreement: LandmarksAgainst = {
  silent: CHANGED,
  selective: LED,
  equivocate: [...LED, 'equivocation-seen'],
  twins: [...LED, 'equivocation-seen'],
  withhold: LED,
  mutate: [
    ...LED,
    'contradicting-vote',
    'batch-refused',
    'equivocation-seen',
    'new-view-refused',
    'reply-outvoted'
  ],
  fabricate: [...LED, 'wrong-list-rejected', 'equivocation-seen', 'new-view-refused'],
  forge: CHANGED,
  garbage: LED,
  replay: LED,
  delay: LED,
  flood: LED,
  collude: LED,
  crash: LED,
  amnesia: [...LED, 'equivocation-seen'],
  censor: [...LED, 'timeout-doubled', 'request-passed-over'],
  drip: [...LED, 'timeout-doubled'],
  'perjure-views': [...LED, 'new-view-refused', 'false-vote-rejected', 'wrong-chunk-rejected'],
  adaptive: LED
}

/** Reached whatever those who keep signed registers do: clients and networks see to it. */
const OUTVOTED = [
  'session-ended',
  'restarted',
  'restarted-in-mid-operation',
  'read-overlapping-write',
  'stale-answer-outvoted'
]

/** Signed registers: a liar can be silent or late, and show what was written before; what it invents shows. */
export const againstSignedRegister: LandmarksAgainst = {
  silent: OUTVOTED,
  selective: OUTVOTED,
  equivocate: OUTVOTED,
  twins: OUTVOTED,
  withhold: OUTVOTED,
  mutate: [...OUTVOTED, 'forged-answer-rejected'],
  fabricate: [...OUTVOTED, 'invalid-write-refused'],
  forge: OUTVOTED,
  garbage: [...OUTVOTED, 'invalid-write-refused'],
  replay: OUTVOTED,
  delay: OUTVOTED,
  flood: OUTVOTED,
  collude: OUTVOTED,
  crash: OUTVOTED,
  amnesia: OUTVOTED,
  stale: OUTVOTED,
  invent: [...OUTVOTED, 'forged-answer-rejected'],
  perjure: [...OUTVOTED, 'forged-answer-rejected'],
  'two-faced': OUTVOTED,
  adaptive: OUTVOTED
}

/** Registers without signatures: what is invented is outvoted too, and whoever writes another's register is seen. */
export const againstUnsignedRegister: LandmarksAgainst = {
  silent: OUTVOTED,
  selective: OUTVOTED,
  equivocate: OUTVOTED,
  twins: OUTVOTED,
  withhold: OUTVOTED,
  mutate: [...OUTVOTED, 'false-answer-outvoted'],
  fabricate: [...OUTVOTED, 'foreign-write-refused'],
  forge: OUTVOTED,
  garbage: [...OUTVOTED, 'foreign-write-refused'],
  replay: [...OUTVOTED, 'foreign-write-refused'],
  delay: OUTVOTED,
  flood: OUTVOTED,
  collude: OUTVOTED,
  crash: OUTVOTED,
  amnesia: OUTVOTED,
  stale: OUTVOTED,
  invent: [...OUTVOTED, 'false-answer-outvoted'],
  perjure: [...OUTVOTED, 'false-answer-outvoted'],
  'two-faced': OUTVOTED,
  adaptive: OUTVOTED
}

/** Authenticated links: a network that loses frames, whatever the adversary does. */
const RETRANSMITTED = ['link-retransmission']
export const againstLinks: LandmarksAgainst = {
  silent: RETRANSMITTED,
  selective: RETRANSMITTED,
  equivocate: RETRANSMITTED,
  twins: RETRANSMITTED,
  withhold: RETRANSMITTED,
  mutate: RETRANSMITTED,
  fabricate: RETRANSMITTED,
  forge: RETRANSMITTED,
  garbage: RETRANSMITTED,
  replay: RETRANSMITTED,
  delay: RETRANSMITTED,
  flood: RETRANSMITTED,
  collude: RETRANSMITTED,
  crash: RETRANSMITTED,
  amnesia: RETRANSMITTED,
  adaptive: RETRANSMITTED
}
