/** A part of the page: what each key does, and the list of them. */
import type { Dom } from './dom.ts'

export interface Action {
  readonly keys: readonly string[]
  /** The id of the button that does the same, if there is one. */
  readonly button?: string
  readonly text: string
  run(): void
}

export function makeKeys(dom: Dom, actions: readonly Action[], help: HTMLDialogElement) {
  const byKey = new Map(actions.flatMap((action) => action.keys.map((key) => [key, action] as const)))
  const names: { readonly [key: string]: string } = {
    ArrowDown: '↓',
    ArrowUp: '↑',
    ArrowLeft: '←',
    ArrowRight: '→',
    PageDown: 'Page Down',
    PageUp: 'Page Up',
    Escape: 'Esc'
  }

  function onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (help.open && event.key !== 'Escape' && event.key !== '?') return
    if (isTyping(event)) return
    const action = byKey.get(event.key)
    if (action === undefined) return
    event.preventDefault()
    action.run()
  }

  /** Keys belong to the field that has them. */
  function isTyping({ target, key }: KeyboardEvent): boolean {
    if (!(target instanceof Element)) return false
    const name = target.tagName.toLowerCase()
    if (name === 'select' || name === 'textarea') return key !== 'Escape'
    if (name !== 'input' || key === 'Escape') return false
    const type = target.getAttribute('type')
    return type !== 'checkbox'
  }

  function list(into: Element): void {
    const rows = actions.map(({ keys, text }) => {
      const shown = keys.flatMap((key, index) => [
        ...(index === 0 ? [] : [' ']),
        dom.html('kbd', {}, names[key] ?? key)
      ])
      return dom.html('tr', {}, dom.html('th', { scope: 'row' }, ...shown), dom.html('td', {}, text))
    })
    dom.replace(into, ...rows)
  }

  document.addEventListener('keydown', onKey)
  for (const { button, run } of actions)
    if (button !== undefined) dom.find(button, HTMLButtonElement).addEventListener('click', run)
  list(dom.find('help-keys', HTMLElement))
}
