/** What is wrong with a trace file, in one line, with the place. */
export class TraceFileError extends Error {
  override name = 'TraceFileError'
}
