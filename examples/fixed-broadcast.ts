/**
 * The broken broadcast, repaired: one line is another one.
 *
 *     npx byzkit simulate examples/fixed-broadcast.ts
 *
 * One correct process among f + 1 makes sure that the sender sent what is delivered. It does not make sure that another
 * correct process has not heard f + 1 echoes of something else: f liars, who echo both, and one correct process for
 * each story. Two sets of more than (n + f)/2 processes share a correct one, and a correct one echoes once.
 */
import { broadcastProtocol } from 'byzkit/testing'
import { EchoBroadcast } from './broken-broadcast.ts'

class FixedBroadcast extends EchoBroadcast {
  protected override enough(): number {
    return this.env.group.quorum.byzantine
  }
}

export default broadcastProtocol({
  name: 'fixed-broadcast',
  title: 'echo broadcast that delivers after more than (n + f)/2 echoes',
  source: 'CGR11 Algorithm 3.16',
  properties: ['validity', 'no duplication', 'integrity', 'consistency'],
  create: (env, ports, deliver) => new FixedBroadcast(env, 'fixed-broadcast', ports, deliver)
})
