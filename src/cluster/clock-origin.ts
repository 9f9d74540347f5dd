/** Readings of both clocks: one of them may be long after the one before it, on a machine that is busy. */
const READINGS = 16

/**
 * When this process's own clock began, by the one that all processes of a machine share, milliseconds. Of several
 * readings it is the one that took the shortest: whoever waits for the processor between the two clocks would else be
 * as much ahead of the others, and an event would stand before what it came of.
 *
 * @param own - reads this process's clock, milliseconds
 * @param shared - reads that of the machine, milliseconds
 */
export function clockOriginMs(
  own = () => performance.now(),
  shared = () => Number(process.hrtime.bigint()) / 1e6
): number {
  let origin = 0
  let shortest = Number.POSITIVE_INFINITY
  for (let reading = 0; reading < READINGS; reading++) {
    const before = own()
    const machine = shared()
    const after = own()
    if (after - before >= shortest) continue
    shortest = after - before
    origin = machine - (before + after) / 2
  }
  return origin
}
