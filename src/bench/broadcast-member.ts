/** A member of a group that broadcasts, as a process of its own: run by broadcasts.ts. */
import type { Libp2p } from '@libp2p/interface'
import { createNode } from '../libp2p/create-node.ts'
import type { ByzantineService } from '../libp2p/service.ts'
import { BroadcastLoad } from './broadcast-load.ts'
import type { MemberCommand, MemberReport, MemberSetup } from './broadcasts.ts'
import { obeyParent } from './children.ts'
import { collectGarbage, readUsage, startUsage } from './usage.ts'

let node: Libp2p<{ byzantine: ByzantineService }> | undefined
let load: BroadcastLoad | undefined

async function start({ group, seed, stack, data, workload }: MemberSetup): Promise<MemberReport> {
  node = await createNode({ group, key: seed, stack, ...(data === undefined ? {} : { data }) })
  const service = node.services.byzantine
  // It is measured as nothing else is: a member that stops has no figures.
  service.addEventListener('crash', ({ detail }) => {
    throw detail
  })
  load = new BroadcastLoad(service, workload)
  void load.consume()
  return {}
}

async function obey(command: MemberCommand): Promise<MemberReport> {
  if (command.do === 'start') return start(command.setup)
  const service = node?.services.byzantine
  if (service === undefined || load === undefined) throw new Error('not started')
  switch (command.do) {
    case 'connected': {
      while (service.connectedMembers.length < service.group.n - 1)
        await new Promise((resolve) => setTimeout(resolve, 10))
      return {}
    }
    case 'measure':
      load.expect(command.broadcasts)
      startUsage()
      return { counts: service.status().counts }
    case 'broadcast': {
      const began = performance.now()
      await load.run(command.broadcasts, command.inFlight)
      return { elapsedMs: performance.now() - began }
    }
    case 'delivered':
      await load.delivered(command.deliveries)
      return {}
    case 'read': {
      const { faults } = service
      return {
        usage: readUsage(),
        counts: service.status().counts,
        faults: faults.map(({ fault }) => fault.kind)
      }
    }
    case 'digest':
      return { digest: load.digest() }
    case 'latencies':
      return { latenciesMs: await load.latencies(command.count) }
    case 'collect':
      collectGarbage()
      return { usage: readUsage() }
    case 'stop':
      await node?.stop()
      return {}
  }
}

obeyParent(obey)
