/** The markup of the page: nothing of a run is in it. */
export const BODY = `
<header>
  <h1 id="title"></h1>
  <p id="verdict"></p>
  <button type="button" id="theme" title="light or dark (t)">Light/dark</button>
  <button type="button" id="help-button" title="keys (?)" aria-haspopup="dialog">Help <kbd>?</kbd></button>
</header>
<div id="toolbar" role="toolbar" aria-label="Steps and view">
  <span class="group">
    <button type="button" id="first" title="first step (Home)" aria-label="first step">⤒</button>
    <button type="button" id="previous" title="previous step (↑)" aria-label="previous step">↑</button>
    <button type="button" id="next" title="next step (↓)" aria-label="next step">↓</button>
    <button type="button" id="last" title="last step (End)" aria-label="last step">⤓</button>
  </span>
  <output id="position"></output>
  <details id="more" open><summary>More</summary><div class="tools">
    <span class="group" role="group" aria-label="Application">
      <button type="button" id="previous-mark" title="previous event of the application ([)">↑ application</button>
      <button type="button" id="next-mark" title="next event of the application (])">↓ application</button>
    </span>
    <span class="group" role="group" aria-label="Violations">
      <button type="button" id="previous-violation" title="previous violation ({)">↑ violation</button>
      <button type="button" id="next-violation" title="next violation (})">↓ violation</button>
    </span>
    <label>Spacing
      <select id="spacing">
        <option value="logical">a row for each event</option>
        <option value="time">virtual time</option>
      </select>
    </label>
    <span class="group">
      <button type="button" id="zoom-out" title="zoom out (-)" aria-label="zoom out">−</button>
      <button type="button" id="zoom-in" title="zoom in (+)" aria-label="zoom in">+</button>
    </span>
    <label><input type="checkbox" id="past" checked> causal past</label>
    <label title="x"><input type="checkbox" id="fold"> fold sessions</label>
  </div></details>
</div>
<main>
  <div id="scroller" role="listbox" tabindex="0" aria-label="Events of the run, time runs downward">
    <svg id="lane-names" height="30" role="none"></svg>
    <div id="canvas" role="none"><svg id="drawing" role="none"></svg></div>
  </div>
  <svg id="overview" preserveAspectRatio="none" role="img" aria-label="Overview: how many events there are when, and where the violations are"></svg>
  <aside aria-label="Details">
    <details open><summary>Legend</summary><ul id="legend"></ul></details>
    <details open id="explanation-panel"><summary>Explanation</summary><ol id="explanation"></ol></details>
    <details open><summary>Violations</summary><ul id="violations"></ul></details>
    <details open><summary>Event</summary><div id="event"></div></details>
    <details open><summary>State</summary>
      <label>of <select id="state-process"><option value="">the process of the step</option></select> after this step</label>
      <div id="state"></div>
    </details>
    <details id="filters-panel"><summary>Filters</summary><div id="filters"></div></details>
  </aside>
</main>
<div id="tooltip" role="tooltip" hidden></div>
<p id="status" role="status"></p>
<dialog id="help" aria-labelledby="help-title">
  <h2 id="help-title">Keys</h2>
  <table><tbody id="help-keys"></tbody></table>
  <p>Time runs downward. A click chooses an event; a click on an arrow goes to its end, and once more to its beginning.</p>
  <button type="button" id="help-close">Close</button>
</dialog>
<noscript><p>The picture is drawn by a script of this page, which is switched off.</p></noscript>
`
