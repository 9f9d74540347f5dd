/**
 * Step 4: as step 3, and who goes to a view tells its leader what it has echoed last; of a Byzantine quorum of these
 * reports the leader proposes what was echoed in the highest view.
 *
 *     npx byzkit simulate examples/agreement/reports.ts --byzantine 0
 *     npx byzkit simulate examples/agreement/reports.ts
 *
 * Among members that do not lie this is right: a quorum that decided and a quorum that reports share one of them. But a
 * liar reports what nobody has echoed, in a higher view than anybody; or it leads, and proposes what no report says.
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
  ECHO: [1, { view: uint(VIEWS_MAX), value: uint() }],
  /** `echoed`: one more than the view in which the speaker has echoed that value; 0: it has echoed none. */
  REPORT: [2, { view: uint(VIEWS_MAX), echoed: uint(VIEWS_MAX + 1), value: uint() }]
})
type Message = MessageOf<typeof messages>
type Report = Extract<Message, { type: 'REPORT' }>

class Reports extends Component implements OneValue {
  readonly #port: Port<Message>
  /** By view. */
  readonly #echoes = new Map<number, Votes>()
  /** Of the view that this member leads next, or leads. */
  readonly #reports = new Map<number, Map<number, Report>>()
  #view = 0
  #last: { readonly echoed: number; readonly value: number } = { echoed: 0, value: 0 }
  #own: number | undefined
  #decided: number | undefined
  #returned: Returned | undefined

  constructor(env: Environment, ports: Ports) {
    super(env, 'reports', {})
    this.#port = ports.open('reports', messages, {
      deliver: (from, message) => {
        if (message.type === 'PROPOSAL') this.#onProposal(from, message.view, message.value)
        else if (message.type === 'ECHO') this.#onEcho(from, message.view, message.value)
        else this.#onReport(from, message)
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
    return { view: this.#view, last: this.#last, decided: this.#decided ?? null }
  }

  #leads(member: number, view: number): boolean {
    return view % this.env.group.n === member
  }

  #enter(view: number): void {
    this.#view = view
    this.#port.send(view % this.env.group.n, { type: 'REPORT', view, ...this.#last })
    this.env.clock.setTimer(TIMEOUT_MS * 2 ** view, () => {
      if (this.#view === view && view < VIEWS_MAX) this.#enter(view + 1)
    })
  }

  #onReport(from: number, report: Report): void {
    const { view } = report
    const reports = this.#reports.get(view) ?? new Map<number, Report>()
    this.#reports.set(view, reports)
    if (!this.#leads(this.env.self, view) || this.#own === undefined || reports.has(from)) return
    reports.set(from, report)
    if (reports.size !== this.env.group.quorum.byzantine) return
    const highest = [...reports.values()].reduce((a, b) => (b.echoed > a.echoed ? b : a))
    this.#port.sendAll({ type: 'PROPOSAL', view, value: highest.echoed > 0 ? highest.value : this.#own })
  }

  #onProposal(from: number, view: number, value: number): void {
    // What it has reported must not change any more in a view before the one that it is in.
    if (!this.#leads(from, view) || view < this.#view || view > this.#view + 1) return
    if (view < this.#last.echoed) return
    this.#last = { echoed: view + 1, value }
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
  'reports',
  'agreement by views whose leaders ask',
  (env, ports) => new Reports(env, ports)
)
