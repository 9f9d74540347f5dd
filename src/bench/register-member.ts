/** A member that keeps registers, as a process of its own: run by register-group.ts. */
import type { Libp2p } from '@libp2p/interface'
import { createNode } from '../libp2p/create-node.ts'
import type { ByzantineService } from '../libp2p/service.ts'
import { stackOf } from './benched-store.ts'
import { obeyParent } from './children.ts'
import type { ProcessReport, RegisterMemberCommand } from './register-group.ts'
import { reportOf, untilConnected } from './register-process.ts'
import { startUsage } from './usage.ts'

let node: Libp2p<{ byzantine: ByzantineService }> | undefined

async function obey(command: RegisterMemberCommand): Promise<ProcessReport> {
  if (command.do === 'start') {
    const { group, seed, data, store = 'register' } = command.setup
    const stack = stackOf(store)
    node = await createNode({
      group,
      key: seed,
      ...(data === undefined ? {} : { data }),
      ...(stack === undefined ? {} : { stack })
    })
    return {}
  }
  const service = node?.services.byzantine
  if (service === undefined) throw new Error('not started')
  switch (command.do) {
    case 'connected':
      await untilConnected(service, service.group.n - 1)
      return {}
    case 'measure':
      startUsage()
      return reportOf(service)
    case 'read':
      return reportOf(service)
    case 'stop':
      await node?.stop()
      return {}
  }
}

obeyParent(obey)
