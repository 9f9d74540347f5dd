/**
 * Step 3: as step 2, and whoever has waited for too long goes to the next view, which has another leader.
 *
 *     npx byzkit simulate examples/agreement/views.ts
 *
 * Now everybody decides in the end, and not the same: one member hears a quorum in view 0; the others do not, and the
 * leader of view 1 proposes what it likes. No liar is needed for that: `--byzantine 0` finds it as well.
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

/** Of view 0; it doubles with each view, so that members come to be in one view for long enough. */
const TIMEOUT_MS = 300
const VIEWS_MAX = 30

const messages = defineMessages({
  PROPOSAL: [0, { view: uint(VIEWS_MAX), value: uint() }],
  ECHO: [1, { view: uint(VIEWS_MAX), value: uint() }]
})

class Views extends Component implements OneValue {
  readonly #port: Port<MessageOf<typeof messages>>
  /** By view. */
  readonly #echoes = new Map<number, Votes>()
  #view = 0
  /** The last view in which this member has echoed. */
  #echoed = -1
  #own: number | undefined
  #decided: number | undefined
  #returned: Returned | undefined

  constructor(env: Environment, ports: Ports) {
    super(env, 'views', {})
    this.#port = ports.open('views', messages, {
      deliver: (from, { type, view, value }) => {
        if (type === 'PROPOSAL') this.#onProposal(from, view, value)
        else this.#onEcho(from, view, value)
      },
      resync: () => {}
    })
  }

  propose(value: number, returned: Returned) {
    this.request('propose', [value], () => {
      this.#own = value
      this.#returned = returned
      if (this.#decided !== undefined) returned(this.#decided)
      else this.#enter(this.#view)
    })
    return { abandon() {} }
  }

  state() {
    return { view: this.#view, echoed: this.#echoed, decided: this.#decided ?? null }
  }

  #enter(view: number): void {
    this.#view = view
    if (view % this.env.group.n === this.env.self && this.#own !== undefined)
      this.#port.sendAll({ type: 'PROPOSAL', view, value: this.#own })
    this.env.clock.setTimer(TIMEOUT_MS * 2 ** view, () => {
      if (this.#view === view && this.#decided === undefined && view < VIEWS_MAX) this.#enter(view + 1)
    })
  }

  #onProposal(from: number, view: number, value: number): void {
    if (view % this.env.group.n !== from || view < this.#view || view <= this.#echoed) return
    this.#echoed = view
    this.#port.sendAll({ type: 'ECHO', view, value })
    if (view > this.#view) this.#enter(view)
  }

  #onEcho(from: number, view: number, value: number): void {
    const echoes = this.#echoes.get(view) ?? new Votes()
    this.#echoes.set(view, echoes)
    if (echoes.add(from, value) < this.env.group.quorum.byzantine || this.#decided !== undefined) return
    this.#decided = value
    this.#returned?.(value)
  }
}

export default step(
  'views',
  'agreement by views that know nothing of each other',
  (env, ports) => new Views(env, ports)
)
