/** Byzantine consistent broadcast by authenticated echo. */

import { AuthenticatedEcho } from '../broadcast/authenticated-echo.ts'
import { broadcastService } from '../broadcast/service.ts'
import { failArbitrary } from '../core/model.ts'
import { logged } from '../stacks/compose.ts'
import { againstEcho } from '../stacks/landmarks.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { BroadcastStack } from '../stacks/stack.ts'

export const authenticatedEcho: BroadcastStack = {
  abstraction: 'broadcast',
  services: [broadcastService],
  name: 'authenticated-echo',
  title: 'Byzantine consistent broadcast: authenticated echo',
  source: 'CGR11 Algorithm 3.16',
  model: failArbitrary,
  resilience: moreThanThreeF,
  properties: ['validity', 'no duplication', 'integrity', 'consistency', 'accuracy'],
  landmarks: ['equivocation-seen', 'payload-pulled', 'catch-up-used', 'session-ended', 'restarted'],
  landmarksAgainst: againstEcho,
  build: (env, ports, options, application) =>
    logged(
      env,
      'authenticated-echo',
      application,
      (path, indications) => new AuthenticatedEcho(env, path, ports, options, indications)
    )
}
