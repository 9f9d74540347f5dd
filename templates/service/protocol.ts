/**
 * A service of your own: this one is a counter that member 0 keeps, and all members count with.
 *
 * Members may stop for good, and do not lie; links are perfect. What member 0 has not answered when it stops has no
 * answer.
 */
import {
  Component,
  defineMessages,
  defineService,
  type Environment,
  failSilent,
  type MessageOf,
  moreThanTwoF,
  type Port,
  type Ports,
  uint
} from 'byzkit/protocols'
import { type History, serviceProtocol, type Violation } from 'byzkit/testing'

export const counterService = defineService({
  name: 'counter',
  requests: {
    /** Returns how many increments there have been, with this one. */
    increment: { arguments: {}, result: uint() }
  },
  indications: {}
})

const messages = defineMessages({ INCREMENT: [0, {}], COUNT: [1, { count: uint() }] })

type Returned = (count: number) => void

export class Counter extends Component {
  readonly #port: Port<MessageOf<typeof messages>>
  #count = 0
  /** Whose increments are under way; links keep the order, so the first answer is to the first. */
  readonly #waiting: Returned[] = []

  constructor(env: Environment, ports: Ports) {
    super(env, 'my-service', {})
    this.#port = ports.open('my-service', messages, {
      deliver: (from, message) => {
        if (message.type === 'COUNT') this.#waiting.shift()?.(message.count)
        else if (env.self === 0) this.#port.send(from, { type: 'COUNT', count: ++this.#count })
      },
      resync: () => {} // the links are perfect: nothing is lost, so nothing is sent again
    })
  }

  increment(returned: Returned) {
    this.request('increment', [], () => {
      this.#waiting.push(returned)
      this.#port.send(0, { type: 'INCREMENT' })
    })
    return { abandon() {} }
  }

  override state() {
    return { count: this.#count, waiting: this.#waiting.length }
  }
}

/** No two increments return the same count. */
function distinct({ events }: History): Violation[] {
  const seen = new Set<unknown>()
  return events.flatMap((event, at) => {
    if (event.kind !== 'return') return []
    const isNew = !seen.has(event.result)
    seen.add(event.result)
    return isNew ? [] : [{ property: 'distinct', detail: `${event.result} was returned twice`, at }]
  })
}

export default serviceProtocol({
  name: 'my-service',
  title: 'a service of my own',
  service: counterService,
  model: failSilent,
  resilience: moreThanTwoF,
  properties: ['accuracy'],
  checks: { distinct },
  // What the application of one process asks for in a run; when is drawn.
  asks: (_process, draw) => Array.from({ length: draw.below(8) }, () => ({ name: 'increment' })),
  create: (env, ports) => new Counter(env, ports)
})
