/** Where a process gets randomness: a CSPRNG under libp2p, a named sub-stream of the seed in the simulator. */
export interface Random {
  /** `length` fresh random bytes. */
  bytes(length: number): Uint8Array
  /** A uniform integer in [0, bound), by integer sampling. */
  below(bound: number): number
}
