/** The Chromium of this machine, without a window; pages opened in it say what went wrong in them. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
]

export async function launch(): Promise<Browser> {
  const named = process.env.BYZKIT_CHROMIUM
  const executablePath = named ?? PATHS.find(existsSync)
  if (executablePath === undefined) {
    throw new Error(
      `there is no Chromium here (looked for ${PATHS.join(', ')}): install it, or name it in BYZKIT_CHROMIUM`
    )
  }
  // Its sandbox does not start for root, and all that it is given here is our own.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args })
}

export interface Opened {
  readonly page: Page
  /** Errors, console messages, policy violations, dialogs, and requests other than for the page itself. */
  readonly complaints: string[]
}

export async function open(
  browser: Browser,
  url: string,
  colorScheme: 'light' | 'dark' = 'light'
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('request', (request) => {
    if (request.url() !== url) complaints.push(`request: ${request.url()}`)
  })
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(url)
  return { page, complaints }
}
