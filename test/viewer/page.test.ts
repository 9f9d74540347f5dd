/** The page as people use it: stepping, jumping, filtering, looking, in a DOM. */
import type { HTMLDialogElement, HTMLInputElement, HTMLSelectElement } from 'happy-dom'
import { describe, expect, test } from 'vitest'
import { equivocation } from './runs.ts'
import { openPage, type Page } from './support.ts'

const filterBox = (page: Page, text: string) => {
  const label = page.all('#filters label').find(({ textContent }) => textContent === text)
  const box = label?.querySelector('input')
  if (!box) throw new Error(`there is no filter ${text}`)
  return box
}

describe('steps', () => {
  test('arrow keys, letters and buttons lead forward and back, Home and End to the ends', () => {
    const page = openPage(equivocation)
    expect(page.text('position')).toBe('28 steps')
    expect(page.current()).toBeUndefined()
    const at = (key: string) => {
      page.press(key)
      return page.text('position')
    }
    expect(['ArrowDown', 'ArrowRight', 'j', 'ArrowUp', 'ArrowLeft', 'ArrowLeft'].map(at)).toEqual(
      [1, 2, 3, 2, 1, 1].map((step) => `step ${step} of 28`)
    )
    expect(['End', 'ArrowDown', 'k', 'Home'].map(at)).toEqual(
      [28, 28, 27, 1].map((step) => `step ${step} of 28`)
    )
    expect(['PageDown', 'PageUp'].map(at)).toEqual([28, 1].map((step) => `step ${step} of 28`))
    const click = (id: string) => {
      page.byId(id).click()
      return page.text('position')
    }
    expect(['next', 'last', 'previous', 'first'].map(click)).toEqual(
      [2, 28, 27, 1].map((step) => `step ${step} of 28`)
    )
    expect(page.errors).toEqual([])
  })

  test('the current step is the active option of the list, and Escape leaves it', () => {
    const page = openPage(equivocation)
    page.press('ArrowDown')
    const scroller = page.byId('scroller')
    const active = page.byId(scroller.getAttribute('aria-activedescendant') ?? '')
    expect(active.getAttribute('role')).toBe('option')
    expect(active.getAttribute('aria-selected')).toBe('true')
    expect(active.getAttribute('aria-label')).toBe('0.250 ms; p0 session with p2 started')
    expect(page.all('[aria-selected=true]')).toHaveLength(1)
    scroller.focus()
    page.press('Escape')
    expect(page.text('position')).toBe('28 steps')
    expect(scroller.hasAttribute('aria-activedescendant')).toBe(false)
  })

  test('brackets jump between events of the application, braces between violations', () => {
    const page = openPage(equivocation)
    const texts = (key: string, times: number) =>
      Array.from({ length: times }, () => {
        page.press(key)
        return page.current()
      })
    expect(texts(']', 3)).toEqual([
      'p3 crashes',
      'p0 delivers 2/1: "left"',
      'p1 names p2 certain of equivocation: two payloads'
    ])
    expect(texts('[', 1)).toEqual(['p0 delivers 2/1: "left"'])
    expect(texts('}', 3)).toEqual([
      'consistency violated: p1 delivers 2/1: "right"',
      'totality violated: the run ends: member 3 never delivered …',
      'totality violated: the run ends: member 3 never delivered …'
    ])
    expect(page.text('status')).toBe('No violation after this one.')
    expect(texts('{', 1)).toEqual(['consistency violated: p1 delivers 2/1: "right"'])
  })

  test('keys belong to the field that has them', () => {
    const page = openPage(equivocation)
    page.press('ArrowDown', page.byId('filter-instance'))
    page.press('j', page.byId('filter-instance'))
    page.press('ArrowDown', page.byId('spacing'))
    expect(page.text('position')).toBe('28 steps')
    page.press('j', filterBox(page, 'p0'))
    expect(page.text('position')).toBe('step 1 of 28')
  })
})

describe('violations and explanation', () => {
  test('each violation is listed, and a click leads to it', () => {
    const page = openPage(equivocation)
    expect(page.text('verdict')).toBe('violated: consistency, totality')
    const [consistency] = page.all('#violations button')
    page.event('click', consistency!)
    expect(page.current()).toBe('consistency violated: p1 delivers 2/1: "right"')
    expect(page.text('event')).toContain('consistency violated here')
    expect(page.all('.marks .flag')).toHaveLength(2)
  })

  test('the explanation is listed in sentences, numbered in the drawing, and joined by a line', () => {
    const page = openPage(equivocation)
    const sentences = page.all('#explanation button')
    expect(sentences.map(({ textContent }) => textContent)).toEqual([
      'p2 → p1  SEND sequence 1, payload "right"',
      'p1 ← p2  SEND sequence 1, payload "right"',
      'p1 delivers 2/1: "right"'
    ])
    expect(page.all('.badge text').map(({ textContent }) => textContent)).toEqual(['1', '2', '3'])
    expect(page.all('.explanation path')).toHaveLength(2)
    page.event('click', sentences[1]!)
    expect(page.current()).toBe('p1 ← p2  SEND sequence 1, payload "right"')
  })

  test('a run in which all held says so, and has no explanation', () => {
    const page = openPage({ ...equivocation, violations: [], explanation: [] })
    expect(page.text('verdict')).toBe('no violation')
    expect(page.text('violations')).toBe('No property was violated.')
    expect(page.byId('explanation-panel').hidden).toBe(true)
    page.press('}')
    expect(page.text('status')).toBe('No violation after this one.')
  })

  test('a violation that the filter hides is shown all the same, and the filter is taken away', () => {
    const page = openPage(equivocation)
    filterBox(page, 'p1').click()
    expect(page.text('position')).toBe('20 steps, of 28 in all')
    page.event('click', page.all('#violations button')[0]!)
    expect(page.current()).toBe('consistency violated: p1 delivers 2/1: "right"')
    expect(page.text('position')).toBe('step 22 of 28')
    expect(filterBox(page, 'p1').checked).toBe(true)
    expect(page.text('status')).toContain('Everything is shown again.')
  })
})

describe('filters', () => {
  test('by process: its events, its lane and its messages go', () => {
    const page = openPage(equivocation)
    const before = page.all('#drawing .arrow').length
    filterBox(page, 'p2 Byzantine').click()
    expect(page.all('.lane')).toHaveLength(3)
    expect(page.all('#lane-names text').map(({ textContent }) => textContent)).toEqual([
      'ms',
      'p0',
      'p1',
      'p3'
    ])
    expect(page.all('#drawing .arrow').length).toBe(before - 2)
    expect(page.rows().filter((text) => text.startsWith('p2'))).toEqual([])
  })

  test('by component', () => {
    const page = openPage(equivocation)
    filterBox(page, 'double-echo').click()
    expect(page.all('#drawing .arrow')).toEqual([])
    expect(page.rows()).toContain('p0 double-echo/log.acknowledge(1)')
    filterBox(page, 'double-echo').click()
    expect(page.text('position')).toBe('28 steps')
  })

  test('by broadcast; one that does not exist changes nothing and is told of', () => {
    const page = openPage(equivocation)
    const input = page.byId<HTMLInputElement>('filter-instance')
    const type = (text: string) => {
      input.value = text
      page.event('input', page.byId('filter-instance'))
    }
    type('9/9')
    expect(page.text('position')).toBe('28 steps')
    expect(page.text('instance-hint')).toBe('there is no such broadcast in this run')
    expect(input.getAttribute('aria-invalid')).toBe('true')
    type('3/1')
    expect(page.text('position')).toBe('8 steps, of 28 in all')
    expect(page.rows()).toContain('p3 broadcasts 1: "mine"')
    page.byId('filter-clear').click()
    expect(page.text('position')).toBe('28 steps')
    expect(input.value).toBe('')
  })

  test('steps go on from where the current one was hidden', () => {
    const page = openPage(equivocation)
    for (let i = 0; i < 5; i++) page.press('ArrowDown')
    expect(page.current()).toBe('p0 ← p2  SEND sequence 1, payload "left"')
    filterBox(page, 'p0').click()
    expect(page.current()).toBeUndefined()
    page.press('ArrowDown')
    expect(page.current()).toBe('p1 ← p2  SEND sequence 1, payload "right"')
    page.press('ArrowUp')
    expect(page.current()).toBe('p2 → p1  SEND sequence 1, payload "right"')
  })
})

describe('messages', () => {
  const page = openPage(equivocation)
  const arrows = (selector: string) => page.all(`#drawing .arrow${selector}`)

  test('received, received again, lost and never received are drawn differently', () => {
    expect(['.received', '.duplicate', '.lost', '.pending'].map((name) => arrows(name).length)).toEqual([
      3, 1, 1, 2
    ])
    const heads = ['.received', '.lost', '.pending'].map((name) =>
      arrows(name)[0]
        ?.querySelector('.head')
        ?.getAttribute('d')
        ?.replaceAll(/[^A-Za-z]/g, '')
    )
    expect(heads).toEqual(['MLLZ', 'MLML', 'Maa'])
  })

  test('a loss ends short of the lane of the one who will not receive it', () => {
    const line = arrows('.lost')[0]?.querySelector('.line')?.getAttribute('d') ?? ''
    const [, endX = 0] = [...line.matchAll(/[ML](-?[\d.]+)/g)].map(([, x]) => Number(x))
    const lane = Number(page.all('.lane[data-process="3"]')[0]?.getAttribute('x1'))
    expect(lane - endX).toBeGreaterThan(8)
    expect(lane - endX).toBeLessThan(20)
  })

  test('those of a Byzantine process are marked by more than a colour', () => {
    expect(arrows('.byzantine')).toHaveLength(2)
    expect(arrows('.byzantine').every((arrow) => arrow.querySelector('.outline') !== null)).toBe(true)
    expect(page.document.querySelector('style')?.textContent).toMatch(
      /\.byzantine \.line \{[^}]*stroke-dasharray/
    )
    expect(page.all('#lane-names .byzantine')[0]?.textContent).toBe('p2 Byzantine')
  })

  test('a lane is greyed out while its process is down, until the end if it stopped', () => {
    const downs = page.all('.down').map((down) => ({
      process: down.getAttribute('data-process'),
      height: Number(down.getAttribute('height'))
    }))
    expect(downs).toMatchObject([{ process: '3', height: 5 * 22 }, { process: '1' }])
  })

  test('types have their colour in drawing and legend', () => {
    expect(page.text('legend')).toContain('ECHO')
    expect(page.all('#legend .type-1')).toHaveLength(1)
    expect(arrows('.type-1').length).toBe(4)
  })
})

describe('contents', () => {
  test('the pointer shows what is in an event or a message, decoded; Escape hides it', () => {
    const page = openPage(equivocation)
    page.pointerAt(page.all('#drawing .row.kind-send')[0]!)
    expect(page.byId('tooltip').hidden).toBe(false)
    expect(page.text('tooltip')).toContain('6c656674  "left"')
    page.pointerAt(page.all('#drawing .arrow.lost .reach')[0]!)
    expect(page.text('tooltip')).toContain('p0 → p3  ECHO')
    page.press('Escape')
    expect(page.byId('tooltip').hidden).toBe(true)
  })

  test('keys show the same: the panel has the contents of the current step', () => {
    const page = openPage(equivocation)
    for (let i = 0; i < 3; i++) page.press('ArrowDown')
    for (const part of [
      'p2 → p0  SEND',
      'a Byzantine process',
      'at 1.000 ms',
      'at 1.500 ms',
      '6c656674  "left"'
    ])
      expect(page.text('event')).toContain(part)
  })

  test('a click on an arrow leads to its end, and once more to its beginning', () => {
    const page = openPage(equivocation)
    const arrow = () => page.all('#drawing .arrow.byzantine .reach')[0]!
    page.event('click', arrow())
    expect(page.current()).toBe('p0 ← p2  SEND sequence 1, payload "left"')
    page.event('click', arrow())
    expect(page.current()).toBe('p2 → p0  SEND sequence 1, payload "left"')
    page.event('click', page.all('#drawing .row.kind-crash .band')[0]!)
    expect(page.current()).toBe('p3 crashes')
  })
})

describe('causal past', () => {
  test('what did not happen before the current step is faint, until it is switched off', () => {
    const page = openPage(equivocation)
    expect(page.all('.faded')).toEqual([])
    for (let i = 0; i < 5; i++) page.press('ArrowDown')
    const clear = page.all('#drawing .row:not(.faded) .text').map(({ textContent }) => textContent)
    expect(clear).toEqual([
      'p0 session with p2 started',
      'p0 sets timer 1 to 200 ms',
      'p2 → p0  SEND sequence 1, payload "left"',
      'p0 ← p2  SEND sequence 1, payload "left"'
    ])
    expect(page.all('#drawing .arrow:not(.faded)')).toHaveLength(1)
    page.press('c')
    expect(page.all('.faded')).toEqual([])
  })
})

describe('states', () => {
  test('the panel follows the step, says what changed, and can stay with one process', () => {
    const page = openPage(equivocation)
    page.press('ArrowDown')
    expect(page.text('state')).toBe('p0 has told no state yet.')
    page.press('ArrowDown')
    expect(page.text('state')).toContain('changed in this step')
    expect(page.all('#state li.new')).toEqual([])
    for (let i = 0; i < 3; i++) page.press('ArrowDown')
    expect(
      page
        .all('#state li.new')
        .map(({ textContent }) => textContent)
        .slice(0, 2)
    ).toEqual(['open1 changed', 'echoes1 changed'])
    expect(page.all('#state details > summary').map(({ textContent }) => textContent)).toEqual(['votes'])
    page.press('}')
    expect(page.text('state')).toBe('p1 has told no state yet.')
    const whose = page.byId<HTMLSelectElement>('state-process')
    whose.value = '0'
    page.event('change', page.byId('state-process'))
    expect(page.text('state')).toContain('since 1.500 ms')
  })

  test('a trace without states says so', () => {
    const events = equivocation.events.filter(({ kind }) => kind !== 'state')
    expect(openPage({ ...equivocation, events, explanation: [] }).text('state')).toBe(
      'This trace has no states.'
    )
  })
})

describe('view', () => {
  test('help lists every key, opens with ? and closes with Escape; the list does not move meanwhile', () => {
    const page = openPage(equivocation)
    const help = page.byId<HTMLDialogElement>('help')
    page.press('?')
    expect(help.open).toBe(true)
    for (const key of ['↓', '↑', 'Home', 'End', '[', ']', '{', '}', '+', 'f', 't', 'Esc'])
      expect(page.all('#help-keys kbd').map(({ textContent }) => textContent)).toContain(key)
    page.press('ArrowDown')
    expect(page.text('position')).toBe('28 steps')
    page.press('Escape')
    expect(help.open).toBe(false)
  })

  test('the theme is that of the system, and changes with t', () => {
    const page = openPage(equivocation)
    const theme = () => page.document.documentElement.getAttribute('data-theme')
    expect(theme()).toBeNull()
    page.press('t')
    const first = theme()
    page.byId('theme').click()
    expect([first, theme()].sort()).toEqual(['dark', 'light'])
    const style = page.document.querySelector('style')?.textContent ?? ''
    expect(style).toContain('prefers-color-scheme: dark')
    expect(style).toContain('prefers-reduced-motion: no-preference')
  })

  test('s changes between a row for each event and virtual time, + and - the size', () => {
    const page = openPage(equivocation)
    const ys = () =>
      page
        .all('#drawing .row')
        .map((row) => Number(/,([\d.]+)\)/.exec(row.getAttribute('transform') ?? '')?.[1]))
    const gaps = () =>
      ys()
        .slice(1)
        .map((y, i) => Math.round(y - (ys()[i] ?? 0)))
    expect(new Set(gaps())).toEqual(new Set([22]))
    page.press('s')
    expect(page.byId<HTMLSelectElement>('spacing').value).toBe('time')
    expect(new Set(gaps()).size).toBeGreaterThan(1)
    page.press('s')
    page.press('+')
    expect(new Set(gaps())).toEqual(new Set([32]))
    for (let i = 0; i < 9; i++) page.press('-')
    expect(new Set(gaps())).toEqual(new Set([5]))
    expect(page.rows()).toEqual([])
  })

  test('every control has a name', () => {
    const page = openPage(equivocation)
    const nameless = page
      .all('button, input, select, [role=listbox], [role=toolbar], dialog')
      .filter((element) => {
        const name = element.getAttribute('aria-label') ?? element.getAttribute('aria-labelledby')
        return !name && (element.closest('label') ?? element).textContent?.trim() === ''
      })
    expect(nameless).toEqual([])
  })

  test('a run without events is a page too', () => {
    const page = openPage({ ...equivocation, events: [], violations: [], explanation: [] })
    for (const key of ['ArrowDown', 'Home', 'End', ']', 'PageDown', 's', '+', 'Escape']) page.press(key)
    expect(page.text('position')).toBe('0 steps')
    expect(page.errors).toEqual([])
  })
})

describe('how it opens', () => {
  test('at the first violation, which is the step; where all held, at no step', () => {
    const page = openPage(equivocation, 'violation')
    expect(page.current()).toContain('consistency violated')
    expect(page.text('event')).toContain('consistency violated here')
    expect(openPage({ ...equivocation, violations: [], explanation: [] }, 'violation').current()).toBe(
      undefined
    )
  })
})

describe('sessions', () => {
  const sessions = Array.from({ length: 12 }, (_, peer) => ({
    time: 0,
    process: 0,
    kind: 'session' as const,
    peer,
    change: 'started' as const
  }))
  const run = { ...equivocation, events: [...sessions, ...equivocation.events], violations: [] }

  test('are a row each, or one for all that follow each other, which says how many there are', () => {
    const page = openPage(run)
    const session = () => page.rows().filter((text) => text.includes('session with'))
    const before = session().length
    expect(before).toBeGreaterThanOrEqual(12)
    page.press('x')
    expect(page.byId<HTMLInputElement>('fold').checked).toBe(true)
    expect(session()[0]).toMatch(/^p0 session with p0 started, and 12 more changes of sessions$/)
    expect(session().length).toBe(before - 12)
    page.press('x')
    expect(session()).toHaveLength(before)
  })

  test('unfold for a step among them that is asked for', () => {
    const page = openPage({ ...run, violations: [{ property: 'p', detail: 'd', at: 0 }] })
    page.press('x')
    page.press('Escape')
    expect(page.byId<HTMLInputElement>('fold').checked).toBe(true)
  })
})
