/** A Byzantine reliable channel over double echo. */

import { DoubleEcho } from '../broadcast/double-echo.ts'
import { broadcastService } from '../broadcast/service.ts'
import { failArbitrary } from '../core/model.ts'
import { channelled } from '../stacks/compose.ts'
import { againstDoubleEcho } from '../stacks/landmarks.ts'
import { moreThanThreeF } from '../stacks/resilience.ts'
import type { BroadcastStack } from '../stacks/stack.ts'
import { doubleEcho } from './double-echo.ts'

export const byzantineReliableChannel: BroadcastStack = {
  abstraction: 'broadcast',
  services: [broadcastService],
  name: 'byzantine-reliable-channel',
  title: 'Byzantine reliable channel: each sender in its order, over double echo',
  source: 'CGR11 Algorithm 3.20',
  model: failArbitrary,
  resilience: moreThanThreeF,
  properties: [
    'validity',
    'no duplication',
    'integrity',
    'consistency',
    'totality',
    'FIFO delivery',
    'accuracy'
  ],
  landmarks: doubleEcho.landmarks,
  landmarksAgainst: againstDoubleEcho,
  build: (env, ports, options, application) =>
    channelled(
      env,
      'byzantine-reliable-channel',
      application,
      (path, indications) => new DoubleEcho(env, path, ports, options, indications)
    )
}
