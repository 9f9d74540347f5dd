/**
 * Sends garbage: beside following the protocol it sends bytes that no encoder made, on the links (random, truncated,
 * extended, for no port, with hostile lengths and depths) and, where it can, below them. It may waste a little of
 * its peers' time; a decoder that throws, hangs or reserves what a length claims would be its victory.
 */
import { concatBytes } from '../core/bytes.ts'
import type { ProcessId } from '../core/group.ts'
import type { Random } from '../core/random.ts'
import type { Behaviour } from './behaviour.ts'
import { flipBit, pick } from './draw.ts'
import { Troublemaker } from './troublemaker.ts'

/** Longest run of random bytes. */
const NOISE_BYTES_MAX = 96

/** Ways to spoil a valid message. */
const spoilers: readonly ((message: Uint8Array, random: Random) => Uint8Array)[] = [
  (_, random) => random.bytes(random.below(NOISE_BYTES_MAX)),
  (message, random) => message.subarray(0, random.below(message.length + 1)),
  (message, random) => concatBytes(message, random.bytes(1 + random.below(4))),
  (message, random) => concatBytes(random.bytes(1), message.subarray(1)),
  (message, random) => flipBit(message, random),
  // The right port, then a byte string of 2^63 bytes, an array as long, an unending array, a deep nest.
  (message) => concatBytes(message.subarray(0, 1), Uint8Array.of(0x5b, 0x80, 0, 0, 0, 0, 0, 0, 0)),
  (message) =>
    concatBytes(message.subarray(0, 1), Uint8Array.of(0x9b, 0, 0x1f, 255, 255, 255, 255, 255, 255)),
  (message) => concatBytes(message.subarray(0, 1), Uint8Array.of(0x9f, 0, 0, 0, 0xff)),
  (message) => concatBytes(message.subarray(0, 3), new Uint8Array(4096).fill(0x81)),
  // The type of another message.
  (message, random) => {
    const other = Uint8Array.from(message)
    if (other.length > 2) other[2] = random.below(24)
    return other
  }
]

class GarbageSender extends Troublemaker {
  #latest = new Uint8Array(0)

  protected override heard(_from: ProcessId, message: Uint8Array): void {
    this.#latest = Uint8Array.from(message)
  }

  protected override act(): void {
    const { random } = this.env
    const garbage = pick(spoilers, random)(this.#latest, random)
    const { injectFrame } = this.context
    if (injectFrame === undefined || random.below(2) === 0) {
      this.report('garbage-message')
      this.tell(this.victim(), garbage)
    } else {
      this.report('garbage-frame')
      injectFrame(this.victim(), garbage)
    }
  }
}

export const garbage: Behaviour = {
  name: 'garbage',
  powers: 'follows the protocol and sends malformed bytes beside it',
  live: true,
  effect: { faults: ['malformed'] },
  create: (context) => new GarbageSender(context)
}
