/** A part of the page: its beginning, which puts the parts together and says what keys, buttons and pointer do. */
import type { PageData } from '../page-data.ts'
import type { makeArrows } from './arrows.ts'
import type { causalPast } from './causal-past.ts'
import type { makeDiagram } from './diagram.ts'
import type { makeDom } from './dom.ts'
import type { makeFilterForm } from './filter-form.ts'
import type { makeGlyphs } from './glyphs.ts'
import type { Action, makeKeys } from './keys.ts'
import type { makeOverview } from './overview.ts'
import type { makePanels } from './panels.ts'
import type { makeGeometry } from './scene.ts'
import type { makeStates } from './states.ts'
import type { makeTimeline, Spacing } from './timeline.ts'
import type { makeTooltip } from './tooltip.ts'
import type { makeValues } from './values.ts'
import type { makeView } from './view.ts'

export interface Parts {
  readonly makeDom: typeof makeDom
  readonly makeTimeline: typeof makeTimeline
  readonly causalPast: typeof causalPast
  readonly makeValues: typeof makeValues
  readonly makeStates: typeof makeStates
  readonly makeGeometry: typeof makeGeometry
  readonly makeGlyphs: typeof makeGlyphs
  readonly makeArrows: typeof makeArrows
  readonly makeDiagram: typeof makeDiagram
  readonly makeOverview: typeof makeOverview
  readonly makePanels: typeof makePanels
  readonly makeFilterForm: typeof makeFilterForm
  readonly makeTooltip: typeof makeTooltip
  readonly makeView: typeof makeView
  readonly makeKeys: typeof makeKeys
}

export function startPage(parts: Parts): void {
  const dom = parts.makeDom()
  const data: PageData = JSON.parse(document.getElementById('data')?.textContent ?? '')
  const timeline = parts.makeTimeline(data)
  const geometry = parts.makeGeometry(data)
  const glyphs = parts.makeGlyphs(dom)
  const values = parts.makeValues()
  const states = parts.makeStates(data, values)
  const arrows = parts.makeArrows(dom, data, geometry, timeline)
  const panels = parts.makePanels(dom, data, geometry, glyphs, values, states)

  const scroller = dom.find('scroller', HTMLElement)
  const strip = dom.find('overview', SVGElement)
  const status = dom.find('status', HTMLElement)
  const help = dom.find('help', HTMLDialogElement)
  const whose = dom.find('state-process', HTMLSelectElement)
  const spacingChoice = dom.find('spacing', HTMLSelectElement)
  const pastChoice = dom.find('past', HTMLInputElement)
  const foldChoice = dom.find('fold', HTMLInputElement)
  const more = dom.find('more', HTMLDetailsElement)
  const tooltip = parts.makeTooltip(dom, data, panels, dom.find('tooltip', HTMLElement))
  const filters = dom.find('filters', HTMLElement)
  const form = parts.makeFilterForm(dom, data, timeline, filters, () => view.relayout())
  const view = parts.makeView({
    dom,
    data,
    timeline,
    geometry,
    diagram: parts.makeDiagram(dom, data, geometry, timeline, arrows, glyphs),
    overview: parts.makeOverview(dom, data, geometry, timeline),
    pastOf: parts.causalPast,
    filter: () => ({ ...form.current(), foldSessions: foldChoice.checked }),
    clearFilter: () => {
      form.clear()
      foldChoice.checked = false
    },
    withPast: () => pastChoice.checked,
    onChange: tell
  })

  function tell(): void {
    const { selected, place, shown } = view
    const all = data.events.length
    const step = place === 0 ? `${shown} steps` : `step ${place} of ${shown}`
    dom.find('position', HTMLElement).textContent = shown === all ? step : `${step}, of ${all} in all`
    panels.event(dom.find('event', HTMLElement), selected)
    const own = data.events[selected]?.process ?? -1
    const process = whose.value === '' ? Math.max(0, own) : Number(whose.value)
    panels.state(dom.find('state', HTMLElement), process, selected)
  }

  function select(event: number, reveal = true): void {
    tooltip.hide()
    const filterGaveWay = view.select(event, reveal)
    const text = data.events[event]?.text ?? 'no step'
    if (filterGaveWay) status.textContent = `Everything is shown again. ${text}`
    // Whoever reads the list with a screen reader hears of the step from the list.
    else if (document.activeElement !== scroller) status.textContent = text
  }

  function move(by: 1 | -1, what: string, wanted?: (event: number) => boolean, steps?: number): void {
    tooltip.hide()
    if (!view.move(by, wanted, steps))
      status.textContent = `No ${what} ${by > 0 ? 'after' : 'before'} this one.`
    else if (document.activeElement !== scroller) status.textContent = data.events[view.selected]?.text ?? ''
  }

  const atApplication = new Set([
    'invoke',
    'resume',
    'return',
    'indicate',
    'crash',
    'restart',
    'stop',
    'fault'
  ])
  const isViolation = (event: number) => geometry.violated.has(event)
  const isMark = (event: number) => isViolation(event) || atApplication.has(data.events[event]?.kind ?? '')
  const toMark = (by: 1 | -1) => move(by, 'event of the application', isMark)
  const toViolation = (by: 1 | -1) => move(by, 'violation', isViolation)

  function setSpacing(to: Spacing): void {
    spacingChoice.value = to
    view.space(to)
  }

  function changeTheme(): void {
    const root = document.documentElement
    const isDark = matchMedia('(prefers-color-scheme: dark)').matches
    const shown = root.getAttribute('data-theme') ?? (isDark ? 'dark' : 'light')
    root.setAttribute('data-theme', shown === 'dark' ? 'light' : 'dark')
  }

  /** Out of the innermost of what is open. */
  function leave(): void {
    if (help.open) help.close()
    else if (tooltip.hide()) return
    else if (document.activeElement !== scroller) scroller.focus()
    else select(-1)
  }

  function openFilters(): void {
    dom.find('filters-panel', HTMLDetailsElement).open = true
    form.focus()
  }

  const actions: readonly Action[] = [
    { keys: ['ArrowDown', 'ArrowRight', 'j'], button: 'next', text: 'next step', run: () => move(1, 'step') },
    {
      keys: ['ArrowUp', 'ArrowLeft', 'k'],
      button: 'previous',
      text: 'previous step',
      run: () => move(-1, 'step')
    },
    { keys: ['Home'], button: 'first', text: 'first step', run: () => select(view.first()) },
    { keys: ['End'], button: 'last', text: 'last step', run: () => select(view.last()) },
    { keys: ['PageDown'], text: 'a page further', run: () => move(1, 'step', undefined, view.page()) },
    { keys: ['PageUp'], text: 'a page back', run: () => move(-1, 'step', undefined, view.page()) },
    {
      keys: [']'],
      button: 'next-mark',
      text: 'next request or indication of the application, crash, fault or violation',
      run: () => toMark(1)
    },
    { keys: ['['], button: 'previous-mark', text: 'the one before', run: () => toMark(-1) },
    { keys: ['}'], button: 'next-violation', text: 'next violation', run: () => toViolation(1) },
    { keys: ['{'], button: 'previous-violation', text: 'previous violation', run: () => toViolation(-1) },
    {
      keys: ['+', '='],
      button: 'zoom-in',
      text: 'zoom in (also Ctrl and the wheel)',
      run: () => view.zoomBy(1)
    },
    { keys: ['-'], button: 'zoom-out', text: 'zoom out', run: () => view.zoomBy(-1) },
    {
      keys: ['s'],
      text: 'spacing: a row for each event, or virtual time',
      run: () => setSpacing(view.spacing === 'logical' ? 'time' : 'logical')
    },
    { keys: ['c'], text: 'set off the causal past of the step, or not', run: () => pastChoice.click() },
    { keys: ['x'], text: 'fold sessions, or not', run: () => foldChoice.click() },
    { keys: ['f', '/'], text: 'filter', run: openFilters },
    { keys: ['t'], button: 'theme', text: 'light or dark', run: changeTheme },
    {
      keys: ['?'],
      button: 'help-button',
      text: 'this help',
      run: () => (help.open ? help.close() : help.showModal())
    },
    { keys: ['Escape'], text: 'close; back to the diagram; no step', run: leave }
  ]

  function listen(): void {
    parts.makeKeys(dom, actions, help)
    scroller.addEventListener('scroll', () => {
      tooltip.hide()
      view.drawSoon()
    })
    window.addEventListener('resize', view.resized)
    scroller.addEventListener('wheel', onWheel, { passive: false })
    scroller.addEventListener('pointermove', ({ target, clientX, clientY }) =>
      tooltip.at(target, clientX, clientY)
    )
    scroller.addEventListener('pointerleave', tooltip.hide)
    scroller.addEventListener('click', onClick)
    strip.addEventListener('pointerdown', (event) => {
      strip.setPointerCapture(event.pointerId)
      onStrip(event)
    })
    strip.addEventListener('pointermove', (event) => {
      if (event.buttons === 1) onStrip(event)
    })
    spacingChoice.addEventListener('change', () =>
      setSpacing(spacingChoice.value === 'time' ? 'time' : 'logical')
    )
    pastChoice.addEventListener('change', () => select(view.selected, false))
    foldChoice.addEventListener('change', view.relayout)
    whose.addEventListener('change', tell)
    dom.find('help-close', HTMLButtonElement).addEventListener('click', () => help.close())
  }

  function onWheel(event: WheelEvent): void {
    if (!event.ctrlKey) return
    event.preventDefault()
    view.zoomBy(event.deltaY < 0 ? 1 : -1)
  }

  function onClick({ target }: Event): void {
    const element = target instanceof Element ? target.closest('[data-event],[data-message]') : null
    if (element === null) return
    const event = element.getAttribute('data-event')
    if (event !== null) {
      select(Number(event), false)
      return
    }
    // An arrow leads to its end, and from there to its beginning.
    const send = data.messages[Number(element.getAttribute('data-message'))]?.send ?? -1
    const end = Number(element.getAttribute('data-end') ?? -1)
    const toEnd = end >= 0 && (end !== view.selected || send < 0)
    select(toEnd ? end : send)
  }

  function onStrip({ clientY }: PointerEvent): void {
    const { top, height } = strip.getBoundingClientRect()
    if (height > 0) view.scrollToShare((clientY - top) / height)
  }

  function fillPage(): void {
    document.title = data.title
    dom.replace(dom.find('title', HTMLElement), dom.html('bdi', {}, data.title))
    const properties = new Set(data.violations.map(({ property }) => property))
    const verdict = dom.find('verdict', HTMLElement)
    verdict.textContent = properties.size > 0 ? `violated: ${[...properties].join(', ')}` : 'no violation'
    verdict.className = properties.size > 0 ? 'violated' : 'held'
    for (let id = 0; id < data.members; id++) whose.append(dom.html('option', { value: id }, `p${id}`))
    const violations = data.violations.map(({ event, property, detail }) => ({
      event,
      title: property,
      text: detail
    }))
    const sentences = data.explanation.map(({ event, sentence }) => ({ event, title: '', text: sentence }))
    panels.jumps(dom.find('violations', HTMLElement), violations, 'No property was violated.', select)
    panels.jumps(dom.find('explanation', HTMLElement), sentences, '', select)
    dom.find('explanation-panel', HTMLElement).hidden = sentences.length === 0
    panels.legend(dom.find('legend', HTMLElement))
  }

  /** In a narrow window what is not needed for every step is folded. */
  function foldTools(): void {
    const narrow = matchMedia('(max-width: 600px)')
    const fold = () => {
      more.open = !narrow.matches
    }
    narrow.addEventListener('change', fold)
    fold()
  }

  fillPage()
  listen()
  foldTools()
  view.relayout()
  // What went wrong is what somebody opens the page for.
  const [first] = data.violations
  if (first !== undefined) select(first.event)
}
