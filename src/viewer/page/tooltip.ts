/** A part of the page: what hovers beside the pointer, with the contents of what it points at. */
import type { PageData } from '../page-data.ts'
import type { Dom } from './dom.ts'
import type { Panels } from './panels.ts'

export function makeTooltip(dom: Dom, data: PageData, panels: Panels, box: HTMLElement) {
  const OFFSET = 14
  const MARGIN = 8
  let shown = ''

  function at(target: EventTarget | null, x: number, y: number): void {
    const element = target instanceof Element ? target.closest('[data-event],[data-message]') : null
    if (element === null) {
      hide()
      return
    }
    const event = element.getAttribute('data-event')
    const message = element.getAttribute('data-message')
    const what = `${event}/${message}`
    if (what !== shown) {
      shown = what
      if (event !== null) {
        const index = Number(event)
        dom.replace(box, ...panels.contents(data.events[index]?.text ?? '', panels.linesOf(index)))
      } else {
        const [title, ...lines] = panels.messageLines(Number(message))
        dom.replace(box, ...panels.contents(title?.text ?? '', lines))
      }
      box.hidden = false
    }
    place(x, y)
  }

  function place(x: number, y: number): void {
    const { offsetWidth, offsetHeight } = box
    const left = x + OFFSET + offsetWidth > window.innerWidth - MARGIN ? x - OFFSET - offsetWidth : x + OFFSET
    const top =
      y + OFFSET + offsetHeight > window.innerHeight - MARGIN ? y - OFFSET - offsetHeight : y + OFFSET
    box.style.left = `${Math.max(MARGIN, left)}px`
    box.style.top = `${Math.max(MARGIN, top)}px`
  }

  function hide(): boolean {
    if (shown === '') return false
    shown = ''
    box.hidden = true
    return true
  }

  return { at, hide }
}
