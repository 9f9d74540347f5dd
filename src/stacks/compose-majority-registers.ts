/** How the register stacks of the crash models are put together. */
import type { Component } from '../core/component.ts'
import type { MajorityRegister } from '../registers/majority-register.ts'
import type { RegisterIndications, RegisterRequests } from '../registers/register.ts'
import type { RegisterInstance } from './stack.ts'

/** What a register that is made of others does with their indications: nothing is resumed where nobody restarts. */
export const noIndications: RegisterIndications = { resumed() {} }

/** A register by majorities, and those that stand on it, the topmost last. */
export function onMajorities(
  majority: MajorityRegister,
  ...above: readonly (Component<RegisterIndications> & RegisterRequests)[]
): RegisterInstance {
  const top = above.at(-1) ?? majority
  return {
    services: { registers: top },
    get resuming() {
      return majority.resuming
    },
    restore: () => majority.restore(),
    state: () => Object.fromEntries([majority, ...above].map((part) => [part.path, part.state()]))
  }
}
