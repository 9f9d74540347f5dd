/** The page of a history: what is in it, that nothing in it is obeyed, and that its script draws. */
import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import { checkLinearizable } from '../../src/checkers/linearizability.ts'
import { registerModel } from '../../src/checkers/models.ts'
import type { Operation } from '../../src/checkers/operations.ts'
import { historyPage, PAGE_OPERATIONS_MAX } from '../../src/viewer/history-page.ts'
import { op } from '../checkers/support.ts'

const evil = '</script><img src=x onerror=alert(1)>'

function pageOf(history: readonly Operation[], title = 'a page') {
  const { contradiction } = checkLinearizable(history, registerModel())
  const page = historyPage(history, { title, contradiction })
  const data = JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? '')
  const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? ''
  return { page, data, script }
}

/** So much of a document as the script touches. */
class FakeElement {
  className = ''
  textContent = ''
  value = ''
  readonly style: Record<string, string> = {}
  children: FakeElement[] = []
  readonly listeners: Record<string, (event: object) => void> = {}
  addEventListener(name: string, listener: (event: object) => void) {
    this.listeners[name] = listener
  }
  replaceChildren(...children: FakeElement[]) {
    this.children = children
  }
  setAttribute() {}
}

/** Runs the script of a page on its data. */
function open({ data, script }: { data: object; script: string }) {
  const elements: Record<string, FakeElement> = { data: new FakeElement() }
  elements.data!.textContent = JSON.stringify(data)
  const keyboard: Record<string, (event: object) => void> = {}
  const document = {
    getElementById: (id: string) => (elements[id] ??= new FakeElement()),
    createElement: () => new FakeElement(),
    addEventListener: (name: string, listener: (event: object) => void) => {
      keyboard[name] = listener
    }
  }
  new Script(script).runInNewContext({ document })
  return {
    elements,
    press: (key: string) => keyboard.keydown?.({ key, preventDefault() {} }),
    bars: () => elements.plot!.children.filter(({ className }) => className.startsWith('bar'))
  }
}

const longHistory = [
  ...Array.from({ length: 5000 }, (_, i) => op(i % 4, 'write', i, 2 * i, 2 * i + 1)),
  op(9, 'read', 17, 10_001, 10_002)
]

test('at first it shows the surroundings of the violation, and on request all 5,000 operations', () => {
  const view = open(pageOf(longHistory))
  const wrong = () => view.bars().filter(({ className }) => className.endsWith('wrong'))
  expect(view.bars().length).toBeLessThan(30)
  expect(wrong().map(({ textContent }) => textContent)).toEqual(['write 4999', 'read → 17'])
  view.press('0')
  expect(view.bars()).toHaveLength(5001)
  view.press('+')
  expect(view.bars().length).toBeLessThan(3000)
  view.press('v')
  expect(wrong()).toHaveLength(2)
})

test('a bar tells its operation when it gets the focus', () => {
  const view = open(pageOf(longHistory))
  const [bar] = view.bars().filter(({ textContent }) => textContent === 'read → 17')
  bar?.listeners.focus?.({})
  expect(view.elements.details?.textContent).toBe(
    'process 9: read\nreturned 17\ninvoked: line 10001\nanswered: line 10002\nok'
  )
})

test('an empty history makes a page too', () => {
  expect(open(pageOf([])).bars()).toEqual([])
})

test('text of a history stays text', () => {
  const history = [op(evil, 'read', evil, 1, 2)]
  const { page, script } = pageOf(history, evil)
  expect(page).not.toContain('<img')
  expect(page.match(/<script/g)).toHaveLength(2)
  expect(script).not.toContain('innerHTML')
})

test('a very long history is cut around its violation, which stays', () => {
  const many = Array.from({ length: PAGE_OPERATIONS_MAX + 10 }, (_, i) => op(0, 'write', 1, 2 * i, 2 * i + 1))
  const { page, data } = pageOf([op(1, 'read', 7, 0, 1), ...many])
  expect(data.bars).toHaveLength(PAGE_OPERATIONS_MAX)
  expect(data.bars.filter(({ mark }: { mark: number }) => mark === 2)).toHaveLength(1)
  expect(page).toContain('11 operations that are farther away are not shown')
})
