/** Reading a file of any content that a person named, whole and bounded. */
import { open } from 'node:fs/promises'
import { UsageError } from '../errors.ts'
import { fileError } from './read-file.ts'

/** @throws {UsageError} if it cannot be read or has more than `bytesMax` bytes */
export async function readBytes(path: string, bytesMax: number): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r')
    const chunks: Buffer[] = []
    // One byte more than allowed tells a file that is too large from one that just fits. It closes the file, too.
    for await (const chunk of file.createReadStream({ end: bytesMax })) chunks.push(chunk)
    const bytes = new Uint8Array(Buffer.concat(chunks))
    if (bytes.length > bytesMax) throw new UsageError(`${path}: larger than ${bytesMax} bytes`)
    return bytes
  } catch (error) {
    throw fileError(path, 'cannot be read', error)
  }
}
