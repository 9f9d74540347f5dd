/** Pages of runs that are large, or that bring along what would act if it were not text. */
import { describe, expect, test } from 'vitest'
import { CONTROLS, hostile, MARKUP, syntheticRun } from './runs.ts'
import { openPage } from './support.ts'

describe('20,000 events', () => {
  const run = syntheticRun(20_000)
  const page = openPage(run)
  const count = (selector: string) => page.all(selector).length

  test('rows and arrows are those of the window, wherever it is', () => {
    expect(Number.parseInt(page.text('position'), 10)).toBeGreaterThan(14_000)
    for (const key of ['Home', 'End', '{', 's', 's']) {
      page.press(key)
      expect(count('#drawing .row')).toBeGreaterThan(15)
      expect(count('#drawing .row')).toBeLessThan(60)
      expect(count('#drawing .arrow')).toBeLessThan(100)
      expect(count('*')).toBeLessThan(1_500)
    }
    expect(count('#overview *')).toBeLessThan(10)
  })

  test('at the smallest size they are more, and still bounded', () => {
    for (let i = 0; i < 4; i++) page.press('-')
    expect(count('#drawing .row')).toBeGreaterThan(150)
    expect(count('*')).toBeLessThan(4_000)
  })

  test('of events that fall together in virtual time, some are drawn, the current one among them', () => {
    const last = run.events.length - 1
    const events = run.events.map((event, index) => ({ ...event, time: index > last - 9 ? 1_000_000 : 5 }))
    const together = openPage({ ...run, events })
    together.press('s')
    expect(together.all('#drawing .row').length).toBeLessThanOrEqual(401)
    together.press('{')
    expect(together.all('#drawing .row').length).toBeLessThanOrEqual(401)
    expect(together.all('#drawing .arrow').length).toBeLessThanOrEqual(610)
    expect(together.current()).toContain('violated')
  })

  test('of messages that pass by, no more are drawn than can be seen', () => {
    const message = { type: 'SLOW' }
    const ids = Array.from({ length: 5_000 }, (_, id) => id)
    const send = (id: number) => ({
      kind: 'send' as const,
      time: 1,
      process: 0,
      id,
      to: 1,
      path: '',
      message
    })
    const receive = (id: number) => ({ ...send(id), kind: 'receive' as const, time: 3, process: 1, from: 0 })
    const between = { kind: 'crash' as const, time: 2, process: 0 }
    const events = [...ids.map(send), between, ...ids.map(receive)]
    const passing = openPage({ ...run, violations: [], events })
    passing.press(']')
    expect(passing.current()).toBe('p0 crashes')
    const drawn = passing.all('#drawing .arrow').length
    expect(drawn).toBeGreaterThan(300)
    expect(drawn).toBeLessThanOrEqual(640)
  })
})

describe('what a run brings along is text', () => {
  const page = openPage(hostile)

  test('no markup of it becomes an element, and no script of it runs', () => {
    for (let i = 0; i < hostile.events.length; i++) page.press('ArrowDown')
    page.pointerAt(page.all('#drawing .row')[0]!)
    expect(page.alerts).toEqual([])
    expect(page.errors).toEqual([])
    expect(page.all('img')).toEqual([])
    expect(page.all('script')).toHaveLength(2)
    expect(page.document.title).toContain(MARKUP)
    expect(page.text('legend')).toContain(MARKUP)
    expect(page.text('violations')).toContain(MARKUP)
  })

  test('control characters and marks that reorder text are shown by their numbers', () => {
    const everything = page
      .all('header, main, #tooltip, #status')
      .map(({ textContent }) => textContent)
      .join('')
    expect(page.text('title')).toContain('\\u{202e}')
    expect(everything.includes(CONTROLS)).toBe(false)
    expect(
      [...everything].filter((character) => /[^\P{Cc}\n]|[\u200f\u202e\u2028]/u.test(character))
    ).toEqual([])
  })

  test('a payload is decoded as text that does nothing', () => {
    page.press('Home')
    expect(page.text('event')).toContain(`"${MARKUP}`)
  })

  test('the page admits its own script and style and nothing else, and asks for nothing', () => {
    const policy = page.all('meta[http-equiv]')[0]?.getAttribute('content') ?? ''
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+';/)
    expect(page.all('[src], link, iframe, [style*="url"]')).toEqual([])
  })
})
