/** The style of the page of a history: light and dark by the reader's preference. */
export const historyPageStyle = `
:root { color-scheme: light dark; --line: #8884; --bar: #8aa4c8; --text: #1b1b1b; --wrong: #c62828;
  --story: #b58900; --open: #8aa4c855; --back: #ffffff }
@media (prefers-color-scheme: dark) {
  :root { --bar: #3f5a80; --text: #e8e8e8; --wrong: #e5534b; --story: #9a7d1a; --open: #3f5a8066; --back: #16181c }
}
* { box-sizing: border-box }
body { margin: 0; font: 14px/1.4 system-ui, sans-serif; color: var(--text); background: var(--back);
  display: flex; flex-direction: column; height: 100vh }
header { padding: 10px 16px; border-bottom: 1px solid var(--line) }
h1 { font-size: 17px; margin: 0 0 4px }
.verdict { margin: 0 0 6px; overflow-wrap: anywhere }
.wrong { color: var(--wrong) }
.controls { display: flex; flex-wrap: wrap; gap: 6px; align-items: center }
select { max-width: 20em }
main { flex: 1; min-height: 0; overflow-y: auto; display: flex }
#lanes { flex: none; padding: 24px 8px 0 16px; max-width: 12em }
#lanes div { height: 30px; line-height: 26px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
#chart { flex: 1; position: relative; overflow: hidden; padding-top: 24px }
#plot { position: relative }
.lane { position: absolute; left: 0; right: 0; height: 0; border-top: 1px solid var(--line) }
.tick { position: absolute; top: -22px; font-size: 11px; opacity: .7 }
.bar { position: absolute; height: 24px; padding: 0 3px; border: 1px solid #0003; border-radius: 3px;
  background: var(--bar); color: var(--text); font: 12px/22px ui-monospace, monospace; text-align: left;
  overflow: hidden; white-space: nowrap; cursor: pointer }
.bar.fail { opacity: .45; text-decoration: line-through }
.bar.info { background: var(--open); border-style: dashed }
.bar.story { background: var(--story) }
.bar.wrong { background: var(--wrong); color: #fff; font-weight: 600; z-index: 1 }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 0; padding: 6px 16px;
  border-bottom: 1px solid var(--line); font-size: 12.5px }
.legend .bar { position: static; display: inline-block; vertical-align: middle; cursor: default }
.bar:focus-visible, .bar:hover { outline: 2px solid var(--text); z-index: 2 }
#details { margin: 0; padding: 8px 16px; min-height: 11em; max-height: 30vh; overflow: auto;
  border-top: 1px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere }
`
