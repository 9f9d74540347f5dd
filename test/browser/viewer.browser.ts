/** The page of a run in a real browser: what a DOM without layout, painting and a policy cannot show. */
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkLinearizable } from '../../src/checkers/linearizability.ts'
import { registerModel } from '../../src/checkers/models.ts'
import type { Operation } from '../../src/checkers/operations.ts'
import { historyPage } from '../../src/viewer/history-page.ts'
import { runPage } from '../../src/viewer/page.ts'
import { op } from '../checkers/support.ts'
import { equivocation, hostile, MARKUP, syntheticRun } from '../viewer/runs.ts'
import { launch, type Opened, open } from './chromium.ts'

/** Pages and pictures stay there, to be looked at. */
const FOLDER = fileURLToPath(new URL('../../.byzkit/browser/', import.meta.url))

let browser: Browser

/** A read by the first of many clients, and one by the last, that contradict each other. */
const manyClients: readonly Operation[] = [
  op(0, 'write', 'old', 0, 1),
  op(0, 'write', 'new', 2, 99),
  op(1, 'read', 'new', 3, 4),
  ...Array.from({ length: 60 }, (_, i) => op(2 + i, 'write', `x${i}`, 200 + 2 * i, 201 + 2 * i)),
  op(80, 'read', 'old', 5, 6)
]
const contradictionOf = (history: readonly Operation[]) =>
  checkLinearizable(history, registerModel()).contradiction

const pages: { readonly [name: string]: string } = {
  equivocation: runPage(equivocation),
  fifty: runPage(syntheticRun(50)),
  large: runPage(syntheticRun(20_000)),
  many: runPage(syntheticRun(300, 40)),
  hostile: runPage(hostile),
  history: historyPage(manyClients, { title: 'a history', contradiction: contradictionOf(manyClients) })
}

beforeAll(async () => {
  await mkdir(FOLDER, { recursive: true })
  for (const [name, text] of Object.entries(pages)) await writeFile(join(FOLDER, `${name}.html`), text)
  browser = await launch()
})
afterAll(() => browser?.close())

const show = (name: string, scheme: 'light' | 'dark' = 'light'): Promise<Opened> =>
  open(browser, pathToFileURL(join(FOLDER, `${name}.html`)).href, scheme)
const picture = (page: Page, name: string) => page.screenshot({ path: join(FOLDER, `${name}.png`) })
const position = (page: Page) => page.textContent('#position')
const count = (page: Page, selector: string) => page.locator(selector).count()

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}

/** Whether the current step is in sight, below the names of the lanes. */
const isCurrentInSight = (page: Page) =>
  page.evaluate(() => {
    const row = document.querySelector('.row.selected .band')?.getBoundingClientRect()
    const sight = document.getElementById('scroller')?.getBoundingClientRect()
    return row !== undefined && sight !== undefined && row.top >= sight.top + 30 && row.bottom <= sight.bottom
  })

test.each([
  ['equivocation', 'light'],
  ['equivocation', 'dark'],
  ['fifty', 'light'],
  ['fifty', 'dark'],
  ['large', 'light'],
  ['large', 'dark'],
  ['many', 'light']
] as const)('%s, %s: drawn without a complaint, and without asking for anything', async (name, scheme) => {
  const { page, complaints } = await show(name, scheme)
  await picture(page, `${name}-${scheme}`)
  await press(page, '}')
  await picture(page, `${name}-${scheme}-violation`)
  expect(await isCurrentInSight(page)).toBe(true)
  await press(page, 's')
  await picture(page, `${name}-${scheme}-time`)
  expect(await isCurrentInSight(page)).toBe(true)
  await press(page, '?')
  await picture(page, `${name}-${scheme}-help`)
  expect(complaints).toEqual([])
  await page.context().close()
})

test.each([
  ['source', '--conditions=byzkit-source', '../../src/viewer/page.ts'],
  ['dist', '--no-warnings', '../../dist/viewer/page.js']
])('the script of the page is whole when Node makes it from %s', async (from, option, module) => {
  const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)
  const file = join(FOLDER, `from-${from}.html`)
  const program = `
    import { writeFileSync } from 'node:fs'
    import { runPage } from ${at(module)}
    import { equivocation } from ${at('../viewer/runs.ts')}
    writeFileSync(${JSON.stringify(file)}, runPage(equivocation))`
  await promisify(execFile)(process.execPath, [option, '--input-type=module', '--eval', program])
  const { page, complaints } = await open(browser, pathToFileURL(file).href)
  await press(page, 'Home', '}', '?', 'Escape', 's', '+', 't', 'c', 'f')
  expect(await page.textContent('#event')).toContain('consistency violated here')
  expect(complaints).toEqual([])
  await page.context().close()
})

test('keys and buttons: steps, ends, jumps, each in sight afterwards', async () => {
  const { page, complaints } = await show('large')
  const steps = Number(/of (\d+)/.exec((await position(page)) ?? '')?.[1])
  const at = async (...keys: string[]) => {
    await press(page, ...keys)
    expect(await isCurrentInSight(page)).toBe(true)
    return Number(/step (\d+) of/.exec((await position(page)) ?? '')?.[1])
  }
  expect(await at('Home')).toBe(1)
  expect(await at('ArrowRight', 'j', 'ArrowUp')).toBe(2)
  expect(await at('End')).toBe(steps)
  expect(await at('{')).toBeGreaterThan(steps * 0.7)
  expect(await at('Home')).toBe(1)
  expect(await at(']')).toBeGreaterThan(1)
  await page.focus('#scroller')
  expect(await at('Home', 'PageDown')).toBeGreaterThan(15)
  await page.click('#next-violation')
  expect(await page.textContent('#event')).toContain('violated here')
  expect(complaints).toEqual([])
  await page.context().close()
})

test('20,000 events: a bounded number of elements wherever it is scrolled to, and never an empty window', async () => {
  const { page, complaints } = await show('large')
  const height = await page.evaluate(() => document.getElementById('scroller')?.scrollHeight ?? 0)
  expect(height).toBeGreaterThan(300_000)
  for (const share of [0, 0.1, 0.5, 0.77, 1]) {
    await page.evaluate((top) => document.getElementById('scroller')?.scrollTo(0, top), share * height)
    const isFilled = () =>
      page.evaluate(() => {
        const box = document.getElementById('scroller')!.getBoundingClientRect()
        const at = (y: number) => document.elementFromPoint(box.left + 20, y)?.closest('.row') !== null
        return at(box.top + 60) && at(box.top + box.height / 2) && at(box.bottom - 40)
      })
    await expect.poll(isFilled).toBe(true)
    expect(await count(page, '#drawing *')).toBeLessThan(6_000)
  }
  expect(complaints).toEqual([])
  await page.context().close()
})

test('the overview leads to the part that is clicked', async () => {
  const { page } = await show('large')
  const box = (await page.locator('#overview').boundingBox())!
  await page.mouse.click(box.x + 20, box.y + box.height * 0.6)
  const share = () =>
    page.evaluate(() => {
      const { scrollTop, scrollHeight } = document.getElementById('scroller')!
      return scrollTop / scrollHeight
    })
  await expect.poll(share).toBeGreaterThan(0.55)
  expect(await share()).toBeLessThan(0.65)
  await page.context().close()
})

test('the pointer shows what is in a message and in an event; a click on an arrow leads to its end', async () => {
  const { page } = await show('equivocation')
  const line = (await page.locator('#drawing .arrow.lost .reach').boundingBox())!
  await page.mouse.move(line.x + line.width / 2, line.y + line.height / 2)
  expect(await page.isVisible('#tooltip')).toBe(true)
  expect(await page.textContent('#tooltip')).toContain('p0 → p3  ECHO')
  await picture(page, 'tooltip')
  await page.mouse.click(line.x + line.width / 2, line.y + line.height / 2)
  expect(await page.textContent('#event .headline')).toContain('p3 will not receive ECHO of p0')
  await page.locator('#drawing .row.kind-indicate .text').first().hover()
  expect(await page.textContent('#tooltip')).toContain('"left"')
  await press(page, 'Escape')
  expect(await page.isVisible('#tooltip')).toBe(false)
  await page.context().close()
})

test('the theme follows the system, and the button changes it', async () => {
  const ground = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await show('fifty', 'light')
  const dark = await show('fifty', 'dark')
  const [white, black] = [await ground(light.page), await ground(dark.page)]
  expect(white).not.toBe(black)
  await light.page.click('#theme')
  await press(dark.page, 't')
  expect([await ground(light.page), await ground(dark.page)]).toEqual([black, white])
  await light.page.context().close()
  await dark.page.context().close()
})

test('nothing moves for those who want less motion', async () => {
  const { page } = await show('equivocation')
  await press(page, 'Home')
  const animation = () =>
    page.evaluate(() => getComputedStyle(document.querySelector('.row.selected .glyph')!).animationName)
  await press(page, 'ArrowDown')
  expect(await animation()).toBe('choose')
  await page.emulateMedia({ reducedMotion: 'reduce' })
  expect(await animation()).toBe('none')
  await page.context().close()
})

test('the diagram, its current step and every control are in the accessibility tree, and Tab reaches the diagram', async () => {
  const { page } = await show('equivocation')
  await press(page, 'Home', 'ArrowDown')
  const options = page.getByRole('option', { selected: true })
  await expect.poll(() => options.count()).toBeGreaterThan(0)
  expect(await page.getByRole('listbox', { name: /Events of the run/ }).count()).toBe(1)
  expect(await page.getByRole('option', { name: '0.500 ms; p0 sets timer 1 to 200 ms' }).count()).toBe(1)
  expect(await page.getByRole('button', { name: 'next step' }).count()).toBe(1)
  const focused = () => page.evaluate(() => document.activeElement?.id)
  for (let i = 0; i < 30 && (await focused()) !== 'scroller'; i++) await press(page, 'Tab')
  expect(await focused()).toBe('scroller')
  await press(page, '?')
  expect(await page.getByRole('dialog', { name: 'Keys' }).isVisible()).toBe(true)
  await press(page, 'Escape')
  expect(await page.isVisible('#help')).toBe(false)
  await page.context().close()
})

test('it opens at the violation, with the legend in sight', async () => {
  for (const name of ['equivocation', 'large']) {
    const { page } = await show(name)
    await expect.poll(() => isCurrentInSight(page)).toBe(true)
    expect(await page.textContent('#event')).toContain('violated here')
    const { y, height } = (await page.locator('#legend').boundingBox())!
    expect(y + height).toBeLessThan(900)
    expect(await count(page, '#legend li')).toBeGreaterThan(4)
    await page.context().close()
  }
})

test('lanes end with the run', async () => {
  const { page } = await show('equivocation')
  await page.setViewportSize({ width: 1440, height: 1600 })
  const end = () =>
    page.evaluate(() => {
      const bottoms = (selector: string) =>
        [...document.querySelectorAll(selector)].map((each) => each.getBoundingClientRect().bottom)
      return Math.max(...bottoms('.lane, .down')) - Math.max(...bottoms('.row .band'))
    })
  await expect.poll(end).toBeLessThan(20)
  await page.context().close()
})

test('at 420 pixels the title stays, and what not every step needs is folded', async () => {
  const { page, complaints } = await show('equivocation')
  await page.setViewportSize({ width: 420, height: 900 })
  await expect.poll(() => page.isVisible('#zoom-in')).toBe(false)
  const title = (await page.locator('#title').boundingBox())!
  expect(title.width).toBeGreaterThan(380)
  expect(title.height).toBeGreaterThan(15)
  for (const control of ['#first', '#previous', '#next', '#last', '#help-button', '#theme'])
    expect(await page.isVisible(control)).toBe(true)
  const toolbar = (await page.locator('#toolbar').boundingBox())!
  expect(toolbar.height).toBeLessThan(90)
  await picture(page, 'narrowest')
  await page.click('#more > summary')
  await page.click('#zoom-in')
  await picture(page, 'narrowest-more')
  // Nothing is wider than the window.
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420)
  await page.setViewportSize({ width: 1440, height: 900 })
  await expect.poll(() => page.isVisible('#zoom-in')).toBe(true)
  expect(await page.isVisible('#more > summary')).toBe(false)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a branch of a state that was folded stays so from step to step', async () => {
  const { page } = await show('equivocation')
  await page.selectOption('#state-process', '0')
  await page.focus('#scroller')
  await press(page, 'Home', 'ArrowDown')
  const branch = page.locator('#state details', { hasText: 'votes' }).first()
  await expect.poll(() => branch.locator('ul').isVisible()).toBe(true)
  await branch.locator('summary').click()
  await expect.poll(() => branch.locator('ul').isVisible()).toBe(false)
  await page.focus('#scroller')
  await press(page, 'ArrowDown')
  expect(await branch.count()).toBe(1)
  expect(await branch.locator('ul').isVisible()).toBe(false)
  await page.context().close()
})

test('the page of a history has all that contradicts each other in sight, and a legend', async () => {
  const { page, complaints } = await show('history')
  const wrong = page.locator('#plot .bar.wrong')
  expect(await wrong.count()).toBe(2)
  const sight = (await page.locator('main').boundingBox())!
  for (const bar of await wrong.all()) {
    const { x, y, width, height } = (await bar.boundingBox())!
    expect(y).toBeGreaterThanOrEqual(sight.y)
    expect(y + height).toBeLessThanOrEqual(sight.y + sight.height)
    expect(x).toBeGreaterThanOrEqual(sight.x)
    expect(x + width).toBeLessThanOrEqual(sight.x + sight.width + 1)
  }
  expect(await count(page, '.legend li')).toBe(5)
  expect(await page.isVisible('.legend')).toBe(true)
  await picture(page, 'history')
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a narrow window has everything too', async () => {
  const { page, complaints } = await show('equivocation')
  // The step at which it opens stays in sight.
  await page.setViewportSize({ width: 700, height: 900 })
  await expect
    .poll(() => page.evaluate(() => document.getElementById('scroller')!.clientHeight))
    .toBeLessThan(500)
  await expect.poll(() => isCurrentInSight(page)).toBe(true)
  expect(await page.isVisible('#event')).toBe(true)
  await picture(page, 'narrow')
  expect(complaints).toEqual([])
  await page.context().close()
})

test('what a run brings along does nothing', async () => {
  const { page, complaints } = await show('hostile')
  for (let i = 0; i < 12; i++) await press(page, 'ArrowDown')
  await press(page, 'Home')
  await page.locator('#drawing .row .text').first().hover()
  await picture(page, 'hostile')
  expect(complaints).toEqual([])
  expect(await count(page, 'img')).toBe(0)
  expect(await count(page, 'script')).toBe(2)
  expect(await page.title()).toContain(MARKUP)
  await page.context().close()
})

test('the policy holds: a script, a style or an image that was smuggled in is refused', async () => {
  const smuggled =
    '<script>document.title = "owned"</script><style>body { display: none }</style><img src="https://example.invalid/x"><p onclick="alert(1)" id="trap">'
  const text = (pages.equivocation ?? '').replace('<body>', `<body>${smuggled}`)
  const file = join(FOLDER, 'smuggled.html')
  await writeFile(file, text)
  const { page, complaints } = await open(browser, pathToFileURL(file).href)
  await page.locator('#trap').dispatchEvent('click')
  expect(await page.title()).toContain('double-echo')
  expect(await page.isVisible('body')).toBe(true)
  expect(complaints.filter((text) => text.startsWith('dialog'))).toEqual([])
  for (const directive of ['script-src', 'style-src', 'default-src'])
    expect(complaints.some((text) => text.includes(directive))).toBe(true)
  await page.context().close()
})
