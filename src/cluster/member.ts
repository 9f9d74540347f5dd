/**
 * The process of one member of a cluster, correct or Byzantine. It takes commands from the cluster that forked it, and
 * dies with it: the channel between the two ends when either does.
 */
import { findBehaviour } from '../adversary/index.ts'
import { loyalUntil } from '../adversary/turncoat.ts'
import type { ProcessId } from '../core/group.ts'
import type { ServiceDeclaration } from '../core/service.ts'
import { appliedStack } from '../laboratory/applied-stack.ts'
import { createNode } from '../libp2p/create-node.ts'
import type { ByzantineService } from '../libp2p/service.ts'
import { readMemberIdentity, requireStackOption } from '../program/member/member-identity.ts'
import { Cable } from './cable.ts'
import { clockOriginMs } from './clock-origin.ts'
import type { MemberCommand, MemberConfig, MemberCounts, MemberReport } from './messages.ts'

/** How often it reports what it has counted. */
const COUNTS_INTERVAL_MS = 250
/** How long a request may take: the cluster gives up before. */
const ASKED_MS_MAX = 2 ** 31 - 1
/** How long stopping may take. */
const STOP_TIMEOUT_MS = 3000

interface Running {
  readonly service: ByzantineService
  /** What the stack declares under that name. */
  declared(service: string): ServiceDeclaration
  stop(): Promise<void>
}

let starting: Promise<Running> | undefined
const cable = new Cable()
/** A liar that was loyal attacks. */
let hasFallen = false

function report(message: MemberReport): void {
  // Nobody to hear it is the cluster's end, and then this process's own.
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}

function fail(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error))
  report({ is: 'failed', name, message })
}

async function start(config: MemberConfig): Promise<Running> {
  const { groupFile, seed, self } = await readMemberIdentity(config)
  const stack = stackOf(config, self, groupFile.clients)
  const node = await createNode({
    group: groupFile,
    key: seed,
    stack,
    // Beside what an application offers members keep nothing; nor does a liar among them.
    ...(config.applied && { registers: false }),
    data: config.data,
    beyondResilience: config.beyondResilience,
    options: config.options,
    transports: [cable.transport],
    ...behaviourOf(config)
  })
  const service = node.services.byzantine
  report({ is: 'started', originMs: clockOriginMs() })
  service.whenReady().then(() => report({ is: 'ready' }), fail)
  service.addEventListener('crash', ({ detail }) => fail(detail))
  setInterval(() => report({ is: 'counts', counts: countsOf(service) }), COUNTS_INTERVAL_MS)
  if (config.attack === undefined)
    for (const declaration of stack.services)
      void (config.applied ? reportAtOnce : reportTold)(service, declaration).catch(fail)
  const declared = (name: string) => {
    const found = stack.services.find((declaration) => declaration.name === name)
    if (found === undefined) throw new Error(`${stack.name} offers no service ${name}`)
    return found
  }
  return { service, declared, stop: async () => node.stop() }
}

/** A liar has no application. */
function stackOf(
  { stack: name, applied, attack }: MemberConfig,
  self: ProcessId,
  clients: readonly Uint8Array[]
) {
  const stack = requireStackOption(name)
  return applied && attack === undefined ? appliedStack(stack, { process: self, clients }) : stack
}

/** Accomplices know each other. */
function behaviourOf({ attack }: MemberConfig) {
  if (attack === undefined) return {}
  const behaviour = findBehaviour(attack.behaviour)
  if (behaviour === undefined) throw new Error(`no behaviour ${attack.behaviour}`)
  const { byzantine, loyal } = attack
  return {
    behaviour: {
      ...behaviour,
      create(context: Parameters<typeof behaviour.create>[0]) {
        const among = { ...context, byzantine }
        return loyal ? loyalUntil(among, behaviour, () => hasFallen) : behaviour.create(among)
      }
    }
  }
}

/** Asking for the next indication says that the one before was consumed: not until the cluster has it. */
async function reportTold(service: ByzantineService, declaration: ServiceDeclaration): Promise<void> {
  for await (const { name, values } of service.indications(declaration)) {
    const consumed = Promise.withResolvers<void>()
    onConsumed.set(declaration.name, consumed.resolve)
    report({ is: 'told', service: declaration.name, name, values })
    await consumed.promise
  }
}

/**
 * What an application records is no delivery: it is reported as it is recorded, so that a member that is killed has
 * said what it sent before others say what they had of it.
 */
async function reportAtOnce(service: ByzantineService, declaration: ServiceDeclaration): Promise<void> {
  for await (const { name, values } of service.indications(declaration))
    report({ is: 'told', service: declaration.name, name, values })
}

/** By the service whose last indication the cluster does not have yet. */
const onConsumed = new Map<string, () => void>()

function countsOf(service: ByzantineService): MemberCounts {
  const { connectedMembers, faults, landmarks } = service
  return {
    connected: connectedMembers,
    faults: faults.map(({ fault, count }) => ({ fault, count })),
    landmarks: Object.fromEntries(landmarks),
    said: service.status().services ?? {}
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
  if (command.do === 'ask') {
    const methods = service.service(running.declared(command.service))
    const result = await methods[command.name]?.(command.arguments, { timeout: ASKED_MS_MAX })
    report({ is: 'returned', request: command.request, result })
  } else if (command.do === 'consume') {
    onConsumed.get(command.service)?.()
  } else if (command.do === 'attack') {
    hasFallen = true
  } else if (command.do === 'cut') {
    cable.cut(command.isCut)
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
