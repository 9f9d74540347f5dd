/** A run as one page that needs nothing else: a space-time diagram to step through. */
import { clientScript } from './client-script.ts'
import type { DrawnRun } from './drawn-run.ts'
import { htmlPage } from './html.ts'
import { BODY } from './page/body.ts'
import { STYLE } from './page/style.ts'
import { pageData } from './page-model.ts'

export function runPage(run: DrawnRun): string {
  const data = pageData(run)
  return htmlPage({ title: data.title, style: STYLE, script: clientScript(), body: BODY, data })
}
