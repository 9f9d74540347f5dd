/** A page in a DOM without layout: its script runs, and nothing is painted. */
import { type Element, type HTMLElement, Window } from 'happy-dom'
import type { DrawnRun } from '../../src/viewer/drawn-run.ts'
import { runPage } from '../../src/viewer/page.ts'

export type Page = ReturnType<typeof openPage>

/** @param at - where it opens: as for anybody, at what went wrong, or at no step, as a run does in which all held */
export function openPage(run: DrawnRun, at: 'violation' | 'no step' = 'no step') {
  const window = new Window({
    settings: { enableJavaScriptEvaluation: true, suppressInsecureJavaScriptEnvironmentWarning: true },
    width: 1400,
    height: 900
  })
  const { document } = window
  const errors: string[] = []
  window.addEventListener('error', (event) => errors.push(String(event)))
  const alerts: unknown[] = []
  Object.assign(window, { alert: (text: unknown) => alerts.push(text) })
  document.write(runPage(run))

  /** As the class that the test knows it to be of. */
  const byId = <E extends Element = HTMLElement>(id: string): E => {
    const element = document.getElementById(id)
    if (element === null) throw new Error(`the page has no ${id}`)
    return element as unknown as E
  }
  const all = (selector: string) => [...document.querySelectorAll(selector)]
  const scroller = byId('scroller')
  if (at === 'no step') {
    scroller.focus()
    scroller.dispatchEvent(new window.KeyboardEvent('keydown', { key: 'Escape', bubbles: true }) as never)
    scroller.blur()
    scroller.scrollTop = 0
  }
  return {
    window,
    document,
    errors,
    alerts,
    byId,
    all,
    text: (id: string) => byId(id).textContent ?? '',
    press: (key: string, target: { dispatchEvent(event: never): unknown } = document.body) => {
      target.dispatchEvent(
        new window.KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }) as never
      )
    },
    /** The text of the row of the current step; undefined if none is drawn as such. */
    current: () => document.querySelector('.row.selected .text')?.textContent,
    rows: () => all('#drawing .row .text').map(({ textContent }) => textContent ?? ''),
    event: (name: string, target: { dispatchEvent(event: never): unknown }) => {
      target.dispatchEvent(new window.Event(name, { bubbles: true }) as never)
    },
    pointerAt: (target: { dispatchEvent(event: never): unknown }) => {
      target.dispatchEvent(
        new window.PointerEvent('pointermove', { bubbles: true, clientX: 40, clientY: 40 }) as never
      )
    }
  }
}
