/** A correct client of members that are flooded, as a process of its own: run by flood-group.ts. */
import type { Libp2p } from '@libp2p/interface'
import { createClient } from '../../libp2p/byzantine-client.ts'
import type { ByzantineClientService } from '../../libp2p/client-service.ts'
import { obeyParent } from '../children.ts'
import { reportOf, untilConnected } from '../register-process.ts'
import { startUsage } from '../usage.ts'
import { loadFor } from './correct-load.ts'
import type { CorrectCommand, CorrectReport } from './flood-group.ts'
import { FLOODED, floodedBody } from './kinds.ts'

const VALUE_BYTES = 1024

let node: Libp2p<{ byzantine: ByzantineClientService }> | undefined
let operations = 0

/** What the attacker is going to ask for. */
async function prepare(service: ByzantineClientService): Promise<void> {
  await service.register(FLOODED.register).write(new Uint8Array(FLOODED.valueBytes).fill(1))
  const store = service.store()
  await store.put(FLOODED.key, floodedBody())
  await Promise.all(Array.from({ length: FLOODED.keys }, (_, i) => store.put(`flood/${i}`, Uint8Array.of(i))))
}

/** Writes and reads in turn, each worker its own register. */
async function operate(service: ByzantineClientService, worker: number): Promise<void> {
  const register = service.register(`flood/${worker}`)
  const number = ++operations
  if (number % 2 === 0) await register.read()
  else {
    const value = new Uint8Array(VALUE_BYTES)
    new DataView(value.buffer).setUint32(0, number)
    await register.write(value)
  }
}

async function obey(command: CorrectCommand): Promise<CorrectReport> {
  if (command.do === 'start') {
    const { group, seed } = command.setup
    node = await createClient({ group, key: seed, durability: 'memory' })
    return {}
  }
  const service = node?.services.byzantine
  if (service === undefined) throw new Error('not started')
  switch (command.do) {
    case 'connected':
      await untilConnected(service, command.members)
      await prepare(service)
      return {}
    case 'measure':
      startUsage()
      return reportOf(service)
    case 'read':
      return { ...reportOf(service), peakRssBytes: process.resourceUsage().maxRSS * 1024 }
    case 'load':
      return {
        load: await loadFor(command.durationMs, command.inFlight, (worker) => operate(service, worker))
      }
    case 'stop':
      await node?.stop()
      return {}
  }
}

obeyParent(obey)
