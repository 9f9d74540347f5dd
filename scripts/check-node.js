// Runs before `npm test` and `npm start`. Plain JavaScript that old versions of Node can read too.
//
// The devDependency `node` puts a current Node on the path of every npm script, but only its install script fetches
// it: where install scripts are off, npm's scripts run on whatever Node the system has.
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `byzkit: needs Node 22.18 or newer, and this is ${process.versions.node}: install scripts are off, so that the ` +
      'devDependency `node` brought none; run `npm rebuild node --ignore-scripts=false`, or put a newer Node on the PATH'
  )
  process.exit(2)
}
