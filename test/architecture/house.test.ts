/** The rules of the house hold, and each of them catches a planted violation. */
import { describe, expect, test } from 'vitest'
import { stacks } from '../../src/catalogue/index.ts'
import { servedRegisters } from '../../src/catalogue/with-storage.ts'
import { declaredPorts, namesIn } from './declared.ts'
import { COMMENT_COLUMNS_MAX, FILE_LINES_MAX, FOLDERS, PROTOCOL_FOLDERS } from './house.ts'
import {
  adversaryKnowsNoProtocol,
  arrowsGoDownward,
  commentsAreNarrow,
  entriesNameWhatTheyExport,
  everyAlgorithmRunsInAStack,
  everyFolderIsListed,
  exportsAreUsed,
  filesAreShort,
  machineryKnowsNoService,
  noCycles,
  noInexactMathNoLocale,
  protocolsAreSynchronous,
  protocolsHaveNoSurroundings,
  protocolsImportNoHost,
  type Rule,
  typesAreNotSwitchedOff,
  verdictsAreDeterministic
} from './rules.ts'
import { parseModule, readModules, readUsers } from './source.ts'

const modules = readModules()

/** Of every service that some stack offers, and of what live members keep beside. */
const declared = [...stacks.flatMap(({ services }) => services), ...servedRegisters.services]
const named = new Set(
  declared.flatMap(({ name, requests, indications }) => [
    name,
    ...Object.keys(requests),
    ...Object.keys(indications)
  ])
)

/** In messages of every stack; what live members keep beside speaks as one of them does. */
const spoken = namesIn(stacks.flatMap(declaredPorts))

test('the source was read: its modules, and what they import', () => {
  expect(modules.length).toBeGreaterThan(50)
  const process = modules.find(({ path }) => path === 'core/process.ts')
  expect(process?.imports).toEqual([
    { specifier: './assert.ts', target: 'core/assert.ts', typeOnly: false },
    { specifier: './store.ts', target: 'core/store.ts', typeOnly: true }
  ])
  expect(PROTOCOL_FOLDERS).toContain('broadcast')
  expect(PROTOCOL_FOLDERS).not.toContain('stacks')
  const unknown = modules.flatMap(({ path, imports }) =>
    imports
      .filter(({ target }) => target !== undefined && !modules.some((module) => module.path === target))
      .map(({ target }) => `${path}: ${target}`)
  )
  expect(unknown).toEqual([])
})

type Planted = readonly [path: string, text: string]

/** Each rule, with violations and with what looks like one and is none. */
const rules: readonly {
  readonly claim: string
  readonly rule: Rule
  readonly caught: readonly Planted[]
  readonly allowed: readonly Planted[]
}[] = [
  {
    claim: 'every file is in a folder of the house, or is an entry',
    rule: everyFolderIsListed,
    caught: [
      ['helpers/strings.ts', ''],
      ['main.ts', '']
    ],
    allowed: [['protocols.ts', '']]
  },
  {
    claim:
      'simulator, recordings, traces, adversaries, viewer and host name no service, no request and no indication',
    rule: machineryKnowsNoService(named),
    caught: [
      ['simulator/a.ts', "if (choice.name === 'broadcast') return"],
      ['simulator/a/b.ts', 'const kinds = ["read"]'],
      ['adversary/a.ts', 'const name = `acknowledge` // asked for'],
      ['viewer/page/a.ts', "case 'deliver':"],
      ['recording/recorder.ts', "service === 'registers'"],
      ['laboratory/replayed-member.ts', "names.includes('compareAndSet')"],
      ['laboratory/judge.ts', "indicated('gap')"],
      ['libp2p/host.ts', "services['store']"],
      ['cluster/judgement.ts', "name === 'deliver'"],
      ['adversary/withhold.ts', "kind === 'list'"]
    ],
    allowed: [
      ['simulator/a.ts', "// asks for 'broadcast'"],
      ['simulator/a.ts', "const broadcast = services.broadcast; const name = 'broadcasts'"],
      ['laboratory/abstractions/broadcasts.ts', "name === 'broadcast'"],
      ['adversary/values.ts', "case 'list':"],
      ['checkers/a.ts', "kind: 'deliver'"]
    ]
  },
  {
    claim: 'the adversary names no type of message, and no field of one',
    rule: adversaryKnowsNoProtocol(spoken),
    caught: [
      ['adversary/a.ts', "if (type === 'PULL') return false"],
      ['adversary/a.ts', 'const isAnswer = format.type === `VALUE`'],
      ['adversary/a.ts', "if (field === 'signer') return 0"],
      ['adversary/a.ts', "names.includes('digest')"],
      ['adversary/a.ts', 'const { sender = speaker } = message'],
      ['adversary/a.ts', 'const key = JSON.stringify(answer.register)'],
      ['adversary/a.ts', `const key = \`\${message.sequence}\``]
    ],
    allowed: [
      ['adversary/a.ts', "// if (type === 'PULL') return false"],
      ['adversary/a.ts', "if (shape.means === 'digest' || means.includes('signature')) return 0"],
      ['adversary/a.ts', "if (role === 'vote') report('conflicting-ECHO')"],
      ['broadcast/a.ts', "if (message.type === 'ECHO') echo(message.sender)"]
    ]
  },
  {
    claim: 'arrows go downward only, and the two hosts do not know each other',
    rule: arrowsGoDownward,
    caught: [
      ['core/a.ts', "import { b } from '../links/b.ts'"],
      ['links/a.ts', "import type { B } from '../broadcast/b.ts'"],
      ['broadcast/a.ts', "export * from '../stacks/b.ts'"],
      ['broadcast/a.ts', "const b = await import('../cli/b.ts')"],
      ['broadcast/a.ts', "import '../cli/b.ts'"],
      ['broadcast/a.ts', "import {\n  b, // why\n  type C\n} from '../cli/commands/b.ts'"],
      ['simulator/a.ts', "import type { B } from '../libp2p/b.ts'"],
      ['simulator/a.ts', "import { b } from '../adversary/behaviour.ts'"],
      ['simulator/a.ts', "import type { B } from '../adversary/twins.ts'"],
      ['stacks/a.ts', "import type { B } from '../adversary/behaviour.ts'"],
      ['cli/a.ts', "import { b } from '../index.ts'"],
      ['cli/a.ts', "import { b } from '../../test/core/b.ts'"]
    ],
    allowed: [
      ['links/a.ts', "import { b } from '../core/b.ts'"],
      ['links/a.ts', "// import { b } from '../cli/b.ts'"],
      ['links/a.ts', "/* export * from '../cli/b.ts' */ const url = 'http://a' // import '../cli/b.ts'"],
      ['simulator/a.ts', "import type { B } from '../adversary/behaviour.ts'"],
      ['index.ts', "export * from './cli/b.ts'"]
    ]
  },
  {
    claim: 'no circle of files',
    rule: noCycles,
    caught: [['core/a.ts', "import type { A } from './a.ts'"]],
    allowed: [['core/a.ts', "import { b } from './b.ts'"]]
  },
  {
    claim: 'protocols, stacks and cryptography import computation only: no node:*, no libp2p',
    rule: protocolsImportNoHost,
    caught: [
      ['core/a.ts', "import { readFileSync } from 'node:fs'"],
      ['broadcast/a.ts', "import fs from 'fs'"],
      ['stacks/a.ts', "import type { Libp2p } from '@libp2p/interface'"],
      ['links/a.ts', "import { setTimeout } from 'node:timers/promises'"],
      ['crypto/a.ts', "import { createHash } from 'node:crypto'"]
    ],
    allowed: [
      ['core/a.ts', "import { sha256 } from '@noble/hashes/sha2.js'"],
      ['crypto/a.ts', "import { sha256 } from '@noble/hashes/sha2.js'"],
      ['crypto/node-backend.ts', "import { createHash } from 'node:crypto'"],
      ['store/a.ts', "import { readFileSync } from 'node:fs'"]
    ]
  },
  {
    claim: 'protocols are synchronous',
    rule: protocolsAreSynchronous,
    caught: [
      ['links/a.ts', 'const a = async () => {}'],
      ['links/a.ts', 'let a: Promise<void>'],
      ['links/a.ts', `const a = \`\${await b}\``],
      ['links/a.ts', 'a.then(b)']
    ],
    allowed: [
      ['links/a.ts', "// a Promise\nconst a = 'await' /* async */"],
      ['links/a.ts', 'const a = /["\']/, b = /async/ // async'],
      ['store/a.ts', 'const a = async () => {}']
    ]
  },
  {
    claim: 'protocols reach nothing of their surroundings: no timers, no process, no console',
    rule: protocolsHaveNoSurroundings,
    caught: [
      ['core/a.ts', 'setTimeout(a, 1)'],
      ['core/a.ts', 'queueMicrotask(a)'],
      ['core/a.ts', 'const a = Buffer.alloc(1)'],
      ['core/a.ts', 'if (process.env.DEBUG) console.log(a)']
    ],
    allowed: [
      ['core/a.ts', 'this.#setTimeout(1); clock.setTimeout(1)'],
      ['core/a.ts', 'const { process } = fault; process.input(a)']
    ]
  },
  {
    claim: 'what a verdict depends on has no time and no randomness of its own',
    rule: verdictsAreDeterministic,
    caught: [
      ['laboratory/a.ts', 'const a = Date.now()'],
      ['checkers/a.ts', 'const a = new Date()'],
      ['adversary/a.ts', 'const a = Math.random()'],
      ['simulator/a.ts', 'const a = performance.now()']
    ],
    allowed: [
      ['cli/a.ts', 'const a = Date.now()'],
      ['checkers/a.ts', 'const a = { lastDate: 1 }.lastDate // Date']
    ]
  },
  {
    claim: 'nor a transcendental function, nor a locale',
    rule: noInexactMathNoLocale,
    caught: [
      ['simulator/a.ts', 'const a = Math.log(b)'],
      ['broadcast/a.ts', 'const a = b.toLocaleString()'],
      ['checkers/a.ts', 'const a = b.localeCompare(c)']
    ],
    allowed: [['simulator/a.ts', 'const a = Math.floor(b) + Math.max(c, 1)']]
  },
  {
    claim: 'every algorithm of links, detectors, broadcast, registers and leaderless is part of a stack',
    rule: everyAlgorithmRunsInAStack,
    caught: [
      ['broadcast/a.ts', 'export class A extends Component {}'],
      ['links/a/b.ts', "import { c } from './c.ts'\nexport abstract class A {}"],
      ['detectors/a.ts', 'export class A {}'],
      ['registers/a.ts', 'export class A {}'],
      ['leaderless/a.ts', 'export class A {}']
    ],
    allowed: [
      ['broadcast/a.ts', 'export interface A {}\n// export class A {}'],
      ['broadcast/a.ts', 'export const A_MAX = 1\nclass A {}'],
      ['exchange/a.ts', 'export class A {}']
    ]
  },
  {
    claim: `no file has more than ${FILE_LINES_MAX} lines`,
    rule: filesAreShort,
    caught: [['core/a.ts', 'a()\n'.repeat(FILE_LINES_MAX + 1)]],
    allowed: [['core/a.ts', 'a()\n'.repeat(FILE_LINES_MAX)]]
  },
  {
    claim: `no line of a comment has more than ${COMMENT_COLUMNS_MAX} columns`,
    rule: commentsAreNarrow,
    caught: [
      ['core/a.ts', `// ${'a'.repeat(COMMENT_COLUMNS_MAX)}`],
      ['core/a.ts', `/**\n * ${'a'.repeat(COMMENT_COLUMNS_MAX)}\n */`],
      ['core/a.ts', `class A {\n  /** ${'⟨'.repeat(COMMENT_COLUMNS_MAX)} */\n}`]
    ],
    allowed: [
      ['core/a.ts', `// ${'a'.repeat(COMMENT_COLUMNS_MAX - 3)}`],
      ['core/a.ts', `const a = '${'a'.repeat(COMMENT_COLUMNS_MAX)}'`]
    ]
  },
  {
    claim: 'an export has a user outside its file, or is a type that its file says something with',
    rule: exportsAreUsed(readUsers()),
    caught: [
      ['core/a.ts', 'export const unused = 1'],
      ['core/a.ts', 'export function unused() {}\nunused()'],
      ['core/a.ts', '// unused\nexport abstract class unused {}'],
      ['core/a.ts', 'export interface Unused {}']
    ],
    allowed: [
      ['core/a.ts', 'export interface Said {}\nfunction f(said: Said) {}'],
      ['core/a.ts', 'const unused = 1'],
      ['index.ts', 'export const a = 1']
    ]
  },
  {
    claim: 'a public entry names all that it exports',
    rule: entriesNameWhatTheyExport,
    caught: [
      ['index.ts', "export * from './core/a.ts'"],
      ['testing.ts', "export * as shapes from './core/shapes.ts'"],
      ['crypto/index.ts', "export * from './a.ts'"]
    ],
    allowed: [
      ['index.ts', "export { a } from './core/a.ts' // export *"],
      ['core/a.ts', "export * from './b.ts'"]
    ]
  },
  {
    claim: 'no type is switched off',
    rule: typesAreNotSwitchedOff,
    caught: [
      ['core/a.ts', 'let a: any'],
      ['core/a.ts', 'const a = b as any'],
      ['core/a.ts', 'const a: Map<string, any> = b'],
      ['core/a.ts', 'const a = b as unknown as C'],
      ['core/a.ts', '// @ts-ignore\na()'],
      ['core/a.ts', '// @ts-expect-error\na()']
    ],
    allowed: [['core/a.ts', '// any\nconst a = b as unknown']]
  }
]

describe.each(rules)('$claim', ({ rule, caught, allowed }) => {
  test('in src/', () => {
    expect(rule(modules)).toEqual([])
  })

  test('a planted violation is caught', () => {
    for (const [path, text] of caught) expect(rule([parseModule(path, text)]), text).not.toEqual([])
  })

  test('what merely looks like one is not', () => {
    for (const [path, text] of allowed) expect(rule([parseModule(path, text)]), text).toEqual([])
  })
})

test('an export is used by whoever takes it by its name, or takes the whole of its file', () => {
  const shown = parseModule('core/a.ts', 'export const a = 1\nexport const b = 2')
  const takes = (text: string) => exportsAreUsed([])([shown, parseModule('links/b.ts', text)])
  expect(takes("import { a as c } from '../core/a.ts'")).toEqual(['core/a.ts: nobody else uses b'])
  expect(takes("export { type a, b } from '../core/a.ts'")).toEqual([])
  expect(takes("import * as all from '../core/a.ts'")).toEqual([])
  expect(takes("const all = await import('../core/a.ts')")).toEqual([])
  expect(takes("import { a, b } from '../links/a.ts'")).toHaveLength(2)
})

test('an algorithm is reached from the catalogue through other files, by more than its types', () => {
  const algorithm = parseModule('links/a.ts', 'export class A {}')
  const through = parseModule('stacks/b.ts', "export { A } from '../links/a.ts'")
  const catalogue = (text: string) => parseModule('catalogue/index.ts', text)
  const reached = (text: string) => everyAlgorithmRunsInAStack([algorithm, through, catalogue(text)])
  expect(reached("import { b } from '../stacks/b.ts'")).toEqual([])
  expect(reached("import type { B } from '../stacks/b.ts'")).toEqual([
    'links/a.ts is part of no stack, so that no campaign runs it'
  ])
})

test('a circle through several files is found, and named by its files', () => {
  const circle = [
    parseModule('core/a.ts', "import type { B } from './b.ts'"),
    parseModule('core/b.ts', "import { c } from './c.ts'"),
    parseModule('core/c.ts', "export { b } from './b.ts'")
  ]
  expect(noCycles(circle)).toEqual(['core/b.ts -> core/c.ts -> core/b.ts'])
})

test('the order of the folders is a list without repetitions', () => {
  expect(new Set(FOLDERS).size).toBe(FOLDERS.length)
})
