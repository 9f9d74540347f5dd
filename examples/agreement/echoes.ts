/**
 * Step 1: everybody proposes, everybody echoes what it hears first, and a majority of equal echoes decides.
 *
 *     npx byzkit simulate examples/agreement/echoes.ts --members 5
 *
 * It is broken twice. Of five members a liar may echo both values, and each has a majority with it. And where the echoes
 * are split, nobody decides anything.
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

const messages = defineMessages({ PROPOSAL: [0, { value: uint() }], ECHO: [1, { value: uint() }] })

class Echoes extends Component implements OneValue {
  readonly #port: Port<MessageOf<typeof messages>>
  readonly #echoes = new Votes()
  #hasEchoed = false
  #decided: number | undefined
  #returned: Returned | undefined

  constructor(env: Environment, ports: Ports) {
    super(env, 'echoes', {})
    this.#port = ports.open('echoes', messages, {
      deliver: (from, { type, value }) => {
        if (type === 'PROPOSAL') this.#echo(value)
        else if (this.#echoes.add(from, value) > env.group.n / 2) this.#decide(value)
      },
      resync: () => {}
    })
  }

  propose(value: number, returned: Returned) {
    this.request('propose', [value], () => {
      this.#returned = returned
      this.#port.sendAll({ type: 'PROPOSAL', value })
      if (this.#decided !== undefined) returned(this.#decided)
    })
    return { abandon() {} }
  }

  state() {
    return { hasEchoed: this.#hasEchoed, decided: this.#decided ?? null }
  }

  #echo(value: number): void {
    if (this.#hasEchoed) return
    this.#hasEchoed = true
    this.#port.sendAll({ type: 'ECHO', value })
  }

  #decide(value: number): void {
    if (this.#decided !== undefined) return
    this.#decided = value
    this.#returned?.(value)
  }
}

export default step('echoes', 'agreement by a majority of echoes', (env, ports) => new Echoes(env, ports))
