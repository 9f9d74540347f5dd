/** Values of registers and stores on the command line: as a text or in a file, both when given and when shown. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { UsageError } from '../errors.ts'
import { readBytes } from '../files/read-bytes.ts'
import { fileError } from '../files/read-file.ts'
import { printable } from '../output.ts'
import { textOf } from './history-recorder.ts'

export function inputOption(command: Command, bytesMax: number): Command {
  return command.option('--input <file>', `a file to write, of at most ${bytesMax} bytes, instead of a text`)
}

export function outputOption(command: Command): Command {
  return command.option('--output <file>', 'a new file for the value, byte for byte')
}

/** @param command - whose value it is, for errors. @throws {UsageError} */
export async function readValue(
  command: string,
  text: string | undefined,
  file: string | undefined,
  bytesMax: number
): Promise<Uint8Array> {
  if (file !== undefined && text !== undefined)
    throw new UsageError('give a text or --input <file>, not both')
  if (file !== undefined) return readBytes(file, bytesMax)
  if (text === undefined) throw new UsageError(`${command} needs a text or --input <file>`)
  const value = new TextEncoder().encode(text)
  if (value.length <= bytesMax) return value
  throw new UsageError(`the text is larger than ${bytesMax} bytes`)
}

/** For people: the value, or in which file it is. */
export function describeValue(name: string, value: Uint8Array, file: string | undefined): string {
  return file === undefined ? printable(textOf(value)) : `${printable(name)} is in ${printable(file)}`
}

/** @throws {UsageError} if the file is there, or cannot be written */
export async function writeNew(path: string, value: Uint8Array): Promise<void> {
  try {
    await writeFile(path, value, { flag: 'wx' })
  } catch (error) {
    throw fileError(path, 'cannot be written', error)
  }
}
