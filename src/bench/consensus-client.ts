/** A client that submits commands, as a process of its own: run by consensus-group.ts. */
import type { Libp2p } from '@libp2p/interface'
import { pbft } from '../catalogue/pbft.ts'
import { createClient } from '../libp2p/byzantine-client.ts'
import type { ByzantineClientService } from '../libp2p/client-service.ts'
import { obeyParent } from './children.ts'
import type { ConsensusClientCommand, ConsensusReport } from './consensus-group.ts'
import { ConsensusLoad } from './consensus-load.ts'
import { reportOf, untilConnected } from './register-process.ts'
import { startUsage } from './usage.ts'

let node: Libp2p<{ byzantine: ByzantineClientService }> | undefined
let load: ConsensusLoad | undefined

async function obey(command: ConsensusClientCommand): Promise<ConsensusReport> {
  if (command.do === 'start') {
    const { group, seed, publicKey, commandBytes } = command.setup
    node = await createClient({ group, key: seed, stack: pbft.name, durability: 'memory' })
    load = new ConsensusLoad(node.services.byzantine.replica(), publicKey, commandBytes)
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
      const latenciesMs = await load.run(command.commands, command.inFlight)
      return { elapsedMs: performance.now() - began, latenciesMs }
    }
    case 'stop':
      await node?.stop()
      return {}
  }
}

obeyParent(obey)
