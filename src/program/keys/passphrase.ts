/** Where a passphrase comes from: never the command line itself, which other users of the machine can read. */
import { UsageError } from '../errors.ts'
import { readTextFile } from '../files/read-file.ts'
import { refuseReadableByOthers } from './key-file.ts'

export const PASSPHRASE_VARIABLE = 'BYZKIT_PASSPHRASE'

/** The passphrase in the file if one is named, else in the environment, else none. */
export async function readPassphrase(
  file: string | undefined,
  env: NodeJS.ProcessEnv
): Promise<string | undefined> {
  if (file === undefined) {
    const passphrase = env[PASSPHRASE_VARIABLE]
    if (passphrase === '') throw new UsageError(`${PASSPHRASE_VARIABLE} is set, but empty`)
    return passphrase
  }
  const { text, mode } = await readTextFile(file)
  refuseReadableByOthers(`passphrase file ${file}`, mode)
  // The line break that an editor adds is not part of it; other white space is.
  const passphrase = text.replace(/\r?\n$/, '')
  if (passphrase === '') throw new UsageError(`passphrase file ${file} is empty`)
  if (/[\r\n]/.test(passphrase)) throw new UsageError(`passphrase file ${file} has more than one line`)
  return passphrase
}
