// Keeps a core busy until whoever started this closes its standard input, as the system does for one who was killed.
const SLICE_MS = 20

process.stdin.on('end', () => process.exit()).resume()

function burn() {
  for (const until = performance.now() + SLICE_MS; performance.now() < until; );
  setImmediate(burn)
}

burn()
