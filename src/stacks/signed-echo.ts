/** Byzantine consistent broadcast by signed echo. */
import { SignedEcho } from '../broadcast/signed-echo.ts'
import { logged } from './compose.ts'
import { againstSignedEcho } from './landmarks.ts'
import { moreThanThreeF } from './resilience.ts'
import type { BroadcastStack } from './stack.ts'

export const signedEcho: BroadcastStack = {
  abstraction: 'broadcast',
  name: 'signed-echo',
  title: 'Byzantine consistent broadcast: signed echo, with a transferable certificate',
  source: 'CGR11 Algorithm 3.17',
  model: 'fail-arbitrary',
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
