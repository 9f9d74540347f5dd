/**
 * How the page looks, in light and dark. The colours of types keep their distance under the common kinds of colour
 * blindness (test/viewer/colours.test.ts) and are readable as text.
 */
import { PALETTES, type Palette } from '../colours.ts'

const variables = ({ types, ...named }: Palette): string =>
  [
    ...Object.entries(named).map(([name, colour]) => `--${name}: ${colour}`),
    ...types.map((colour, number) => `--type-${number}: ${colour}`)
  ].join('; ')

const typeRules = PALETTES.light.types
  .map((_, number) => `.type-${number} { --type: var(--type-${number}) }`)
  .join('\n')

export const STYLE = `
:root { --type: var(--muted); color-scheme: light; ${variables(PALETTES.light)} }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { color-scheme: dark; ${variables(PALETTES.dark)} } }
:root[data-theme=dark] { color-scheme: dark; ${variables(PALETTES.dark)} }
${typeRules}
* { box-sizing: border-box }
[hidden] { display: none !important }
html, body { height: 100%; margin: 0 }
body {
  display: flex; flex-direction: column; background: var(--back); color: var(--text);
  font: 14px/1.45 system-ui, sans-serif;
}
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px }
button, select, input { font: inherit; color: inherit }
button, select, input:not([type=checkbox]) {
  background: var(--raised); border: 1px solid var(--line); border-radius: 5px; padding: 2px 9px;
}
button { cursor: pointer }
button:hover { border-color: var(--muted) }
kbd { font: 12px ui-monospace, monospace; border: 1px solid var(--line); border-radius: 3px; padding: 0 4px }
h1, h2, h3, p, ul, ol { margin: 0; padding: 0 }

header { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; padding: 8px 14px 4px }
h1 { font-size: 16px; font-weight: 600; flex: 1; min-width: 0; overflow-wrap: anywhere; max-height: 3em; overflow: auto }
#verdict { padding: 1px 10px; border-radius: 10px; font-weight: 600; border: 1px solid currentColor }
#verdict.violated { color: var(--bad) }
#verdict.held { color: var(--good) }
#toolbar, .tools { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 14px }
#toolbar { padding: 4px 14px 8px; border-bottom: 1px solid var(--line) }
#more > summary { display: none; cursor: pointer }
#toolbar .group { display: inline-flex }
#toolbar .group button { border-radius: 0; margin-left: -1px }
#toolbar .group button:first-child { border-radius: 5px 0 0 5px; margin-left: 0 }
#toolbar .group button:last-child { border-radius: 0 5px 5px 0 }
#position { min-width: 11em; font-variant-numeric: tabular-nums }

main { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(0, 1fr) 48px 380px }
#scroller { position: relative; overflow: auto; min-height: 0; overflow-anchor: none }
#scroller:focus-visible { outline-offset: -2px }
#lane-names { position: sticky; top: 0; z-index: 1; display: block; background: var(--back); border-bottom: 1px solid var(--line) }
#lane-names text { font: 600 13px system-ui, sans-serif; fill: var(--text) }
#lane-names.close text { font-size: 10.5px }
#lane-names .byzantine { fill: var(--bad) }
#canvas { position: relative; overflow: hidden }
#drawing { position: absolute; left: 0; top: 0; display: block }
#overview { width: 48px; height: 100%; border-left: 1px solid var(--line); background: var(--raised); cursor: pointer; touch-action: none }
aside { overflow: auto; border-left: 1px solid var(--line); min-height: 0; scrollbar-gutter: stable }
@media (max-width: 900px) {
  main { grid-template-columns: minmax(0, 1fr) 48px; grid-template-rows: minmax(0, 3fr) minmax(0, 2fr) }
  aside { grid-column: 1 / -1; border-left: 0; border-top: 1px solid var(--line) }
}

#drawing text, #lane-names .time { font: 12px ui-monospace, "DejaVu Sans Mono", monospace; fill: var(--text); white-space: pre }
#drawing .time, #lane-names .time { fill: var(--muted) }
.lane { stroke: var(--lane); stroke-width: 2 }
.lane.byzantine { stroke: var(--bad); stroke-dasharray: 7 5; stroke-width: 1.5 }
.down { fill: var(--down); stroke: var(--muted); stroke-dasharray: 2 4 }
.band { fill: transparent }
.row { cursor: pointer }
.row:hover .band { fill: var(--hover) }
.row.violated .band { fill: var(--bad-back); fill-opacity: .7 }
.row.selected .band { fill: var(--chosen); fill-opacity: .6; stroke: var(--focus) }
.faded { opacity: .48 }
.row .text { fill: var(--text) }
#drawing .kind-send .text { fill: var(--muted) }
#drawing .kind-receive .text { fill: var(--type) }
#drawing .kind-timer .text, #drawing .kind-landmark .text, #drawing .kind-request .text, #drawing .kind-indication .text { fill: var(--muted) }
#drawing .kind-invoke .text, #drawing .kind-indicate .text { font-weight: 700 }
#drawing .kind-fault .text { fill: var(--warn) }
#drawing .kind-lost .text, #drawing .kind-crash .text, #drawing .kind-stop .text, #drawing .violated .text { fill: var(--bad) }

.glyph { fill: var(--text); stroke: var(--text); stroke-width: 1.5; stroke-linejoin: round }
.glyph-send { fill: var(--type); stroke: var(--type) }
.glyph-receive { fill: var(--back); stroke: var(--type) }
.glyph-timer, .glyph-landmark, .glyph-request, .glyph-indication { fill: var(--back); stroke: var(--muted) }
.glyph-session { stroke: var(--muted) }
.glyph-invoke { fill: var(--good) }
.glyph-indicate { fill: var(--good) }
.glyph-lead { fill: var(--explained); stroke: var(--text) }
.glyph-term { fill: var(--back) }
.term-line { stroke: var(--explained); stroke-width: 2; stroke-dasharray: 2 4 }
.glyph-restart { fill: var(--back) }
.glyph-accepted { fill: none; stroke: var(--good); stroke-width: 2.5 }
.glyph-crash { stroke: var(--bad); stroke-width: 4 }
.glyph-stop { fill: var(--bad) }
.glyph-lost { stroke: var(--bad); stroke-width: 2 }
.glyph-fault { fill: var(--warn) }
.flag path { fill: var(--bad); stroke: var(--back); stroke-width: 2 }
#drawing .flag text { fill: var(--back); font-weight: 700; font-size: 15px }
.marks { pointer-events: none }
.badge circle { fill: var(--explained); stroke: var(--text) }
#drawing .badge text { fill: #111; font-size: 11px; font-weight: 700 }
.explained { stroke: var(--explained); stroke-width: 9; stroke-linecap: round; fill: none; opacity: .6 }

.arrow { cursor: pointer }
.arrow path { fill: none }
.arrow .reach { stroke: transparent; stroke-width: 9 }
.arrow .line { stroke: var(--type); stroke-width: 1.6 }
.arrow .head { fill: var(--type); stroke: var(--type) }
.arrow .outline { stroke: var(--bad); stroke-width: 5.5 }
.arrow .core { stroke: var(--back); stroke-width: 3.5 }
.arrow.byzantine .line { stroke-width: 2.2; stroke-dasharray: 8 4 }
.arrow.byzantine .head { stroke: var(--bad); stroke-width: 1.5 }
.arrow.duplicate .line { stroke-dasharray: 1.5 3.5; stroke-width: 2 }
.arrow.duplicate .head { fill: var(--back) }
.arrow.lost .head { stroke: var(--bad); stroke-width: 2.5 }
.arrow.lost .line { stroke-width: 1.2 }
.arrow.pending .head { fill: var(--back) }
.arrow.selected .line, .arrow:hover .line { stroke-width: 3.2 }
.arrow.selected { opacity: 1 }

#overview .density { fill: var(--lane) }
#overview .application { fill: var(--good) }
#overview .faults { fill: var(--warn) }
#overview .explained { fill: var(--explained); stroke: none; opacity: 1 }
#overview .violations { fill: var(--bad) }
#overview .current { fill: var(--chosen); stroke: var(--focus); fill-opacity: .6; vector-effect: non-scaling-stroke }

@media (max-width: 600px) {
  h1 { flex: 1 0 100% }
  #more > summary { display: block }
  #more[open] { flex: 1 0 100% }
}
aside details { border-bottom: 1px solid var(--line); padding: 6px 14px }
aside summary { font-weight: 600; cursor: pointer; padding: 2px 0 }
aside ul { list-style: none }
aside ol { padding-left: 1.8em }
aside ol li::marker { font-weight: 600 }
aside li button { vertical-align: top; text-align: left; width: 100%; border-color: transparent; background: none; overflow-wrap: anywhere; padding: 2px 4px }
aside li button:hover { background: var(--hover) }
#violations strong { color: var(--bad) }
#explanation button { border-left: 4px solid var(--explained); border-radius: 2px; margin: 1px 0; padding-left: 8px }
.hint, .since { color: var(--muted) }
.headline { font-weight: 600; overflow-wrap: anywhere; margin: 3px 0 }
.violation { color: var(--bad); font-weight: 600 }
#state ul { list-style: none; padding-left: 12px }
#state .component > ul { padding-left: 0 }
#state details { border: 0; padding: 0 }
#state summary { font-weight: 400; color: var(--muted); padding: 0 }
#state li { overflow-wrap: anywhere }
#state .name { color: var(--muted); margin-right: 8px }
#state .value { font: 12.5px/1.5 ui-monospace, monospace }
#state li.new > .name, #state li.new > .value { background: var(--changed) }
#state li.gone > .value { text-decoration: line-through }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: 1px 4px }
th { font-weight: 400; color: var(--muted); padding-right: 10px; overflow-wrap: break-word; max-width: 15em }
td { font: 12.5px/1.5 ui-monospace, monospace; overflow-wrap: anywhere }
.component { margin: 6px 0; padding-left: 8px; border-left: 3px solid var(--line) }
.component.fresh { border-left-color: var(--focus) }
h3 { font-size: 13px; font-weight: 600 }
.since { font-weight: 400 }
.change { font: italic 11px system-ui, sans-serif; color: var(--muted) }
fieldset { border: 1px solid var(--line); border-radius: 5px; margin: 6px 0; max-height: 14em; overflow: auto }
fieldset label { display: block; overflow-wrap: anywhere }
#filter-instance { width: 9em }
#filter-instance[aria-invalid=true] { border-color: var(--bad) }
#legend { columns: 2; column-gap: 10px; font-size: 12.5px; line-height: 1.3 }
#legend li { display: flex; align-items: center; gap: 8px; break-inside: avoid }
.sample { flex: none }
#tooltip {
  position: fixed; z-index: 2; left: 0; top: 0; max-width: min(520px, 90vw); max-height: 60vh; overflow: hidden; pointer-events: none;
  background: var(--raised); border: 1px solid var(--muted); border-radius: 6px; padding: 4px 10px; box-shadow: 0 4px 16px #0004;
}
#status { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
dialog { background: var(--back); color: var(--text); border: 1px solid var(--muted); border-radius: 8px; max-width: 560px }
dialog::backdrop { background: #0008 }
dialog h2 { font-size: 16px; margin-bottom: 8px }
dialog p { margin: 10px 0 }
dialog th { white-space: nowrap }
dialog td { font: inherit }
@media (prefers-reduced-motion: no-preference) {
  .row.selected .glyph { animation: choose .18s ease-out }
  @keyframes choose { from { stroke-width: 9 } }
  #tooltip { animation: appear .1s .2s both }
  @keyframes appear { from { opacity: 0 } }
}
@media (forced-colors: active) { .arrow .line, .lane { stroke: CanvasText } .row.selected .band { stroke: Highlight; stroke-width: 2 } }
`
