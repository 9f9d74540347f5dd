/** A Byzantine reliable channel over double echo whose senders sign. */

import { DoubleEcho } from '../broadcast/double-echo.ts'
import { channelled } from '../stacks/compose.ts'
import { againstSignedDoubleEcho } from '../stacks/landmarks.ts'
import type { BroadcastStack } from '../stacks/stack.ts'
import { byzantineReliableChannel } from './byzantine-reliable-channel.ts'

export const signedByzantineReliableChannel: BroadcastStack = {
  ...byzantineReliableChannel,
  name: 'signed-byzantine-reliable-channel',
  title: 'Byzantine reliable channel: each sender in its order, over double echo with signed sends',
  landmarksAgainst: againstSignedDoubleEcho,
  // The paths of the channel: what is signed and what is stored stands under them.
  build: (env, ports, options, application) =>
    channelled(
      env,
      byzantineReliableChannel.name,
      application,
      (path, indications) => new DoubleEcho(env, path, ports, { ...options, signedSend: true }, indications)
    )
}
