/**
 * The script of the page of a history. It is written as a function, so that it is checked like all else, and is put
 * into the page as its text: it may use nothing from outside itself. Data enters the document as text only.
 */
import type { HistoryPageData } from './history-page-data.ts'

function show(): void {
  const LANE_PX = 30
  const POSITIONS_MIN = 8
  /** More bars than this at once make a page slow. */
  const BARS_MAX = 6000
  const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement
  const { lanes, bars, key }: HistoryPageData = JSON.parse(element('data').textContent ?? '')
  const keys = element('keys') as HTMLSelectElement
  const end = bars.reduce((last, { invoked, returned }) => Math.max(last, returned ?? invoked), 0) + 1
  const start = bars[0]?.invoked ?? 0
  const view = { from: start, to: end }

  const chosen = () =>
    keys.value === '' ? bars : bars.filter((bar) => JSON.stringify(bar.key) === keys.value)

  function showAround(): void {
    const marked = bars.filter(({ mark }) => mark === 2)
    if (marked.length === 0) {
      view.from = start
      view.to = Math.min(end, start + 80)
      return
    }
    const first = Math.min(...marked.map(({ invoked }) => invoked))
    const last = Math.max(...marked.map(({ invoked, returned }) => returned ?? invoked))
    const margin = Math.max(6, Math.round((last - first) / 4))
    view.from = first - margin
    view.to = last + margin
  }

  function move(parts: number): void {
    const by = Math.max(1, Math.round((view.to - view.from) * Math.abs(parts))) * Math.sign(parts)
    view.from += by
    view.to += by
  }

  function zoom(factor: number): void {
    const middle = (view.from + view.to) / 2
    const half = Math.max(POSITIONS_MIN, (view.to - view.from) * factor) / 2
    view.from = Math.round(middle - half)
    view.to = Math.round(middle + half)
  }

  function barElement(bar: HistoryPageData['bars'][number], width: number): HTMLElement {
    const left = Math.max(view.from, bar.invoked)
    const right = Math.min(view.to, bar.returned ?? view.to)
    const button = document.createElement('button')
    button.className = `bar ${bar.outcome}${bar.mark === 2 ? ' wrong' : bar.mark === 1 ? ' story' : ''}`
    button.style.left = `${(left - view.from) * width}%`
    button.style.width = `${Math.max(0.3, (right - left) * width)}%`
    button.style.top = `${bar.lane * LANE_PX}px`
    button.textContent = bar.label
    button.setAttribute('aria-label', `${lanes[bar.lane]}: ${bar.label}`)
    const tell = () => {
      element('details').textContent = bar.details.join('\n')
    }
    button.addEventListener('focus', tell)
    button.addEventListener('mouseenter', tell)
    return button
  }

  function line(className: string, text = ''): HTMLElement {
    const div = document.createElement('div')
    div.className = className
    div.textContent = text
    return div
  }

  function draw(): void {
    const span = Math.min(view.to - view.from, Math.max(POSITIONS_MIN, end - start))
    view.from = Math.max(start, Math.min(view.from, end - span))
    view.to = view.from + span
    const width = 100 / span
    const plot = element('plot')
    plot.style.height = `${lanes.length * LANE_PX}px`
    const visible = chosen().filter((bar) => bar.invoked <= view.to && (bar.returned ?? end) >= view.from)
    // What contradicts itself is drawn whatever else there is no room for.
    const few =
      visible.length <= BARS_MAX ? visible : visible.filter((bar, i) => bar.mark > 0 || i < BARS_MAX)
    const ticks = Array.from({ length: 9 }, (_, i) => {
      const tick = line('tick', String(Math.round(view.from + (span * i) / 8)))
      tick.style.left = `${(100 * i) / 8}%`
      return tick
    })
    const rules = lanes.map((_, lane) => {
      const rule = line('lane')
      rule.style.top = `${lane * LANE_PX + 12}px`
      return rule
    })
    plot.replaceChildren(...rules, ...ticks, ...few.map((bar) => barElement(bar, width)))
    const hidden = visible.length - few.length
    element('range').textContent =
      `lines ${Math.round(view.from)} to ${Math.round(view.to)}: ${visible.length} operations${hidden > 0 ? `, ${hidden} of them not drawn: come closer` : ''}`
  }

  const actions: { readonly [id: string]: () => void } = {
    violation: showAround,
    earlier: () => move(-0.5),
    later: () => move(0.5),
    closer: () => zoom(0.5),
    wider: () => zoom(2),
    all: () => {
      view.from = start
      view.to = end
    }
  }
  const shortcuts: { readonly [key: string]: string } = {
    v: 'violation',
    ArrowLeft: 'earlier',
    ArrowRight: 'later',
    '+': 'closer',
    '-': 'wider',
    '0': 'all'
  }
  const perform = (id: string) => {
    actions[id]?.()
    draw()
  }
  for (const id of Object.keys(actions)) element(id).addEventListener('click', () => perform(id))
  document.addEventListener('keydown', (event) => {
    const id = shortcuts[event.key]
    if (id === undefined || event.target === keys || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    perform(id)
  })
  keys.addEventListener('change', draw)

  const names = [...new Set(bars.map((bar) => bar.key))]
  const all = document.createElement('option')
  all.value = ''
  all.textContent = 'all'
  const options = names.map((name) => {
    const option = document.createElement('option')
    option.value = JSON.stringify(name)
    option.textContent = name === '' ? '(none)' : name
    return option
  })
  keys.replaceChildren(all, ...options)
  const wrong = bars.some(({ mark }) => mark > 0)
  keys.value = wrong && names.includes(key) ? JSON.stringify(key) : ''
  element('lanes').replaceChildren(...lanes.map((name) => line('', name)))
  showAround()
  draw()
}

export const historyPageScript = `(${show.toString()})()`
