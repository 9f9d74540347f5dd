/** Replicated machines: members and clients submit commands, and members execute those of all in one order. */
import { judgeDisks } from '../../checkers/agreement/disks.ts'
import { AgreementWitness, type Milestones } from '../../checkers/agreement/witness.ts'
import { executedAt, judgedReplicas, toldBy } from '../../checkers/replicas.ts'
import { PUSH_BYTES_MAX } from '../../consensus/pbft/constants.ts'
import { primaryOf } from '../../consensus/pbft/messages.ts'
import { WRITTEN_BYTES_PER_TURN } from '../../replication/constants.ts'
import { replicaService } from '../../replication/service.ts'
import { MS } from '../../simulator/scheduler.ts'
import type { SeededRandom } from '../../simulator/seeded-random.ts'
import type { ReplicaStack } from '../../stacks/stack.ts'
import { Lies } from '../lies.ts'
import type { Abstraction } from './abstraction.ts'
import { DeclaredApplication } from './declared.ts'
import { ledReplicas, request } from './led-replicas.ts'
import { commandOf, drawCommand } from './pair-commands.ts'
import { enteredAt, replicaLandmarks } from './replica-landmarks.ts'

const CLIENTS = 3
/** Of each process. */
const COMMANDS_MAX = 8
/**
 * Of all members together. Where a batch has one command and f of n views are led by liars who drip, each for as long
 * as a timeout may be, more than these are not answered within the time that termination is judged by.
 */
const COMMANDS_OF_MEMBERS_MAX = 7 * COMMANDS_MAX
/** Of so many requests one closes the session of the others. */
const CLOSES_ONE_IN = 6

export const replicas: Abstraction<ReplicaStack> = {
  service: replicaService,
  judged: judgedReplicas,
  clients: CLIENTS,
  attack: 'forge+garbage',
  bounds: (draw) => ({
    checkpointEvery: draw.pick([2, 4]),
    batchCommandsMax: draw.between(1, 4),
    ...drawTimeouts(draw),
    sessionWindow: draw.pick([2, 8]),
    // Room for all clients; now and then for all but one, who waits until another has been idle.
    sessionPool: CLIENTS - 1 + draw.below(3),
    poolIdleCommands: 8,
    // The fewest that there may be: who misses more needs the state.
    batchesRetained: draw.pick([0, 0, 1024]),
    // Now and then the least of all that one turn may do.
    verificationsPerTurn: draw.pick([1, 8]),
    pushBytesMax: draw.pick([0, 256, PUSH_BYTES_MAX]),
    writtenBytesPerTurn: draw.pick([1, WRITTEN_BYTES_PER_TURN])
  }),
  /** Some ask for much at once, and some for little all along. */
  rates({ draw, members, payloadBytesMax, healMs }) {
    const commands = draw.between(
      1,
      Math.max(1, Math.min(COMMANDS_MAX, Math.floor(COMMANDS_OF_MEMBERS_MAX / members)))
    )
    const withinMs = draw.pick([healMs, healMs / 10])
    return {
      members,
      workload: {
        operationsMax: commands,
        requests: (process, isByzantine, random) =>
          Array.from({ length: commands }, () => ({
            at: random.below(withinMs * MS),
            asked: { bytes: 2 + random.below(Math.max(1, payloadBytesMax - 1)), ...drawCommand(random) },
            // Whatever a liar is asked for takes bytes.
            closes: random.below(CLOSES_ONE_IN) === 0 && !isByzantine
          }))
            .sort((a, b) => a.at - b.at)
            .map(({ at, asked, closes }, index) =>
              closes
                ? { ...request(process, index + 1, at, {}), name: 'closeSession' }
                : request(process, index + 1, at, asked)
            )
      }
    }
  },
  application: (stack, init) =>
    new DeclaredApplication(replicaService, stack, init, (request, payload) =>
      request.name === 'closeSession' ? [] : commandOf(request, payload)
    ),
  listen: (init) => new Lies(init),
  witness: (init) => new AgreementWitness(init, AGREEMENT_PATH, MILESTONES),
  judgeDisks: (init) => judgeDisks(init, { agreement: AGREEMENT_PATH, states: REPLICA_PATH }, MILESTONES),
  begun: (event) => (event.kind === 'invoke' ? `${event.process}/${event.number}` : undefined),
  ended: (event) => (event.kind === 'return' ? `${event.process}/${event.number}` : undefined),
  landmarks: replicaLandmarks,
  simplest: (members, clients) =>
    Array.from({ length: members + clients }, (_, process) => request(process, 1, 0, { bytes: 2 })),
  describe(event, shown) {
    if (event.kind === 'invoke' && event.name === 'closeSession') return `closes its session: ${event.number}`
    if (event.kind === 'invoke') return `submits ${event.number}: ${shown(event.arguments.command ?? null)}`
    if (event.kind === 'return') return `returns from ${event.number}: ${shown(event.result)}`
    const batch = executedAt(event)
    if (batch !== undefined) return `executes ${batch.sequence}: ${batch.commands.length} commands`
    const told = toldBy(event)
    if (told?.name === 'view') return `enters view ${told.values.view}`
    return told === undefined ? undefined : `${told.name} ${told.values.sequence}`
  },
  instanceOf: () => undefined,
  term(event, n) {
    const view = enteredAt(event)
    return view === undefined ? undefined : { name: `view ${view}`, leader: primaryOf(view, { n }) }
  },
  led: ledReplicas
}

/**
 * Below what the network takes, about there, and above it. What waits behind much else waits for longer than a message
 * takes: a cap that is lower than that lets views change for ever, so that it is low only where the network is fast if
 * anybody is to stay in a view.
 */
function drawTimeouts(draw: SeededRandom): {
  readonly viewTimeoutMinMs: number
  readonly viewTimeoutMaxMs: number
} {
  return draw.pick([
    { viewTimeoutMinMs: draw.between(20, 40), viewTimeoutMaxMs: draw.pick([1000, 4000]) },
    { viewTimeoutMinMs: draw.between(100, 400), viewTimeoutMaxMs: 4000 },
    { viewTimeoutMinMs: draw.between(500, 2000), viewTimeoutMaxMs: 4000 }
  ])
}

/** In the stacks of this kind. */
const REPLICA_PATH = 'replica'
const AGREEMENT_PATH = `${REPLICA_PATH}/agreement`
const MILESTONES: Milestones = { executed: executedAt, entered: enteredAt }
