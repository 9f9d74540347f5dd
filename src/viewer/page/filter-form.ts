/** A part of the page: the form that says what is not shown. */
import type { PageData } from '../page-data.ts'
import type { Dom } from './dom.ts'
import type { Filter, Timeline } from './timeline.ts'

export function makeFilterForm(
  dom: Dom,
  data: PageData,
  timeline: Timeline,
  form: HTMLElement,
  onChange: (filter: Filter) => void
) {
  /** A browser offers no more than these with ease; others can still be typed. */
  const OFFERED_MAX = 1_000

  const processes = new Set<number>()
  const paths = new Set<string>()
  const groups = new Set<string>()
  const boxes: HTMLInputElement[] = []
  const input = dom.html('input', {
    id: 'filter-instance',
    list: 'instances',
    placeholder: 'all',
    autocomplete: 'off',
    'aria-describedby': 'instance-hint'
  })
  const hint = dom.html('p', { id: 'instance-hint', class: 'hint' }, hintText())
  let instance = ''

  function current(): Filter {
    return { processes: new Set(processes), paths: new Set(paths), groups: new Set(groups), instance }
  }

  function hintText(): string {
    return data.instances.length > 0
      ? `sender/sequence, as ${data.instances[0]}; empty for all`
      : 'no event names a broadcast'
  }

  function fieldset<T>(
    title: string,
    hidden: Set<T>,
    entries: readonly (readonly [T, string])[]
  ): HTMLElement {
    const labels = entries.map(([value, text]) => {
      const box = dom.html('input', { type: 'checkbox' })
      box.checked = true
      box.addEventListener('change', () => {
        if (box.checked) hidden.delete(value)
        else hidden.add(value)
        onChange(current())
      })
      boxes.push(box)
      return dom.html('label', {}, box, dom.html('bdi', {}, text))
    })
    return dom.html('fieldset', {}, dom.html('legend', {}, title), ...labels)
  }

  function onInstance(): void {
    const text = input.value.trim()
    const known = text === '' || data.instances.includes(text)
    hint.textContent = known ? hintText() : 'there is no such broadcast in this run'
    input.setAttribute('aria-invalid', String(!known))
    if (!known || text === instance) return
    instance = text
    onChange(current())
  }

  function build(): void {
    const present = new Set(data.events.map(({ kind }) => kind))
    const groupsHere = timeline.groups.filter(([, kinds]) => kinds.some((kind) => present.has(kind)))
    const members = Array.from({ length: data.members }, (_, id) => id)
    const name = (id: number) => (data.byzantine.includes(id) ? `p${id} Byzantine` : `p${id}`)
    const options = data.instances.slice(0, OFFERED_MAX).map((value) => dom.html('option', { value }))
    const everything = dom.html('button', { type: 'button', id: 'filter-clear' }, 'Show everything')
    everything.addEventListener('click', () => {
      clear()
      onChange(current())
    })
    input.addEventListener('input', onInstance)
    dom.replace(
      form,
      dom.html('label', { class: 'instance' }, 'Broadcast ', input),
      hint,
      dom.html('datalist', { id: 'instances' }, ...options),
      fieldset(
        'Events',
        groups,
        groupsHere.map(([group]) => [group, group] as const)
      ),
      fieldset(
        'Processes',
        processes,
        members.map((id) => [id, name(id)] as const)
      ),
      fieldset(
        'Components',
        paths,
        data.paths.map((path) => [path, path === '' ? '(none)' : path] as const)
      ),
      everything
    )
  }

  function clear(): void {
    for (const hidden of [processes, paths, groups]) hidden.clear()
    for (const box of boxes) box.checked = true
    input.value = ''
    instance = ''
    hint.textContent = hintText()
    input.removeAttribute('aria-invalid')
  }

  build()
  return { current, clear, focus: () => input.focus() }
}
