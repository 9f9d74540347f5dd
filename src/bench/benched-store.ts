/** The stores of a group, each used as registers are: so that one load measures all of them. */
import { leaderlessStore } from '../catalogue/leaderless-store.ts'
import { leaderlessService } from '../leaderless/service.ts'
import type { AnyService } from '../libp2p/offered-service.ts'
import type { Register, RegisterService } from '../libp2p/register-service.ts'
import type { StoreService } from '../libp2p/store-service.ts'

/** A register; a key of the signed store; a key of the leaderless store. */
export type BenchedStore = 'register' | 'signed' | 'leaderless'

/** The stack of members and clients; undefined: what members keep beside a broadcast. */
export const stackOf = (store: BenchedStore): string | undefined =>
  store === 'leaderless' ? leaderlessStore.name : undefined

export function registersOf(
  service: RegisterService & StoreService & AnyService,
  store: BenchedStore
): Pick<RegisterService, 'register'> {
  if (store === 'register') return service
  return { register: (name) => (store === 'signed' ? ofSigned(service, name) : ofLeaderless(service, name)) }
}

function ofSigned(service: StoreService, key: string): Register {
  const store = service.store()
  return {
    read: (options) => store.get(key, options),
    write: (value, options) => store.put(key, value, options)
  }
}

/** A write replaces what is there: it is a get, and a put with its context. Nobody else writes the key. */
function ofLeaderless(service: AnyService, key: string): Register {
  const store = service.service(leaderlessService)
  const own = { size: null, sloppy: false }
  let timestamp = 0
  return {
    async read() {
      const { values } = await store.get({ key, ...own })
      const [value = null] = values
      if (values.length > 1) throw new Error(`${key} has ${values.length} values, and one writer`)
      return { value, timestamp }
    },
    async write(value) {
      const { context } = await store.get({ key, ...own })
      const written = await store.put({ key, value, ...own, context })
      if (!written.written) throw new Error(`a put was refused: ${written.refusal}`)
      return { timestamp: ++timestamp }
    }
  }
}
