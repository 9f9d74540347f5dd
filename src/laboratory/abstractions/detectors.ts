/** Failure detectors: members are told of each other, and ask for nothing. */
import { detectedBy, judgedDetectors } from '../../checkers/detectors.ts'
import type { ProcessId } from '../../core/group.ts'
import { detectorService } from '../../detectors/service.ts'
import { buildLife } from '../../recording/recorder.ts'
import type { Application, ApplicationInit, LifeStack } from '../../simulator/application.ts'
import { IDLE } from '../../simulator/rates.ts'
import type { BuiltStack } from '../../stacks/build.ts'
import type { DetectorStack, StackInstance } from '../../stacks/stack.ts'
import { Lies } from '../lies.ts'
import type { Abstraction } from './abstraction.ts'

export const detectors: Abstraction<DetectorStack> = {
  service: detectorService,
  judged: judgedDetectors,
  clients: 0,
  rates: () => ({ workload: IDLE }),
  application: (stack, init) => new DetectorApplication(stack, init),
  listen: (init) => new Lies(init),
  // What is going on from a crash on is that it becomes known.
  begun: ({ kind, process }) => (kind === 'crash' ? `${process}` : undefined),
  ended: (event) => detectedBy(event)?.toString(),
  landmarks: () => [],
  simplest: () => [],
  describe(event) {
    const member = detectedBy(event)
    return member === undefined ? undefined : `detects that p${member} has crashed`
  },
  instanceOf: () => undefined
}

/** Records what it is told. */
class DetectorApplication implements Application {
  readonly #stack: DetectorStack
  readonly #init: ApplicationInit

  constructor(stack: DetectorStack, init: ApplicationInit) {
    this.#stack = stack
    this.#init = init
  }

  build(life: LifeStack): BuiltStack<StackInstance> {
    const { record, scheduler, self, recordLife } = this.#init
    const told = { process: self, kind: 'indicate', service: detectorService.name, name: 'detected' } as const
    const application = {
      detected: (member: ProcessId) => record({ time: scheduler.now, ...told, values: { member } })
    }
    return buildLife({ ...life, stack: this.#stack, application }, recordLife?.(life.env.incarnation))
  }

  began(): void {}

  ended(): void {}

  ask(): boolean {
    return false
  }
}
