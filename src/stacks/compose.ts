/** The two ways in which the broadcast stacks are put together. */
import { ByzantineChannel, type ChannelBroadcast } from '../broadcast/byzantine-channel.ts'
import { type Delivery, DeliveryLog } from '../broadcast/delivery-log.ts'
import type { BroadcastIndications } from '../broadcast/numbered-broadcast.ts'
import type { Component } from '../core/component.ts'
import type { Environment } from '../core/environment.ts'
import type { ApplicationIndications, BroadcastInstance, BroadcastRequests } from './stack.ts'

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
    ...log.indications,
    ready: () => env.whenDurable(() => application.ready())
  })
  log.attach(broadcast)
  return instance([broadcast, log], log, broadcast, broadcast)
}

/** broadcast, channel, delivery log: deliveries of each sender in its order. */
export function channelled(
  env: Environment,
  name: string,
  application: ApplicationIndications,
  make: MakeBroadcast
) {
  const log = makeLog(env, `${name}/log`, application)
  const channel = new ByzantineChannel(env, name, {
    ...log.indications,
    ready: () => env.whenDurable(() => application.ready())
  })
  const broadcast = make(`${name}/broadcast`, channel.indications)
  channel.attach(broadcast)
  log.attach(channel)
  return instance([broadcast, channel, log], log, channel, broadcast)
}

function makeLog(env: Environment, path: string, application: ApplicationIndications): DeliveryLog {
  return new DeliveryLog(env, path, {
    deliver: (delivery) => env.whenDurable(() => tell(application, delivery))
  })
}

function tell(application: ApplicationIndications, delivery: Delivery): void {
  const { sender, position } = delivery
  if (delivery.type === 'gap') application.gap(sender, delivery.from, delivery.to, position)
  else application.deliver(sender, delivery.sequence, delivery.payload, position)
}

function instance(
  components: readonly Component<object>[],
  log: DeliveryLog,
  top: Pick<ChannelBroadcast, 'broadcast' | 'acknowledge'>,
  below: Broadcast
): BroadcastInstance {
  const broadcast: BroadcastRequests = {
    broadcast(payload, accepted) {
      const sequence = top.broadcast(payload, () => accepted?.(sequence))
      return sequence
    },
    acknowledge: (position) => log.acknowledge(position),
    get acknowledged() {
      return log.acknowledged
    },
    get next() {
      return log.next
    },
    base: (sender) => below.base(sender)
  }
  return {
    services: { broadcast },
    restore: () => {
      below.restore()
      log.restore()
    },
    state: () => Object.fromEntries(components.map((component) => [component.path, component.state()]))
  }
}
