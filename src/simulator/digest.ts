/**
 * A running digest of a run: two runs of one seed must agree in it, whatever the machine and the number of workers.
 * It tells runs apart; it is no cryptographic hash.
 */
export class TraceDigest {
  #a = 0x9e3779b9
  #b = 0x85ebca6b

  addNumber(value: number): void {
    this.#mix(value >>> 0)
    this.#mix(Math.floor(value / 0x1_0000_0000))
  }

  addBytes(bytes: Uint8Array): void {
    this.#mix(bytes.length)
    const whole = bytes.length - (bytes.length % 4)
    // A word at a time: this sees every byte that arrives anywhere.
    for (let i = 0; i < whole; i += 4) {
      this.#mix(
        ((bytes[i] as number) |
          ((bytes[i + 1] as number) << 8) |
          ((bytes[i + 2] as number) << 16) |
          ((bytes[i + 3] as number) << 24)) >>>
          0
      )
    }
    for (let i = whole; i < bytes.length; i++) this.#mix(bytes[i] as number)
  }

  addText(text: string): void {
    this.#mix(text.length)
    for (let i = 0; i < text.length; i++) this.#mix(text.charCodeAt(i))
  }

  /** A part of it, as an unsigned number of 32 bits: enough to see where two runs part. */
  get mark(): number {
    return this.#a >>> 0
  }

  hex(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }

  #mix(word: number): void {
    this.#a = Math.imul(this.#a ^ word, 0xcc9e2d51)
    this.#a = (this.#a << 13) | (this.#a >>> 19)
    this.#b = (Math.imul(this.#b ^ word, 0x1b873593) + this.#a) | 0
  }
}
