/** A client that reads and writes registers, as a process of its own: run by register-group.ts. */
import type { Libp2p } from '@libp2p/interface'
import { createClient } from '../libp2p/byzantine-client.ts'
import type { ByzantineClientService } from '../libp2p/client-service.ts'
import { registersOf, stackOf } from './benched-store.ts'
import { obeyParent } from './children.ts'
import type { ProcessReport, RegisterClientCommand } from './register-group.ts'
import { RegisterLoad } from './register-load.ts'
import { reportOf, untilConnected } from './register-process.ts'
import { startUsage } from './usage.ts'

let node: Libp2p<{ byzantine: ByzantineClientService }> | undefined
let load: RegisterLoad | undefined

async function obey(command: RegisterClientCommand): Promise<ProcessReport> {
  if (command.do === 'start') {
    const { group, seed, data, workload, store = 'register' } = command.setup
    const stack = stackOf(store)
    node = await createClient({
      group,
      key: seed,
      ...(data === undefined ? { durability: 'memory' } : { data }),
      ...(stack === undefined ? {} : { stack })
    })
    load = new RegisterLoad(registersOf(node.services.byzantine, store), workload)
    return {}
  }
  const service = node?.services.byzantine
  if (service === undefined || load === undefined) throw new Error('not started')
  switch (command.do) {
    case 'connected':
      await untilConnected(service, service.group.n)
      return {}
    case 'measure':
      startUsage()
      return reportOf(service)
    case 'read':
      return reportOf(service)
    case 'run': {
      const began = performance.now()
      const latenciesMs = await load.run(command.operation, command.count, command.inFlight)
      return { elapsedMs: performance.now() - began, latenciesMs }
    }
    case 'digest':
      return { digest: command.of === 'written' ? load.digestWritten() : await load.digestRead() }
    case 'stop':
      await node?.stop()
      return {}
  }
}

obeyParent(obey)
