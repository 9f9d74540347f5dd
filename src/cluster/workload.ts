/** What applications of a cluster ask for: what the laboratory draws for stacks of that kind, on real time. */
import { isAnsweredAtOnce } from '../core/service.ts'
import { abstractionOf } from '../laboratory/abstractions/index.ts'
import type { Request } from '../simulator/application.ts'
import { MS } from '../simulator/scheduler.ts'
import { SeededRandom } from '../simulator/seeded-random.ts'
import type { ClusterPlan } from './plan.ts'

/** Within how long everything is asked for, milliseconds; what comes later is for when all else is over. */
export const ASKED_MS = 3000
/** Of each member, where members ask. */
const ASKED = 6
const PAYLOAD_BYTES_MAX = 64

export interface DrawnWorkload {
  /** In the order of time. */
  readonly requests: readonly Request[]
  /** How many members stop for good. */
  readonly stops: number
}

export function drawWorkload({ stack, seed, members, f, byzantine }: ClusterPlan): DrawnWorkload {
  const abstraction = abstractionOf(stack)
  const faulty = Math.max(0, f - byzantine.length)
  const rates = abstraction.rates({
    stack,
    model: stack.model,
    seed,
    draw: new SeededRandom(seed, 'plan'),
    members,
    faulty,
    asked: ASKED,
    payloadBytesMax: PAYLOAD_BYTES_MAX,
    healMs: ASKED_MS,
    askedWithinMs: ASKED_MS,
    lateAnswers: false
  })
  const offers = ({ service, name }: Request) =>
    stack.services.some((declared) => declared.name === service && Object.hasOwn(declared.requests, name))
  const liarOffers = ({ service }: Request) =>
    stack.services.some((declared) => declared.name === service && isAnsweredAtOnce(declared))
  const requests = Array.from({ length: members + abstraction.clients }, (_, process) =>
    rates.workload.requests(
      process,
      byzantine.includes(process),
      new SeededRandom(seed, `requests/${process}`)
    )
  )
    .flat()
    .filter((planned) => planned.kind === 'request')
    // What only stirs a liar of the simulator is no request of a member; and of a live one much cannot be asked for.
    .filter((planned) => offers(planned) && (!byzantine.includes(planned.process) || liarOffers(planned)))
    .sort((a, b) => a.at - b.at)
  // Where members may stop, one does: what is promised then is what the stack is for.
  const stops =
    stack.model.crashes === 'stop' && faulty > 0 ? 1 + new SeededRandom(seed, 'stops').below(faulty) : 0
  return { requests, stops }
}

/** What another draw asks for, but for what comes when all else is over; numbered on, so that nothing comes twice. */
export function drawAgain(plan: ClusterPlan, round: number, before: readonly Request[]): readonly Request[] {
  const last = new Map<number, number>()
  for (const { process, number } of before) last.set(process, Math.max(last.get(process) ?? 0, number))
  return drawWorkload({ ...plan, seed: plan.seed + round })
    .requests.filter(({ at }) => at <= ASKED_MS * MS)
    .map((request) => ({ ...request, number: (last.get(request.process) ?? 0) + request.number }))
}
