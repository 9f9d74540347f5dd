/** A Byzantine reliable channel over double echo. */
import { DoubleEcho } from '../broadcast/double-echo.ts'
import { channelled } from './compose.ts'
import { doubleEcho } from './double-echo.ts'
import { againstDoubleEcho } from './landmarks.ts'
import { moreThanThreeF } from './resilience.ts'
import type { BroadcastStack } from './stack.ts'

export const byzantineReliableChannel: BroadcastStack = {
  abstraction: 'broadcast',
  name: 'byzantine-reliable-channel',
  title: 'Byzantine reliable channel: each sender in its order, over double echo',
  source: 'CGR11 Algorithm 3.20',
  model: 'fail-arbitrary',
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
