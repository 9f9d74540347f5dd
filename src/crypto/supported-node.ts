/**
 * On a Node that is too old the import of whatever of this package says so, before anything fails on what is not there:
 * every public entry imports this first. Elsewhere, in browsers for one, it says nothing.
 */

/** As `engines` of package.json has it. */
const [MAJOR_MIN, MINOR_MIN] = [22, 18]

const version = globalThis.process?.versions?.node
const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)

if (version !== undefined && (major < MAJOR_MIN || (major === MAJOR_MIN && minor < MINOR_MIN))) {
  const error = new Error(`byzkit: needs Node ${MAJOR_MIN}.${MINOR_MIN} or newer; this is ${version}`)
  // Where it was found out is nobody's concern.
  error.stack = error.message
  throw error
}
