/** As much of a process as an attacker needs: its keys, and the ports that members have. */

import { findBroadcastStack } from '../../catalogue/index.ts'
import { withStorage } from '../../catalogue/with-storage.ts'
import type { Environment } from '../../core/environment.ts'
import { emptyEnvironment } from '../../core/environments.ts'
import { groupFromGenesis } from '../../crypto/genesis.ts'
import type { GroupFile } from '../../crypto/group-file.ts'
import { defaultBackend } from '../../crypto/index.ts'
import { memberCrypto } from '../../crypto/member-crypto.ts'
import { secureRandom } from '../../libp2p/secure-random.ts'
import { DEFAULT_STACK } from '../../libp2p/service.ts'
import type { Ports } from '../../links/ports.ts'
import { portsOf } from '../../stacks/paths.ts'

/** What keys, statements and ports are made with; nothing else of a process is here. */
export function attackerEnvironment(file: GroupFile, seed: Uint8Array): Environment {
  const own = defaultBackend.publicKey(seed)
  const rank = file.genesis.publicKeys.findIndex((key) => Buffer.compare(key, own) === 0)
  const group = groupFromGenesis(file.genesis, rank < 0 ? [own] : file.clients)
  const self = rank < 0 ? group.n : rank
  const crypto = memberCrypto(defaultBackend, group, seed)
  return {
    ...emptyEnvironment({ self, incarnation: Date.now(), fresh: true, group, crypto }),
    clock: { now: () => performance.now(), setTimer: () => ({ cancel() {} }) },
    random: secureRandom,
    whenDurable: (effect) => effect()
  }
}

/** The ports of members. */
export function floodedPorts(env: Environment): Ports {
  const stack = findBroadcastStack(DEFAULT_STACK)
  if (stack === undefined) throw new Error(`there is no ${DEFAULT_STACK}`)
  return portsOf(env, withStorage(stack), {})
}
