/** A part of the page: the mark of each kind of event, told apart by shape and not by colour alone. */
import type { PageEvent } from '../page-data.ts'
import type { Dom } from './dom.ts'

export type Glyphs = ReturnType<typeof makeGlyphs>

export function makeGlyphs(dom: Dom) {
  /** Around the origin; what is at the interface of the application is larger. */
  const shapes: { readonly [kind: string]: string } = {
    send: 'M-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0',
    receive: 'M-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0',
    lost: 'M-5,-5L5,5M5,-5L-5,5',
    request: 'M-4,-4H4L0,4Z',
    indication: 'M-4,4H4L0,-4Z',
    timer: 'M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0M0,-3V0H3',
    session: 'M-7,-2H7M-7,2H7',
    landmark: 'M0,-5L5,0L0,5L-5,0Z',
    invoke: 'M-7,6H7L0,-7Z',
    resume: 'M-7,6H7L0,-7Z',
    return: 'M-6,0L-2,5L6,-5',
    indicate: 'M-7,-6H7L0,7Z',
    lead: 'M0,-9L2.2,-3H8.5L3.5,1L5.4,7.5L0,3.6L-5.4,7.5L-3.5,1L-8.5,-3H-2.2Z',
    term: 'M0,-9L2.2,-3H8.5L3.5,1L5.4,7.5L0,3.6L-5.4,7.5L-3.5,1L-8.5,-3H-2.2Z',
    crash: 'M-7,-7L7,7M7,-7L-7,7',
    restart: 'M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0',
    stop: 'M-6,-6H6V6H-6Z',
    fault: 'M-4,8V-8L7,-4L-4,0',
    end: 'M-7,-2H7M-7,2H7'
  }
  const names: { readonly [kind: string]: string } = {
    send: 'sends or receives a message',
    request: 'request to a component',
    indication: 'indication of a component',
    timer: 'timer is set or fires',
    session: 'session starts or ends',
    landmark: 'landmark',
    invoke: 'request of the application',
    resume: 'a request of an earlier life goes on',
    return: 'what was requested is done',
    indicate: 'indication to the application',
    lead: 'a term begins, such as a view, which this process leads; a line where it begins for the first one',
    term: 'a term begins, which another process leads',
    crash: 'crash; the lane is grey while the process is down',
    restart: 'restart',
    stop: 'stop, by a failed assertion',
    fault: 'accusation of another process'
  }

  function glyph(kind: string): SVGPathElement {
    return dom.svg('path', { class: `glyph glyph-${kind}`, d: shapes[kind] ?? shapes.landmark })
  }

  /** Which mark an event has. */
  function markOf({ kind, process, term }: PageEvent): string {
    if (term === undefined) return kind
    return term.leader === process ? 'lead' : 'term'
  }

  return { glyph, names, markOf }
}
