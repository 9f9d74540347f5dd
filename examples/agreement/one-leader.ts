/**
 * Step 2: member 0 proposes, everybody echoes that, and a Byzantine quorum of equal echoes decides.
 *
 *     npx byzkit simulate examples/agreement/one-leader.ts
 *
 * Two quorums share a correct member, which echoes once: nobody decides differently. But if the leader lies or is
 * silent, nobody decides.
 */
import {
  Component,
  defineMessages,
  type Environment,
  type MessageOf,
  type Port,
  type Ports,
  uint
} from 'byzkit/protocols'
import { type OneValue, type Returned, step, Votes } from './one-value.ts'

const LEADER = 0

const messages = defineMessages({ PROPOSAL: [0, { value: uint() }], ECHO: [1, { value: uint() }] })

class OneLeader extends Component implements OneValue {
  readonly #port: Port<MessageOf<typeof messages>>
  readonly #echoes = new Votes()
  #hasEchoed = false
  #decided: number | undefined
  #returned: Returned | undefined

  constructor(env: Environment, ports: Ports) {
    super(env, 'one-leader', {})
    this.#port = ports.open('one-leader', messages, {
      deliver: (from, { type, value }) => {
        if (type === 'ECHO') {
          if (this.#echoes.add(from, value) >= env.group.quorum.byzantine) this.#decide(value)
        } else if (from === LEADER && !this.#hasEchoed) {
          this.#hasEchoed = true
          this.#port.sendAll({ type: 'ECHO', value })
        }
      },
      resync: () => {}
    })
  }

  propose(value: number, returned: Returned) {
    this.request('propose', [value], () => {
      this.#returned = returned
      if (this.env.self === LEADER) this.#port.sendAll({ type: 'PROPOSAL', value })
      if (this.#decided !== undefined) returned(this.#decided)
    })
    return { abandon() {} }
  }

  state() {
    return { hasEchoed: this.#hasEchoed, decided: this.#decided ?? null }
  }

  #decide(value: number): void {
    if (this.#decided !== undefined) return
    this.#decided = value
    this.#returned?.(value)
  }
}

export default step(
  'one-leader',
  'agreement on what one leader proposes',
  (env, ports) => new OneLeader(env, ports)
)
