/** A Byzantine consistent channel over signed echo. */
import { SignedEcho } from '../broadcast/signed-echo.ts'
import { channelled } from './compose.ts'
import { againstSignedEcho } from './landmarks.ts'
import { moreThanThreeF } from './resilience.ts'
import { signedEcho } from './signed-echo.ts'
import type { BroadcastStack } from './stack.ts'

export const byzantineConsistentChannel: BroadcastStack = {
  abstraction: 'broadcast',
  name: 'byzantine-consistent-channel',
  title: 'Byzantine consistent channel: each sender in its order, over signed echo',
  source: 'CGR11 Algorithm 3.19',
  model: 'fail-arbitrary',
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
