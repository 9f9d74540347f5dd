/** What `#node-backend` is in a browser: there is no native backend. */
import type { CryptoBackend } from './backend.ts'

export const nodeBackend: CryptoBackend | undefined = undefined
