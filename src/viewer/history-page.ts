/** A page that shows a history of operations: bars over real-time order, a lane for each process. */
import {
  type Contradiction,
  canonical,
  labelOf,
  type Operation,
  type ProcessName,
  shortName
} from '../checkers/operations.ts'
import type { Bar, HistoryPageData } from './history-page-data.ts'
import { historyPageScript } from './history-page-script.ts'
import { historyPageStyle } from './history-page-style.ts'
import { byName } from './history-terminal.ts'
import { escapeHtml, htmlPage } from './html.ts'

/** So many operations a page shows at most: those nearest to the violation, or the first. */
export const PAGE_OPERATIONS_MAX = 20_000
/** What is shown of one value. */
const VALUE_CHARACTERS_MAX = 2_000

export interface HistoryPageInit {
  readonly title: string
  readonly contradiction: Contradiction | undefined
}

export function historyPage(operations: readonly Operation[], init: HistoryPageInit): string {
  const { title, contradiction } = init
  const shown = nearest(operations, contradiction)
  // Those that contradict each other stand together, at the top, so that all of them are in sight.
  const [wrong, others] = [contradiction?.operations ?? [], shown].map((part) =>
    [...new Set(part.map(({ process }) => process))].sort(byName)
  ) as [ProcessName[], ProcessName[]]
  const processes = [...new Set([...wrong, ...others])]
  const lanes = new Map<ProcessName, number>(processes.map((process, lane) => [process, lane]))
  const members = new Set(contradiction?.operations)
  const context = new Set(contradiction?.context)
  const bars = shown.map((operation): Bar => {
    const { process, key, invoked, returned, outcome } = operation
    return {
      lane: lanes.get(process) ?? 0,
      key: keyOf(key),
      label: labelOf(operation),
      details: detailsOf(operation),
      invoked,
      returned: returned ?? null,
      outcome,
      mark: members.has(operation) ? 2 : context.has(operation) ? 1 : 0
    }
  })
  const data: HistoryPageData = {
    lanes: processes.map((process) => `process ${shortName(process)}`),
    bars,
    key: contradiction === undefined ? '' : keyOf(contradiction.key)
  }
  const left = operations.length - shown.length
  return htmlPage({
    title,
    style: historyPageStyle,
    script: historyPageScript,
    body: bodyOf(title, contradiction, left),
    data
  })
}

const keyOf = (key: Operation['key']): string => (key === undefined || key === null ? '' : canonical(key))

function nearest(operations: readonly Operation[], contradiction: Contradiction | undefined): Operation[] {
  const ordered = [...operations].sort((a, b) => a.invoked - b.invoked)
  const first = contradiction?.operations[0]?.invoked ?? 0
  const center = ordered.findIndex(({ invoked }) => invoked >= first)
  const from = Math.max(0, center - PAGE_OPERATIONS_MAX / 2)
  const window = ordered.slice(from, from + PAGE_OPERATIONS_MAX)
  const named = [...(contradiction?.operations ?? []), ...(contradiction?.context ?? [])]
  return [...new Set([...window, ...named])].sort((a, b) => a.invoked - b.invoked)
}

function detailsOf(operation: Operation): string[] {
  const { process, f, key, value, result, invoked, returned, outcome, invokedNs, returnedNs } = operation
  const at = (place: number, ns: number | undefined) =>
    ns === undefined ? `line ${place}` : `line ${place}, at ${(ns / 1e6).toFixed(3)} ms`
  const text = (json: Operation['value']) => canonical(json ?? null).slice(0, VALUE_CHARACTERS_MAX)
  const answer = { ok: 'ok', fail: 'failed: it did not happen', info: 'no answer: it may have happened' }[
    outcome
  ]
  return [
    `process ${shortName(process)}: ${f}`,
    ...(keyOf(key) === '' ? [] : [`key ${text(key)}`]),
    ...(value === undefined || value === null ? [] : [`value ${text(value)}`]),
    ...(result === undefined ? [] : [`returned ${text(result)}`]),
    `invoked: ${at(invoked, invokedNs)}`,
    ...(returned === undefined ? [] : [`answered: ${at(returned, returnedNs)}`]),
    answer
  ]
}

function bodyOf(title: string, contradiction: Contradiction | undefined, left: number): string {
  const verdict =
    contradiction === undefined
      ? '<p class="verdict">No violation was found.</p>'
      : `<p class="verdict wrong">${escapeHtml(contradiction.reason)}</p>`
  const rest =
    left > 0 ? `<p class="verdict">${left} operations that are farther away are not shown.</p>` : ''
  return `<header>
<h1>${escapeHtml(title)}</h1>
${verdict}${rest}
<div class="controls">
<label>key <select id="keys"></select></label>
<button id="violation" title="v">violation</button>
<button id="earlier" title="left arrow">earlier</button>
<button id="later" title="right arrow">later</button>
<button id="closer" title="+">closer</button>
<button id="wider" title="-">wider</button>
<button id="all" title="0">all</button>
<span id="range"></span>
</div>
</header>
<ul class="legend" aria-label="Legend">
<li><span class="bar wrong">write 1 *</span> contradicts the others that look so</li>
<li><span class="bar story">write 1</span> of its story: what they may have read</li>
<li><span class="bar ok">write 1</span> took effect</li>
<li><span class="bar fail">write 1</span> failed: it did not happen</li>
<li><span class="bar info">write 1</span> no answer: it may have happened, at any time since</li>
</ul>
<main><div id="lanes"></div><div id="chart"><div id="plot"></div></div></main>
<pre id="details" role="status" aria-live="polite">Point at an operation, or reach it with Tab. Keys: arrows, +, -, 0, v.</pre>`
}
