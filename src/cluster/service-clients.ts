/** Clients beside the members of a cluster, with the application of the laboratory on top as these have it. */
import type { Libp2p } from '@libp2p/interface'
import type { ProcessId } from '../core/group.ts'
import type { RequestDeclaration, Values } from '../core/service.ts'
import { abstractionOf } from '../laboratory/abstractions/index.ts'
import { applicationService, appliedStack } from '../laboratory/applied-stack.ts'
import type { ByzantineClientService } from '../libp2p/client-service.ts'
import { readClientIdentity } from '../program/client/client-identity.ts'
import { stopClient } from '../program/client/run-client.ts'
import type { Request } from '../simulator/application.ts'
import type { Cluster } from './cluster.ts'
import { ServiceRecord } from './service-record.ts'

type Client = Libp2p<{ byzantine: ByzantineClientService }>

export class ServiceClients {
  readonly #cluster: Cluster
  readonly #record: ServiceRecord
  readonly #clients: Client[] = []

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#record = recordOf(cluster)
  }

  get count(): number {
    return this.#clients.length
  }

  /** As many as an abstraction has. */
  async start(): Promise<void> {
    const { clients } = abstractionOf(this.#cluster.plan.stack)
    for (let client = 0; client < clients; client++) this.#clients.push(await this.#start(client))
  }

  /**
   * Has the application of a client or of a member ask for it; a liar, which has none, is asked itself. Whoever is down
   * asks for nothing.
   */
  ask(request: Request, payload: Uint8Array): void {
    const { process, service, name } = request
    const { plan } = this.#cluster
    const client = this.#clients[process - plan.members]
    const asked = { request: JSON.stringify(request), payload }
    if (client !== undefined) void client.services.byzantine.service(applicationService).plan(asked)
    else if (plan.byzantine.includes(process)) {
      const declared = plan.stack.services.find((offered) => offered.name === service)?.requests[name]
      if (declared === undefined) return
      void this.#cluster.ask(process, { service, name, arguments: valuesOf(declared, request, payload) })
    } else
      void this.#cluster.ask(process, {
        service: applicationService.name,
        name: 'plan',
        arguments: asked
      })
  }

  /** What clients have counted so far is counted with what members have. */
  countUp(): void {
    this.#clients.forEach(({ services }, client) => {
      const { connectedMembers: connected, faults, landmarks } = services.byzantine
      this.#cluster.tally.add(this.#cluster.plan.members + client, {
        connected,
        faults: faults.map(({ fault, count }) => ({ fault, count })),
        landmarks: Object.fromEntries(landmarks)
      })
    })
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map(stopClient))
  }

  async #start(client: number): Promise<Client> {
    const { folder, plan } = this.#cluster
    const record = this.#record
    const process = plan.members + client
    const identity = await readClientIdentity({ group: folder.group, key: folder.clientKey(client) })
    const { groupFile, seed } = identity
    // libp2p takes longer to load than most of the command line.
    const { createClient } = await import('../libp2p/byzantine-client.ts')
    const node = await createClient({
      group: groupFile,
      key: seed,
      stack: appliedStack(plan.stack, { process, clients: groupFile.clients }),
      data: folder.clientData(client),
      beyondResilience: plan.beyondResilience
    })
    const { byzantine } = node.services
    byzantine.addEventListener('fault', ({ detail }) => record.fault(process, detail))
    byzantine.addEventListener('crash', ({ detail }) => record.stopped(process, detail.message))
    void follow(byzantine, process, record)
    return node
  }
}

/** Numbers as they are planned, and bytes for whatever takes bytes. */
const valuesOf = (
  { arguments: fields }: RequestDeclaration,
  { arguments: given }: Request,
  payload: Uint8Array
): Values =>
  Object.fromEntries(
    Object.entries(fields).map(([field, { description }]) => [
      field,
      description.kind === 'bytes' ? payload : (given[field] ?? 0)
    ])
  )

/** Until the client stops; what stopped it, if nobody did, was told as an event. */
async function follow(
  service: ByzantineClientService,
  process: ProcessId,
  record: ServiceRecord
): Promise<void> {
  try {
    for await (const told of service.indications(applicationService))
      record.told(process, { service: applicationService.name, ...told })
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ProcessStoppedError')) throw error
  }
}

export function recordOf({ recorder }: Cluster): ServiceRecord {
  if (recorder instanceof ServiceRecord) return recorder
  throw new Error('applications of the laboratory have a record of what they tell')
}
