/** The two ways in which the broadcast stacks are put together. */
import { ByzantineChannel, type ChannelBroadcast } from '../broadcast/byzantine-channel.ts'
import { DeliveryLog } from '../broadcast/delivery-log.ts'
import type { BroadcastIndications } from '../broadcast/numbered-broadcast.ts'
import type { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { ApplicationIndications, BroadcastInstance } from './stack.ts'

/** A numbered broadcast: what both compositions stand on. */
type Broadcast = Component<BroadcastIndications> & ChannelBroadcast & { restore(): void }
type MakeBroadcast = (path: string, indications: BroadcastIndications) => Broadcast

/** broadcast, then the delivery log: deliveries in the order in which instances complete. */
export function logged(
  env: Environment,
  name: string,
  application: ApplicationIndications,
  make: MakeBroadcast
) {
  const log = makeLog(env, `${name}/log`, application)
  const broadcast = make(name, {
    deliver: (sender, sequence, payload) => log.onDeliver(sender, sequence, payload),
    gap: (sender, from, to) => log.onGap(sender, from, to),
    ready: () => env.whenDurable(() => application.ready())
  })
  return instance([broadcast, log], log, broadcast, [broadcast])
}

/** broadcast, channel, delivery log: deliveries of each sender in its order. */
export function channelled(
  env: Environment,
  name: string,
  application: ApplicationIndications,
  make: MakeBroadcast
) {
  const log = makeLog(env, `${name}/log`, application)
  const parts: Broadcast[] = []
  const channel = new ByzantineChannel(
    env,
    name,
    (indications) => {
      const broadcast = make(`${name}/broadcast`, indications)
      parts.push(broadcast)
      return broadcast
    },
    {
      deliver: (sender, label, payload) => log.onDeliver(sender, label, payload),
      gap: (sender, from, to) => log.onGap(sender, from, to),
      ready: () => env.whenDurable(() => application.ready())
    }
  )
  return instance([...parts, channel, log], log, channel, parts)
}

function makeLog(env: Environment, path: string, application: ApplicationIndications): DeliveryLog {
  return new DeliveryLog(env, path, {
    deliver: (delivery) => env.whenDurable(() => application.deliver(delivery))
  })
}

function instance(
  components: readonly Component<object>[],
  log: DeliveryLog,
  top: Pick<ChannelBroadcast, 'broadcast' | 'acknowledge'>,
  restored: readonly Broadcast[]
): BroadcastInstance {
  log.attach(top)
  return {
    broadcast: (payload, accepted) => top.broadcast(payload, accepted),
    acknowledge: (position) => log.acknowledge(position),
    get acknowledged() {
      return log.acknowledged
    },
    get next() {
      return log.next
    },
    restore: () => {
      for (const broadcast of restored) broadcast.restore()
      log.restore()
    },
    base: (sender) => Math.min(...restored.map((broadcast) => broadcast.base(sender))),
    state: () => Object.fromEntries(components.map((component) => [component.path, component.state()]))
  }
}
