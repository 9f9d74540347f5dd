/** Byzantine consistent broadcast by signed echo. */

import { broadcastService } from '../broadcast/service.ts'
import { SignedEcho } from '../broadcast/signed-echo.ts'
import { failArbitrary } from '../core/model.ts'
import { logged } from '../stacks/compose.ts'
import { againstSignedEcho } from '../stacks/landmarks.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { BroadcastStack } from '../stacks/stack.ts'

export const signedEcho: BroadcastStack = {
  abstraction: 'broadcast',
  services: [broadcastService],
  name: 'signed-echo',
  title: 'Byzantine consistent broadcast: signed echo, with a transferable certificate',
  source: 'CGR11 Algorithm 3.17',
  model: failArbitrary,
  resilience: moreThanThreeF,
  properties: ['validity', 'no duplication', 'integrity', 'consistency', 'accuracy'],
  landmarks: ['equivocation-seen', 'payload-pulled', 'catch-up-used', 'session-ended', 'restarted'],
  landmarksAgainst: againstSignedEcho,
  build: (env, ports, options, application) =>
    logged(
      env,
      'signed-echo',
      application,
      (path, indications) => new SignedEcho(env, path, ports, options, indications)
    )
}
