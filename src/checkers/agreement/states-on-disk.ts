/** Whether the states that a member has taken are on its disk, whole: that of each checkpoint which its log names. */
import { toHex } from '../../core/bytes.ts'
import type { Crypto } from '../../core/environment.ts'
import { scopedStore } from '../../core/store.ts'
import { KeptStates, readParts } from '../../replication/kept-states.ts'
import type { MemberDisk } from '../disk.ts'

/**
 * @param path - of the component that keeps states
 * @param checkpoints - digests of states, by number
 * @returns what is missing, in words; undefined: nothing
 */
export function missingState(
  disk: MemberDisk,
  path: string,
  checkpoints: ReadonlyMap<number, Uint8Array>,
  hash: Crypto['hash']
): string | undefined {
  const nothing = () => {}
  const { restored } = disk
  const store = {
    put: nothing,
    delete: nothing,
    restored: (prefix: string) => restored(prefix),
    read: (key: string, then: (value: Uint8Array | undefined) => void) => then(disk.bulk(key))
  }
  const kept = new KeptStates(scopedStore(store, `${path}/`), hash, nothing, 0)
  for (const [sequence, digest] of checkpoints) {
    const list = kept.listOf(digest)
    const parts = list && readParts(list)
    if (parts === undefined) return `has no state ${sequence} with the digest ${toHex(digest).slice(0, 8)}`
    for (const { name, body } of parts) {
      let isThere = false
      kept.readPart(name, body.root, (encoded) => {
        isThere = encoded !== undefined
      })
      if (!isThere) return `lacks the part ${name} of its state ${sequence}`
    }
  }
  return undefined
}
