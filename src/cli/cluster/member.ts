/**
 * The process of one member of a cluster, correct or Byzantine. It takes commands from the cluster that forked it, and
 * dies with it: the channel between the two ends when either does.
 */
import { findBehaviour } from '../../adversary/index.ts'
import { createNode } from '../../libp2p/create-node.ts'
import type { ByzantineService } from '../../libp2p/service.ts'
import { readMemberIdentity } from '../member/member-identity.ts'
import type { MemberCommand, MemberConfig, MemberReport } from './messages.ts'

/** How often it reports what it has counted. */
const COUNTS_INTERVAL_MS = 250
/** How long stopping may take. */
const STOP_TIMEOUT_MS = 3000

interface Running {
  readonly service: ByzantineService
  stop(): Promise<void>
}

let starting: Promise<Running> | undefined

function report(message: MemberReport): void {
  // Nobody to hear it is the cluster's end, and then this process's own.
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

function fail(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  report({ is: 'failed', name, message })
}

async function start(config: MemberConfig): Promise<Running> {
  const { groupFile, seed } = await readMemberIdentity(config)
  const node = await createNode({
    group: groupFile,
    key: seed,
    stack: config.stack,
    options: config.options,
    data: config.data,
    beyondResilience: config.beyondResilience,
    ...behaviourOf(config)
  })
  const service = node.services.byzantine
  report({ is: 'started' })
  service.whenReady().then(() => report({ is: 'ready' }), fail)
  service.addEventListener('stop', ({ detail }) => fail(detail))
  setInterval(() => report({ is: 'counts', counts: countsOf(service) }), COUNTS_INTERVAL_MS)
  if (config.attack === undefined) void reportDeliveries(service, config.after).catch(fail)
  return { service, stop: async () => node.stop() }
}

/** Accomplices know each other. */
function behaviourOf({ attack }: MemberConfig) {
  if (attack === undefined) return {}
  const behaviour = findBehaviour(attack.behaviour)
  if (behaviour === undefined) throw new Error(`no behaviour ${attack.behaviour}`)
  const { byzantine } = attack
  return {
    behaviour: {
      ...behaviour,
      create: (context: Parameters<typeof behaviour.create>[0]) => behaviour.create({ ...context, byzantine })
    }
  }
}

/** Asking for the next delivery acknowledges the one before: not until the cluster has it. */
async function reportDeliveries(service: ByzantineService, after: number | undefined): Promise<void> {
  for await (const delivery of service.deliveries(after === undefined ? {} : { after })) {
    report({ is: 'delivery', delivery })
    if (delivery.type === 'delivery') await acknowledged(delivery.position)
  }
}

/** The highest position that the cluster has, and who waits for it to be higher. */
let acknowledgedUpTo = -1
let onAcknowledged: (() => void) | undefined

function acknowledged(position: number): Promise<void> {
  return new Promise((resolve) => {
    if (acknowledgedUpTo >= position) resolve()
    else onAcknowledged = resolve
  })
}

function countsOf({ connectedMembers, faults, landmarks }: ByzantineService) {
  return {
    connected: connectedMembers,
    faults: faults.map(({ fault, count }) => ({ fault, count })),
    landmarks: Object.fromEntries(landmarks)
  }
}

async function obey(command: MemberCommand): Promise<void> {
  if (command.do === 'start') {
    starting = start(command.config)
    await starting
    return
  }
  const running = await starting
  if (running === undefined) return
  const { service } = running
  if (command.do === 'broadcast') {
    const { sequence } = await service.broadcast(command.payload)
    report({ is: 'accepted', request: command.request, sequence })
  } else if (command.do === 'acknowledge') {
    acknowledgedUpTo = command.position
    onAcknowledged?.()
  } else {
    report({ is: 'counts', counts: countsOf(service) })
    setTimeout(() => process.exit(), STOP_TIMEOUT_MS)
    await running.stop()
    process.exit()
  }
}

process.on('message', (command: MemberCommand) => void obey(command).catch(fail))
process.on('disconnect', () => process.exit())
// A terminal sends these to all processes of the cluster; the cluster alone decides what follows.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
