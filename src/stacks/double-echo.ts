/** Byzantine reliable broadcast by authenticated double echo. */
import { DoubleEcho } from '../broadcast/double-echo.ts'
import { logged } from './compose.ts'
import { againstDoubleEcho } from './landmarks.ts'
import { moreThanThreeF } from './resilience.ts'
import type { BroadcastStack } from './stack.ts'

export const doubleEcho: BroadcastStack = {
  abstraction: 'broadcast',
  name: 'double-echo',
  title: 'Byzantine reliable broadcast: authenticated double echo (Bracha)',
  source: 'CGR11 Algorithm 3.18',
  model: 'fail-arbitrary',
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
