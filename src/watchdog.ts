/**
 * `byzkit/watchdog`: a thread that says which command a replicated machine of yours does not return from, since its
 * member cannot any more. An entry of its own, which needs the threads of Node.js: whoever bundles for a browser leaves
 * it out.
 *
 * @module byzkit/watchdog
 */
import './crypto/supported-node.ts'

export { InvalidParametersError } from './core/errors.ts'
export {
  HANGS_AFTER_MS,
  HANGS_AFTER_MS_MAX,
  HANGS_AFTER_MS_MIN,
  type Watchdog,
  type WatchdogOptions,
  watchdog
} from './program/member/watchdog.ts'
