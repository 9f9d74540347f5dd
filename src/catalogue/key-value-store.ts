/** The signed key-value store, one key of it as a register: a get is its read, a put its write. */
import { KeyValueStore } from '../registers/key-value-store.ts'
import type { RegisterRequests } from '../registers/register.ts'
import type { RegisterStack } from '../stacks/stack.ts'
import { authenticatedDataSharedRegister } from './authenticated-data-shared-register.ts'

/** Where the store stands in every stack: what is signed in one of them is valid in the others. */
export const STORE_PATH = 'key-value-store'

/** Few bytes travel whole unless the options say otherwise, so that runs are about bodies too. */
const WHOLE_BYTES_MAX = 16

export const keyValueStore: RegisterStack = {
  ...authenticatedDataSharedRegister,
  name: 'key-value-store',
  title: 'Byzantine key-value store: a signed (N,N) atomic register for each key, large values in chunks',
  source: 'CGR11 Algorithm 4.15, with the write-consult of 4.10',
  chunks: true,
  landmarks: [...authenticatedDataSharedRegister.landmarks, 'body-kept', 'body-fetched'],
  build(env, ports, options, application) {
    const bounds = { ...options, valueBytesMax: options.valueBytesMax ?? WHOLE_BYTES_MAX }
    const store = new KeyValueStore(env, STORE_PATH, ports, bounds, {
      resumed: (writers, name, result) => application.resumed({ writers: [...writers], name }, null, result)
    })
    const registers: RegisterRequests = {
      read: ({ writers, name }, returned) => store.get(writers, name, returned),
      write: ({ writers, name }, value, returned) => store.put(writers, name, value, returned)
    }
    return {
      services: { registers },
      get resuming() {
        return store.resuming
      },
      restore: () => store.restore(),
      state: () => ({ [STORE_PATH]: store.state() })
    }
  }
}
