/** Byzantine consistent broadcast by authenticated echo. */
import { AuthenticatedEcho } from '../broadcast/authenticated-echo.ts'
import { logged } from './compose.ts'
import { againstEcho } from './landmarks.ts'
import { moreThanThreeF } from './resilience.ts'
import type { BroadcastStack } from './stack.ts'

export const authenticatedEcho: BroadcastStack = {
  abstraction: 'broadcast',
  name: 'authenticated-echo',
  title: 'Byzantine consistent broadcast: authenticated echo',
  source: 'CGR11 Algorithm 3.16',
  model: 'fail-arbitrary',
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
