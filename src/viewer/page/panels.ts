/** A part of the page: what stands beside the drawing: the current event, states, violations, explanation, legend. */
import type { PageData } from '../page-data.ts'
import type { Dom } from './dom.ts'
import type { Glyphs } from './glyphs.ts'
import type { Geometry } from './scene.ts'
import type { StateLeaf, States } from './states.ts'
import type { Line, Values } from './values.ts'

export type Panels = ReturnType<typeof makePanels>

export function makePanels(
  dom: Dom,
  data: PageData,
  geometry: Geometry,
  glyphs: Glyphs,
  values: Values,
  states: States
) {
  /** All that is known of an event, decoded. */
  function linesOf(index: number): Line[] {
    const event = data.events[index]
    if (event === undefined) return []
    const lines: Line[] = [{ name: 'time', text: `${geometry.milliseconds(event.time)} ms` }]
    const own = event.kind === 'send' || event.kind === 'receive' ? [] : values.lines(event.contents ?? {})
    if (event.path) lines.push({ name: 'component', text: event.path })
    return [...lines, ...(event.contents === undefined ? [] : own), ...messageLines(event.message)]
  }

  function messageLines(place: number | undefined): Line[] {
    const message = data.messages[place ?? -1]
    if (message === undefined) return []
    const { from, to, type, send, ends, contents } = message
    const when = (event: number) => `${geometry.milliseconds(data.events[event]?.time ?? 0)} ms`
    const lines: Line[] = [{ name: 'message', text: `p${from} → p${to}${type === '' ? '' : `  ${type}`}` }]
    if (geometry.byzantine.has(from)) lines.push({ name: 'from', text: 'a Byzantine process' })
    if (send >= 0) lines.push({ name: 'sent', text: `at ${when(send)}` })
    for (const { event, how } of ends)
      lines.push({ name: how === 'duplicate' ? 'received again' : how, text: `at ${when(event)}` })
    if (ends.length === 0) lines.push({ name: 'received', text: 'not before the run ended' })
    return [
      ...lines,
      ...(contents === null ? [] : values.lines(contents)).filter(({ name }) => name !== 'type')
    ]
  }

  function table(lines: readonly Line[]): HTMLElement {
    const rows = lines.map(({ name, text }) =>
      dom.html(
        'tr',
        {},
        dom.html('th', { scope: 'row' }, dom.html('bdi', {}, name === '' ? 'value' : name)),
        dom.html('td', {}, dom.html('bdi', {}, text))
      )
    )
    return dom.html('table', {}, dom.html('tbody', {}, ...rows))
  }

  /** What was folded stays so from step to step. */
  const folded = new Set<string>()

  /** Values below each other under what has them. @param place - names the tree, and the branch of it */
  function tree(leaves: readonly StateLeaf[], depth: number, place: string): HTMLElement {
    const branches = new Map<string, StateLeaf[]>()
    for (const leaf of leaves) {
      const key = leaf.keys[depth] ?? 'value'
      const branch = branches.get(key) ?? []
      branches.set(key, branch)
      branch.push(leaf)
    }
    const items = [...branches].map(([key, branch]) => {
      const [leaf] = branch
      if (leaf === undefined || branch.length > 1 || leaf.keys.length > depth + 1)
        return dom.html('li', {}, branchOf(key, branch, depth, `${place}/${JSON.stringify(key)}`))
      return dom.html(
        'li',
        { class: leaf.change },
        dom.html('span', { class: 'name' }, dom.html('bdi', {}, key)),
        dom.html('span', { class: 'value' }, dom.html('bdi', {}, leaf.text)),
        ...changeText(leaf.change)
      )
    })
    return dom.html('ul', {}, ...items)
  }

  function branchOf(key: string, leaves: readonly StateLeaf[], depth: number, place: string): HTMLElement {
    const details = dom.html(
      'details',
      {},
      dom.html('summary', {}, dom.html('bdi', {}, key)),
      tree(leaves, depth + 1, place)
    )
    details.toggleAttribute('open', !folded.has(place))
    details.addEventListener('toggle', () => {
      if (details.hasAttribute('open')) folded.delete(place)
      else folded.add(place)
    })
    return details
  }

  /** Not by colour alone. */
  function changeText(change: string | undefined): Node[] {
    if (change !== 'new' && change !== 'gone') return []
    return [dom.html('span', { class: 'change' }, change === 'new' ? ' changed' : ' gone')]
  }

  /** The contents of an event or (given its place) of a message, for the panel and for what hovers. */
  function contents(title: string, lines: readonly Line[]): Node[] {
    return [dom.html('p', { class: 'headline' }, dom.html('bdi', {}, title)), table(lines)]
  }

  function event(into: Element, index: number): void {
    const found = data.events[index]
    if (found === undefined) {
      dom.replace(into, dom.html('p', { class: 'hint' }, 'No event is chosen: step with ↓, or click one.'))
      return
    }
    const marks = (geometry.violated.get(index) ?? []).map((property) =>
      dom.html('p', { class: 'violation' }, `${property} violated here`)
    )
    dom.replace(into, ...marks, ...contents(found.text, linesOf(index)))
  }

  function state(into: Element, process: number, step: number): void {
    const components = states.after(process, step)
    const none = states.any ? `p${process} has told no state yet.` : 'This trace has no states.'
    const parts = components.map(({ path, since, leaves }) =>
      dom.html(
        'section',
        { class: since === step ? 'component fresh' : 'component' },
        dom.html('h3', {}, path, dom.html('span', { class: 'since' }, sinceText(since, step))),
        tree(leaves, 0, `${process}/${path}`)
      )
    )
    dom.replace(into, ...(parts.length > 0 ? parts : [dom.html('p', { class: 'hint' }, none)]))
  }

  function sinceText(since: number, step: number): string {
    if (since === step) return ' changed in this step'
    if (since < 0) return ' since the start'
    return ` since ${geometry.milliseconds(data.events[since]?.time ?? 0)} ms`
  }

  /** A list whose entries lead to events. */
  function jumps(
    into: Element,
    entries: readonly { readonly event: number; readonly title: string; readonly text: string }[],
    none: string,
    go: (event: number) => void
  ): void {
    const items = entries.map(({ event: target, title, text }) => {
      const button = dom.html('button', { type: 'button', 'data-jump': target })
      if (title !== '') button.append(dom.html('strong', {}, title), ' ')
      button.append(dom.html('bdi', {}, text))
      button.addEventListener('click', () => go(target))
      return dom.html('li', {}, button)
    })
    dom.replace(into, ...(items.length > 0 ? items : [dom.html('li', { class: 'hint' }, none)]))
  }

  function legend(into: Element): void {
    const sample = (...children: SVGElement[]) =>
      dom.svg(
        'svg',
        { class: 'sample', width: 44, height: 20, viewBox: '0 0 44 20', 'aria-hidden': 'true' },
        ...children
      )
    const line = (classes: string, head: string) => {
      const under = classes.includes('byzantine') ? ['outline', 'core'] : []
      const outline = under.map((name) => dom.svg('path', { class: name, d: 'M3,10H33' }))
      const path = dom.svg('path', { class: 'line', d: 'M3,10H33' })
      return sample(
        dom.svg(
          'g',
          { class: `arrow ${classes}` },
          ...outline,
          path,
          dom.svg('path', { class: 'head', d: head })
        )
      )
    }
    const arrow = 'M40,10L31,6V14Z'
    const entry = (picture: Element, text: string) => dom.html('li', {}, picture, dom.html('bdi', {}, text))
    const mark = (kind: string) =>
      sample(dom.svg('g', { class: `row kind-${kind}`, transform: 'translate(22,10)' }, glyphs.glyph(kind)))
    const kinds = new Set(
      data.events.map((event) => (event.kind === 'receive' ? 'send' : glyphs.markOf(event)))
    )
    const byzantine = data.byzantine.length > 0
    dom.replace(
      into,
      ...data.colours.map(({ type, colour }) =>
        entry(line(`received type-${colour}`, arrow), type === '' ? '(a message without a type)' : type)
      ),
      ...(byzantine ? [entry(line('received byzantine type-5', arrow), 'sent by a Byzantine process')] : []),
      entry(line('duplicate type-5', arrow), 'received again'),
      entry(line('lost type-5', 'M31,5L41,15M41,5L31,15'), 'lost'),
      entry(line('pending type-5', 'M34,10a3,3 0 1,0 6,0a3,3 0 1,0 -6,0'), 'not received when the run ended'),
      ...Object.entries(glyphs.names).flatMap(([kind, text]) =>
        kinds.has(kind) ? [entry(mark(kind), text)] : []
      )
    )
  }

  return { linesOf, messageLines, contents, event, state, jumps, legend }
}
