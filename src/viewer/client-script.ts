/**
 * The script of the page, made of the parts in page/. Each part is one function that reaches nothing but its
 * parameters and the browser (types aside), so that its own text is all that it needs: it is checked, linted and
 * tested as any other code, no bundler is needed, and it is the same from source and from dist.
 */
import { makeArrows } from './page/arrows.ts'
import { causalPast } from './page/causal-past.ts'
import { makeDiagram } from './page/diagram.ts'
import { makeDom } from './page/dom.ts'
import { makeFilterForm } from './page/filter-form.ts'
import { makeGlyphs } from './page/glyphs.ts'
import { makeKeys } from './page/keys.ts'
import { makeOverview } from './page/overview.ts'
import { makePanels } from './page/panels.ts'
import { makeGeometry } from './page/scene.ts'
import { type Parts, startPage } from './page/start.ts'
import { makeStates } from './page/states.ts'
import { makeTimeline } from './page/timeline.ts'
import { makeTooltip } from './page/tooltip.ts'
import { makeValues } from './page/values.ts'
import { makeView } from './page/view.ts'

const PARTS: Parts = {
  makeDom,
  makeTimeline,
  causalPast,
  makeValues,
  makeStates,
  makeGeometry,
  makeGlyphs,
  makeArrows,
  makeDiagram,
  makeOverview,
  makePanels,
  makeFilterForm,
  makeTooltip,
  makeView,
  makeKeys
}

export function clientScript(): string {
  const parts = Object.entries(PARTS).map(([name, part]) => `${name}: ${String(part)}`)
  return `'use strict';(${String(startPage)})({\n${parts.join(',\n')}\n})`
}
