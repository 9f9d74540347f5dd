/** Double echo whose senders sign, so that a sender which equivocates hands out the proof of it. */

import { DoubleEcho } from '../broadcast/double-echo.ts'
import { logged } from '../stacks/compose.ts'
import { againstSignedDoubleEcho } from '../stacks/landmarks.ts'
import type { BroadcastStack } from '../stacks/stack.ts'
import { doubleEcho } from './double-echo.ts'

export const signedDoubleEcho: BroadcastStack = {
  ...doubleEcho,
  name: 'signed-double-echo',
  title: 'Byzantine reliable broadcast: double echo with signed sends, which make equivocation provable',
  landmarksAgainst: againstSignedDoubleEcho,
  // The paths of double echo: what is signed and what is stored stands under them.
  build: (env, ports, options, application) =>
    logged(
      env,
      doubleEcho.name,
      application,
      (path, indications) => new DoubleEcho(env, path, ports, { ...options, signedSend: true }, indications)
    )
}
