/** A member that replicates a machine, as a process of its own: run by consensus-group.ts. */
import { createHash } from 'node:crypto'
import type { Libp2p } from '@libp2p/interface'
import { pbft, replicated } from '../catalogue/pbft.ts'
import type { AgreementStatus } from '../consensus/pbft/status.ts'
import { createNode } from '../libp2p/create-node.ts'
import type { ByzantineService } from '../libp2p/service.ts'
import { KeyValueMachine } from '../replication/key-value-machine.ts'
import type { ManagedState } from '../replication/managed-state.ts'
import { obeyParent } from './children.ts'
import type { ConsensusMemberCommand, ConsensusReport } from './consensus-group.ts'
import { reportOf, untilConnected } from './register-process.ts'
import { startUsage } from './usage.ts'

let node: Libp2p<{ byzantine: ByzantineService }> | undefined
/** What the machine keeps, as it was given to it last. */
let state: ManagedState | undefined
let executed = 0
let awaited = { commands: Number.POSITIVE_INFINITY, reached: () => {} }

/** The key-value machine, watched: how many commands it has executed, and its state. */
const stack = replicated(pbft.name, () => {
  const machine = new KeyValueMachine()
  return {
    apply(command, context) {
      state = context.state
      if (++executed === awaited.commands) awaited.reached()
      return machine.apply(command, context)
    }
  }
})

function digestOf(kept: ManagedState | undefined): string {
  const hash = createHash('sha256').update(`${executed}/`)
  for (const [key, value] of kept?.range(new Uint8Array()) ?? [])
    hash.update(`${key.length},${value.length}/`).update(key).update(value)
  return hash.digest('hex')
}

const report = (service: ByzantineService): ConsensusReport => ({
  ...reportOf(service),
  agreement: service.status().services.replica as AgreementStatus
})

async function obey(command: ConsensusMemberCommand): Promise<ConsensusReport> {
  if (command.do === 'start') {
    const { group, seed, data } = command.setup
    node = await createNode({ group, key: seed, stack, ...(data === undefined ? {} : { data }) })
    // A member that stops has no figures.
    node.services.byzantine.addEventListener('crash', ({ detail }) => {
      throw detail
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
      return report(service)
    case 'read':
      return report(service)
    case 'executed': {
      const { commands } = command
      if (executed < commands) await new Promise<void>((reached) => (awaited = { commands, reached }))
      return {}
    }
    case 'digest':
      return { digest: digestOf(state) }
    case 'stop':
      await node?.stop()
      return {}
  }
}

obeyParent(obey)
