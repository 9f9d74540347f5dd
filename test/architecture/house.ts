/** The house: its folders in order, and what each may not touch. The one place that lists them. */

/** A folder imports from folders before it in this list, never from one after it. */
export const FOLDERS = [
  'core',
  'crypto',
  'time',
  'links',
  'detectors',
  'exchange',
  'broadcast',
  'registers',
  'leaderless',
  'consensus',
  'replication',
  'services',
  'stacks',
  'recording',
  'catalogue',
  'store',
  'libp2p',
  'simulator',
  'adversary',
  'checkers',
  'laboratory',
  'viewer',
  'program',
  'cluster',
  'bench',
  'cli'
] as const

/** The public entries, directly under src/: they import from anywhere, and nothing of ours imports them. */
export const ENTRIES = ['fast-check.ts', 'index.ts', 'protocols.ts', 'testing.ts', 'watchdog.ts']

/** What a protocol is written in: deterministic, without I/O, the same under every host. */
export const PROTOCOL_FOLDERS: readonly string[] = FOLDERS.slice(0, FOLDERS.indexOf('stacks')).filter(
  (folder) => folder !== 'crypto'
)

/** Whose algorithms are judged in simulated runs: each of them is part of a stack of the catalogue. */
export const JUDGED_FOLDERS: readonly string[] = [
  'links',
  'detectors',
  'broadcast',
  'registers',
  'leaderless'
]

/** What every stack is made of: its list, and what gives it its ports. */
export const STACK_ROOTS: readonly string[] = ['catalogue/index.ts', 'stacks/build.ts']

/** Folders that a verdict depends on: given the seed, the same everywhere. */
export const DETERMINISTIC_FOLDERS: readonly string[] = [
  ...PROTOCOL_FOLDERS,
  'stacks',
  'recording',
  'catalogue',
  'simulator',
  'adversary',
  'checkers',
  'laboratory'
]

/** The two hosts do not know each other, although one of them comes first in the list. */
export const STRANGERS: readonly (readonly [string, string])[] = [['simulator', 'libp2p']]

/**
 * Contracts: types alone, which a host may name although the folder comes after it. Adversaries are passed in to the
 * hosts; this is the type of what is passed.
 */
export const CONTRACTS: readonly { readonly file: string; readonly readers: readonly string[] }[] = [
  { file: 'adversary/behaviour.ts', readers: ['libp2p', 'simulator'] }
]

/** The files of crypto/ that need Node: one behind a browser condition, one that no public entry reaches. */
export const NODE_CRYPTO_FILES = ['crypto/node-backend.ts', 'crypto/encrypted-key.ts']

/**
 * What works from the declarations of services, whichever they are: it names none of them, none of their requests and none
 * of their indications. Folders, and files of folders that hold other things too.
 */
export const MACHINERY: readonly RegExp[] = [
  /^(?:simulator|adversary|viewer)\//,
  /^recording\//,
  /^stacks\/build\.ts$/,
  /^laboratory\/(?:abstractions\/abstraction|campaign|choice-file|event-file|explain|fewer-members|judge|member-recording|recording|replayed-[a-z]+|run|setup-file|shrink|simpler-choices|trace-[a-z]+)\.ts$/,
  /^libp2p\/(?:consumer|group-client|host|indication-queue|member|offered-[a-z]+|operations|requests)\.ts$/,
  // Without two applications: one that broadcasts a file, one that reads and writes a register.
  /^cluster\/(?!broadcast-record|broadcast-tour|load-history|register-load)[a-z-]+\.ts$/
]

/** Words that mean something else where they stand. */
export const OTHER_MEANINGS: readonly (readonly [path: string, word: string])[] = [
  // A kind of shape.
  ['adversary/forge.ts', 'list'],
  ['adversary/values.ts', 'list'],
  ['laboratory/event-file.ts', 'list'],
  // What a member is that is connected to a quorum.
  ['cluster/member-process.ts', 'ready'],
  ['cluster/member.ts', 'ready'],
  ['cluster/messages.ts', 'ready'],
  // What a process does with its disk.
  ['recording/observed.ts', 'write']
]

/**
 * Names of fields that are words of everybody, too. `code` heads every message, and the roles themselves speak of calls,
 * contents and subjects (core/role.ts).
 */
export const EVERYBODYS_WORDS: readonly string[] = [
  'call',
  'certificate',
  'clock',
  'code',
  'content',
  'context',
  'entries',
  'id',
  'index',
  'key',
  'name',
  'number',
  'path',
  'payload',
  'rank',
  'reason',
  'subject',
  'value'
]

export const FILE_LINES_MAX = 400

/** Of a line of a comment. */
export const COMMENT_COLUMNS_MAX = 120
