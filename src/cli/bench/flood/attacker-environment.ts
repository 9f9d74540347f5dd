/** As much of a process as an attacker needs: its keys, and the ports that members have. */
import type { Environment } from '../../../core/environment.ts'
import { silentObserver } from '../../../core/trace.ts'
import { groupFromGenesis } from '../../../crypto/genesis.ts'
import type { GroupFile } from '../../../crypto/group-file.ts'
import { defaultBackend } from '../../../crypto/index.ts'
import { memberCrypto } from '../../../crypto/member-crypto.ts'
import { secureRandom } from '../../../libp2p/secure-random.ts'
import { DEFAULT_STACK } from '../../../libp2p/service.ts'
import type { Ports } from '../../../links/ports.ts'
import { findBroadcastStack } from '../../../stacks/index.ts'
import { portsOf } from '../../../stacks/paths.ts'
import { withStorage } from '../../../stacks/with-storage.ts'

/** What keys, statements and ports are made with; nothing else of a process is here. */
export function attackerEnvironment(file: GroupFile, seed: Uint8Array): Environment {
  const own = defaultBackend.publicKey(seed)
  const rank = file.genesis.publicKeys.findIndex((key) => Buffer.compare(key, own) === 0)
  const group = groupFromGenesis(file.genesis, rank < 0 ? [own] : file.clients)
  const self = rank < 0 ? group.n : rank
  return {
    self,
    incarnation: Date.now(),
    fresh: true,
    group,
    clock: { now: () => performance.now(), setTimer: () => ({ cancel() {} }) },
    random: secureRandom,
    crypto: memberCrypto(defaultBackend, group, seed),
    store: { put() {}, delete() {}, restored: () => [], read() {} },
    observer: silentObserver,
    trigger() {},
    whenDurable: (effect) => effect(),
    onTurnEnd() {}
  }
}

/** The ports of members. */
export function floodedPorts(env: Environment): Ports {
  const stack = findBroadcastStack(DEFAULT_STACK)
  if (stack === undefined) throw new Error(`there is no ${DEFAULT_STACK}`)
  return portsOf(env, withStorage(stack), {})
}
