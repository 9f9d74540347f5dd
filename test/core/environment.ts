/** An environment around one process under test, which records what its components tell. */
import type { Environment } from '../../src/core/environment.ts'
import { environmentOf } from '../../src/core/environments.ts'
import type { Fault } from '../../src/core/fault.ts'
import { createGroup, type ProcessId } from '../../src/core/group.ts'
import type { ComponentEvent } from '../../src/core/trace.ts'
import { TestProcess } from './process-harness.ts'

export interface TestEnvironment {
  readonly process: TestProcess
  readonly env: Environment
  readonly events: ComponentEvent[]
  readonly faults: Fault[]
}

export interface TestEnvironmentInit {
  readonly self?: ProcessId
  readonly tracing?: boolean
  readonly restored?: ReadonlyMap<string, Uint8Array>
}

export const fourMembers = createGroup({
  id: new Uint8Array(32).fill(7),
  f: 1,
  publicKeys: [0, 1, 2, 3].map((rank) => new Uint8Array(32).fill(rank))
})

export function testEnvironment(init: TestEnvironmentInit = {}): TestEnvironment {
  const { self = 0, tracing = true, restored = new Map() } = init
  const process = new TestProcess()
  const events: ComponentEvent[] = []
  const faults: Fault[] = []
  const unused = (): never => {
    throw new Error('not used by these components')
  }
  const env = environmentOf(process, {
    self,
    incarnation: 1,
    fresh: true,
    group: fourMembers,
    clock: { now: unused, setTimer: unused },
    random: { bytes: unused, below: unused },
    crypto: { hash: unused, sign: unused, verify: unused, verifyBy: unused, macKey: unused },
    store: {
      restored: (prefix) =>
        [...restored]
          .filter(([key]) => key.startsWith(prefix))
          .map(([key, value]) => [key.slice(prefix.length), value]),
      read: unused
    },
    observer: {
      tracing,
      event: (event) => events.push(event),
      fault: (fault) => faults.push(fault),
      landmark() {}
    }
  })
  return { process, env, events, faults }
}
