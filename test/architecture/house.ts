/** The house: its folders in order, and what each may not touch. The one place that lists them. */

/** A folder imports from folders before it in this list, never from one after it. */
export const FOLDERS = [
  'core',
  'crypto',
  'time',
  'links',
  'detectors',
  'broadcast',
  'registers',
  'consensus',
  'replication',
  'services',
  'stacks',
  'store',
  'libp2p',
  'simulator',
  'adversary',
  'checkers',
  'laboratory',
  'viewer',
  'cli'
] as const

/** The public entries, directly under src/: they import from anywhere, and nothing of ours imports them. */
export const ENTRIES = ['fast-check.ts', 'index.ts', 'protocols.ts', 'testing.ts']

/** What a protocol is written in: deterministic, without I/O, the same under every host. */
export const PROTOCOL_FOLDERS: readonly string[] = FOLDERS.slice(0, FOLDERS.indexOf('stacks')).filter(
  (folder) => folder !== 'crypto'
)

/** Folders that a verdict depends on: given the seed, the same everywhere. */
export const DETERMINISTIC_FOLDERS: readonly string[] = [
  ...PROTOCOL_FOLDERS,
  'stacks',
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

export const FILE_LINES_MAX = 400
