/**
 * The metrics of a member, or of a client, in those of its libp2p node. libp2p's metrics have one label at most: here
 * it is all of them, its name and its value, joined. A name is registered once with each `Metrics`, whichever processes
 * have it.
 *
 * A member is shown in the metrics of every node of the program, as long as there is a member that has them: what
 * exposes them may well be common to all nodes, and forget what was registered with an earlier node when a later one
 * comes (`@libp2p/prometheus-metrics` does, unless it is told to preserve what there is).
 */
import type { CounterGroup, MetricGroup, Metrics } from '@libp2p/interface'
import type { MetricSet } from './metrics.ts'

/** How often what is shown is brought up to date, in milliseconds. */
const METRICS_INTERVAL_MS = 1000

/** By its declaration. */
type Registered = ReadonlyMap<object, CounterGroup | MetricGroup>

/** By the set that they are of. */
const registered = new WeakMap<Metrics, Map<object, Registered>>()

/** Of each member that runs. */
const running = new Map<object, Registered>()

export class PublishedMetrics<M> {
  readonly #member: M
  readonly #set: MetricSet<M>
  readonly #own: Registered
  /** What a counter was told of this member, by the value of its label. */
  readonly #counted = new WeakMap<object, Map<string, number>>()
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(metrics: Metrics, member: M, set: MetricSet<M>) {
    this.#member = member
    this.#set = set
    const sets = registered.get(metrics) ?? new Map<object, Registered>()
    registered.set(metrics, sets)
    this.#own = sets.get(set) ?? register(metrics, set)
    sets.set(set, this.#own)
  }

  /** The member runs. */
  begin(): void {
    running.set(this, this.#own)
    this.#timer ??= setInterval(() => this.#update(), METRICS_INTERVAL_MS).unref()
  }

  /** It does not, which is the last that is shown of it. */
  end(): void {
    if (!running.has(this)) return
    this.#update()
    clearInterval(this.#timer)
    this.#timer = undefined
    running.delete(this)
  }

  #update(): void {
    const { metrics, labelsOf, momentOf } = this.#set
    const member = momentOf(this.#member)
    const process = labelsOf(member)
    for (const metric of metrics) {
      const samples = metric.samples(member)
      const values = new Map(samples.map(([own, value]) => [[...process, ...own].join('/'), value]))
      // Two nodes may well have the same one.
      const shown = new Set([...running.values()].map((groups) => groups.get(metric)))
      for (const group of shown) {
        if (group === undefined) continue
        if (metric.type === 'counter') group.increment(this.#grown(group, values))
        else if ('update' in group) group.update(Object.fromEntries(values))
      }
    }
  }

  /** By how much each value is more than that counter was told. */
  #grown(counter: object, values: ReadonlyMap<string, number>): { [label: string]: number } {
    const before = this.#counted.get(counter) ?? new Map<string, number>()
    this.#counted.set(counter, before)
    const grown: { [label: string]: number } = {}
    for (const [label, value] of values) {
      const last = before.get(label) ?? 0
      // A start begins at 0 again.
      grown[label] = value < last ? value : value - last
      before.set(label, value)
    }
    return grown
  }
}

function register<M>(metrics: Metrics, set: MetricSet<M>): Registered {
  return new Map(
    set.metrics.map((metric) => {
      const { name, help, type, labels } = metric
      const options = { help, label: [...set.labels, ...labels].join('_') }
      const group =
        type === 'counter'
          ? metrics.registerCounterGroup(name, options)
          : metrics.registerMetricGroup(name, options)
      return [metric, group] as const
    })
  )
}
