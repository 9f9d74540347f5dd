/** The bounds of a stack, with the defaults of those that were not set. */
import { withDefaults } from '../broadcast/constants.ts'
import { registerBounds } from '../registers/constants.ts'
import type { StackOptions } from './stack.ts'

export function optionsInFull(options: StackOptions): Required<StackOptions> {
  return { ...withDefaults(options), ...registerBounds(options), signedSend: options.signedSend ?? false }
}
