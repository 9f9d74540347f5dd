/** Perfect failure detector. */
import { failStop } from '../core/model.ts'
import { PerfectFailureDetector } from '../detectors/perfect-failure-detector.ts'
import { detectorService } from '../detectors/service.ts'
import { anyResilience } from '../stacks/resilience.ts'
import type { DetectorStack } from '../stacks/stack.ts'

export const excludeOnTimeout: DetectorStack = {
  abstraction: 'detector',
  services: [detectorService],
  name: 'exclude-on-timeout',
  title: 'Perfect failure detector: exclude on timeout',
  source: 'CGR11 Algorithm 2.5',
  model: failStop,
  resilience: anyResilience,
  properties: ['strong completeness', 'strong accuracy'],
  landmarks: ['crash-detected'],
  build(env, ports, _options, application) {
    const detector = new PerfectFailureDetector(env, 'exclude-on-timeout', ports, application)
    return {
      services: { detector },
      restore: () => detector.restore(),
      state: () => ({ [detector.path]: detector.state() })
    }
  }
}
