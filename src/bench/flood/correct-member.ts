/** A correct member under a flood, as a process of its own: run by flood-group.ts. */
import type { Libp2p } from '@libp2p/interface'
import { createNode } from '../../libp2p/create-node.ts'
import type { ByzantineService } from '../../libp2p/service.ts'
import { obeyParent } from '../children.ts'
import { reportOf, untilConnected } from '../register-process.ts'
import { startUsage } from '../usage.ts'
import { loadFor } from './correct-load.ts'
import type { CorrectCommand, CorrectReport } from './flood-group.ts'

const PAYLOAD_BYTES = 1024

let node: Libp2p<{ byzantine: ByzantineService }> | undefined
/**
 * Own broadcasts that are not delivered here yet, by their numbers; and numbers that came before they were asked for.
 */
const awaited = new Map<number, () => void>()
const early = new Set<number>()
let gaps = 0
/** How often it has cut off a peer. */
let cutOffs = 0

async function consume(service: ByzantineService): Promise<void> {
  for await (const delivery of service.deliveries()) {
    if (delivery.type === 'gap') gaps++
    else if (delivery.sender === service.self) {
      const reached = awaited.get(delivery.sequence)
      awaited.delete(delivery.sequence)
      if (reached === undefined) early.add(delivery.sequence)
      else reached()
    }
  }
}

async function broadcast(service: ByzantineService): Promise<void> {
  const { sequence } = await service.broadcast(new Uint8Array(PAYLOAD_BYTES))
  if (early.delete(sequence)) return
  await new Promise<void>((reached) => awaited.set(sequence, reached))
}

async function obey(command: CorrectCommand): Promise<CorrectReport> {
  if (command.do === 'start') {
    const { group, seed } = command.setup
    node = await createNode({ group, key: seed })
    consume(node.services.byzantine).catch(() => {})
    node.services.byzantine.addEventListener('cut-off', () => cutOffs++)
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
      return { ...reportOf(service), peakRssBytes: process.resourceUsage().maxRSS * 1024, gaps, cutOffs }
    case 'load':
      return { load: await loadFor(command.durationMs, command.inFlight, () => broadcast(service)) }
    case 'stop':
      await node?.stop()
      return {}
  }
}

obeyParent(obey)
