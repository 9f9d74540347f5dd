/** A Byzantine consistent channel over signed echo. */

import { broadcastService } from '../broadcast/service.ts'
import { SignedEcho } from '../broadcast/signed-echo.ts'
import { failArbitrary } from '../core/model.ts'
import { channelled } from '../stacks/compose.ts'
import { againstSignedEcho } from '../stacks/landmarks.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { BroadcastStack } from '../stacks/stack.ts'
import { signedEcho } from './signed-echo.ts'

export const byzantineConsistentChannel: BroadcastStack = {
  abstraction: 'broadcast',
  services: [broadcastService],
  name: 'byzantine-consistent-channel',
  title: 'Byzantine consistent channel: each sender in its order, over signed echo',
  source: 'CGR11 Algorithm 3.19',
  model: failArbitrary,
  resilience: moreThanThreeF,
  properties: ['validity', 'no duplication', 'integrity', 'consistency', 'FIFO delivery', 'accuracy'],
  landmarks: signedEcho.landmarks,
  landmarksAgainst: againstSignedEcho,
  build: (env, ports, options, application) =>
    channelled(
      env,
      'byzantine-consistent-channel',
      application,
      (path, indications) => new SignedEcho(env, path, ports, options, indications)
    )
}
