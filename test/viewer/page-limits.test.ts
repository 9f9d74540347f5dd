/** Pages of runs that are large, or that bring along what would act if it were not text. */
import { describe, expect, test } from 'vitest'
import { CONTROLS, hostile, MARKUP, syntheticRun } from './runs.ts'
import { openPage } from './support.ts'

describe('20,000 events', () => {
  const page = openPage(syntheticRun(20_000))
  const nodes = () => page.all('#drawing *').length

  test('the number of elements is that of a window, wherever it is, in either spacing and at every size', () => {
    expect(Number.parseInt(page.text('position'), 10)).toBeGreaterThan(14_000)
    const counts: number[] = []
    for (const key of ['Home', 'End', '{', 's', '-', '-', '-', 'Home', 's', 'End']) {
      page.press(key)
      counts.push(nodes())
    }
    expect(Math.min(...counts)).toBeGreaterThan(100)
    expect(Math.max(...counts)).toBeLessThan(6_000)
    expect(page.all('#overview *').length).toBeLessThan(10)
    expect(page.all('*').length).toBeLessThan(7_000)
  })

  test('events that all fall together are no more elements', () => {
    const run = syntheticRun(20_000)
    const together = openPage({ ...run, events: run.events.map((event) => ({ ...event, time: 5 })) })
    together.press('s')
    for (let i = 0; i < 4; i++) together.press('-')
    expect(together.all('#drawing *').length).toBeLessThan(6_000)
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
