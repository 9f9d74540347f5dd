/** Byzantine reliable broadcast by authenticated double echo. */

import { DoubleEcho } from '../broadcast/double-echo.ts'
import { broadcastService } from '../broadcast/service.ts'
import { failArbitrary } from '../core/model.ts'
import { logged } from '../stacks/compose.ts'
import { againstDoubleEcho } from '../stacks/landmarks.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { BroadcastStack } from '../stacks/stack.ts'

export const doubleEcho: BroadcastStack = {
  abstraction: 'broadcast',
  services: [broadcastService],
  name: 'double-echo',
  title: 'Byzantine reliable broadcast: authenticated double echo (Bracha)',
  source: 'CGR11 Algorithm 3.18',
  model: failArbitrary,
  resilience: moreThanThreeF,
  properties: ['validity', 'no duplication', 'integrity', 'consistency', 'totality', 'accuracy'],
  landmarks: [
    'equivocation-seen',
    'ready-amplified',
    'payload-pulled',
    'catch-up-used',
    'session-ended',
    'restarted'
  ],
  landmarksAgainst: againstDoubleEcho,
  build: (env, ports, options, application) =>
    logged(
      env,
      'double-echo',
      application,
      (path, indications) => new DoubleEcho(env, path, ports, options, indications)
    )
}
