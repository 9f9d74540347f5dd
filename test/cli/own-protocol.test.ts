/** `simulate ./my-protocol.ts`: somebody else's code, right or wrong, ends in a verdict. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { extent } from '../extent.ts'
import { BIN, byzkit, byzkitJson, expectRefused, type Outcome, temporaryFolder } from './support.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url))
const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url))

/** Runs a campaign that fails, for machines. */
async function violated(path: string, ...options: string[]) {
  const cwd = await temporaryFolder()
  const words = ['simulate', path, '--runs', extent('5', '30'), '--workers', '1', ...options]
  const { status, stdout, stderr } = await byzkit([...words, '--json'], { cwd })
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
  return { cwd, result: JSON.parse(stdout) }
}

type Wrong = [name: string, property: string, detail: RegExp, options: string[]]

/** Each violates in another way what one of the others violates, or takes long to be found out. */
const OTHER_WAYS: Wrong[] = [
  ['own-check', 'nobody speaks', /member \d speaks/, []],
  ['hoards', 'bounded memory', /the run with seed 1 needs more than \d+ MB/, []],
  ['loops', 'termination', /the run with seed 1 does not end within 2 s/, ['--run-seconds', '2']],
  ['floods', 'quiescence', /more than \d+ messages and timers under way/, []],
  [
    'throws-at-start',
    'no crash',
    /member 0 stopped: Error: no place to stand, at .*create \(.*throws-at-start\.ts:8\)$/,
    []
  ],
  ['triggers-itself', 'no crash', /a component triggers itself for ever/, []],
  ['hoards-buffers', 'bounded memory', /the run with seed 1 needs more than \d+ MB/, []],
  ['reads-clock', 'determinism', /the run with seed 1 is another one the second time/, []],
  [
    'goes-behind',
    'isolation',
    /the run with seed 1 fails outside of every handler: Error: nobody waits.*, at .*goes-behind\.ts:5/,
    []
  ]
]

describe('what a protocol does wrong is named, with the seed that shows it', () => {
  it.each<Wrong>([
    [
      'throws',
      'no crash',
      /member \d stopped: TypeError: cannot bear process \d, at bear \(.*throws\.ts:\d+\)$/,
      []
    ],
    ['rolls-dice', 'determinism', /the run with seed 1 is another one the second time/, []],
    ['leaves', 'isolation', /the run with seed 1 ends its thread/, []],
    ...extent<Wrong[]>([], OTHER_WAYS)
  ])('%s: %s', async (name, property, detail, options) => {
    const { result } = await violated(fixture(name), ...options)
    expect(result.verdict).toBe('violated')
    expect(result.violations[0]).toMatchObject({
      property,
      seed: 1,
      detail: expect.stringMatching(detail)
    })
  })

  it('an error in a handler has its type, and the lines of the file that led to it, in the terminal and in a replay', async () => {
    const cwd = await temporaryFolder()
    const path = fixture('throws')
    const at = (name: string) => `${name} \\(${path.replaceAll('/', '\\/')}:\\d+\\)`
    const words = ['simulate', path, '--runs', '5', '--workers', '1', '--trace', 't.jsonl']
    const { stdout } = await byzkit(words, { cwd })
    expect(stdout).toMatch(
      new RegExp(
        `^no crash violated  seed 1: member \\d stopped: TypeError: cannot bear process \\d, at ${at('bear')}\n    from ${at('hear')}\n`,
        'm'
      )
    )
    // Neither byzkit's own lines, nor Node's.
    expect(stdout).not.toMatch(/from .*(?:dist|node:)/)
    const replayed = await byzkitJson(['replay', 't.jsonl', '--protocol', path], { cwd })
    expect(replayed.violations[0]).toMatchObject({
      property: 'no crash',
      detail: expect.stringMatching(new RegExp(`TypeError: .*, at ${at('bear')}$`)),
      stack: expect.arrayContaining([expect.stringMatching(at('hear'))])
    })
  })

  it('a check of its own that throws is named by its line', async () => {
    const { result } = await violated(fixture('own-check'), '--seed', '2')
    expect(result.violations).toContainEqual(
      expect.objectContaining({
        property: 'everything is well',
        detail: expect.stringMatching(/^its check failed: RangeError: .*, at .*own-check\.ts:\d+\)?$/)
      })
    )
  })

  it('a right one is ok, on links that break and with processes that crash', async () => {
    const runs = extent('20', '60')
    const result = await byzkitJson(['simulate', fixture('survives'), '--runs', runs, '--links', 'real'], {
      cwd: await temporaryFolder()
    })
    expect(result).toMatchObject({ verdict: 'ok', violations: [] })
    expect(result.landmarks.restarted).toBeGreaterThan(3)
    expect(result.landmarks['session-ended']).toBeGreaterThan(3)
  })
})

describe('a protocol with a service of its own', () => {
  it('is run from its declaration, judged by its own checks, and holds', async () => {
    const result = await byzkitJson(['simulate', fixture('mailbox'), '--runs', extent('20', '60')], {
      cwd: await temporaryFolder()
    })
    expect(result).toMatchObject({ verdict: 'ok', protocol: 'mailbox', violations: [] })
  })

  it('no creation: one that names the wrong sender is found out, shrunk to a letter, and replayed in words', async () => {
    const { cwd, result } = await violated(fixture('broken-mailbox'), '--trace', 't.jsonl')
    expect(result.violations[0]).toMatchObject({
      property: 'no creation',
      seed: 1,
      detail: expect.stringMatching(/^member \d got letter 0 from member 0, who has not posted it$/)
    })
    const words = ['replay', 't.jsonl', '--protocol', fixture('broken-mailbox')]
    const { stdout } = await byzkit(words, { cwd })
    expect(stdout).toMatch(/p\d invokes 1: post to \d, letter /)
    expect(stdout).toMatch(/p\d is told arrive number 0, from 0, letter /)
    expect(stdout.match(/invokes/g)).toHaveLength(1)
  })

  it('is explored exhaustively, judged by its own check', async () => {
    const words = ['simulate', fixture('mailbox'), '--members', '2', '--exhaustive']
    const result = await byzkitJson(words)
    expect(result).toMatchObject({ verdict: 'ok', protocol: 'mailbox', violations: [] })
    expect(result.properties).toContain('no creation')
    expect(result.states).toBeGreaterThan(20)
    expect(result.asks.map(({ request }: { request: string }) => request.split(' ')[0])).toContain('post')
  })
})

describe('examples/unsafe-register.ts', () => {
  it('is found out: a read that overlaps a write returns what nobody wrote, with one write and one read', async () => {
    const { result } = await violated(example('unsafe-register'), '--trace', 't.jsonl')
    expect(result.violations[0]).toMatchObject({
      property: 'validity',
      detail: expect.stringMatching(/nothing that had begun by then wrote this value/)
    })
    expect(result.counterexample.shrunk.to).toBeLessThan(6)
  })
})

describe('examples/broken-broadcast.ts', () => {
  it('is found out, shrunk to a handful of messages, and replays with and without its code', async () => {
    const { cwd, result } = await violated(example('broken-broadcast'), '--trace', 't.jsonl')
    expect(result.violations[0].property).toBe('consistency')
    expect(result.counterexample.shrunk.to).toBeLessThan(10)
    // Whatever the liar still sends is a step of the explanation.
    const { acts, explanation } = result.counterexample
    expect(explanation.filter((line: string) => /^p\d! →/.test(line))).toHaveLength(acts)
    expect(result.replay).toBe(`npx byzkit replay t.jsonl --protocol ${example('broken-broadcast')}`)
    const shown = await byzkitJson(['replay', 't.jsonl'], { cwd })
    const again = await byzkitJson(['replay', 't.jsonl', '--protocol', example('broken-broadcast')], { cwd })
    expect([shown.repeated, again.repeated]).toEqual([false, true])
    for (const replayed of [shown, again]) expect(replayed.violations[0].property).toBe('consistency')
    expect(again.events).toBe(shown.events)
    await expectRefused(
      ['replay', 't.jsonl', '--protocol', fixture('throws')],
      `--protocol ${fixture('throws')}: that is throws, and t.jsonl is a run of broken-broadcast`,
      { cwd }
    )
  })

  it('the repaired one is ok under the same seeds', async () => {
    const cwd = await temporaryFolder()
    const result = await byzkitJson(['simulate', example('fixed-broadcast'), '--runs', extent('10', '100')], {
      cwd
    })
    expect(result).toMatchObject({ verdict: 'ok', violations: [] })
  })
})

describe('Ctrl-C', () => {
  /** Runs a campaign, and interrupts it once the file is there. */
  async function interrupted(cwd: string, path: string, mark: string, ...options: string[]) {
    const words = [BIN, 'simulate', path, '--workers', '1', '--trace', 't.jsonl', ...options]
    const child = spawn(process.execPath, words, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const outcome = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (outcome.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (outcome.stderr += text))
    const ended = new Promise<Outcome>((resolve) => {
      child.once('close', (status) => resolve({ status, ...outcome }))
    })
    await expect.poll(() => existsSync(join(cwd, mark))).toBe(true)
    child.kill('SIGINT')
    return ended
  }

  type Interrupted = [when: string, mark: string, options: string[]]

  it.each<Interrupted>([
    ['in a campaign', 'later-run', ['--runs', '1000000']],
    ...extent<Interrupted[]>([], [['while shrinking', 'thread-2', ['--runs', '5']]])
  ])('%s: what was found so far is told, and its trace saved', (_, mark, options) =>
    toldAndSaved('tells', mark, options)
  )

  // However long the thread that repeats the run takes to begin.
  it.each(extent<string[]>([], ['slow-to-load']))('%s: the trace is saved all the same', (name) =>
    toldAndSaved(name, 'later-run', ['--runs', '1000000'])
  )

  async function toldAndSaved(name: string, mark: string, options: readonly string[]) {
    const cwd = await temporaryFolder()
    const { status, stdout, stderr } = await interrupted(cwd, fixture(name), mark, ...options)
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    expect(stdout).toContain('interrupted')
    expect(stdout).toMatch(/no duplication violated {2}seed 1:/)
    expect(stdout).toContain('shrinking was cut short')
    const replayed = await byzkitJson(['replay', 't.jsonl', '--protocol', fixture('tells')], { cwd })
    expect(replayed).toMatchObject({ repeated: true, violations: [{ property: 'no duplication' }] })
  }

  it.each(extent<string[]>([], ['in a run that never ends']))('%s: it is not waited for', async () => {
    const cwd = await temporaryFolder()
    const path = join(cwd, 'loops.mjs')
    await writeFile(
      path,
      `import { writeFileSync } from 'node:fs'
         export default {
           name: 'loops', title: '', source: '', model: { name: 'any', liars: true },
           properties: [], landmarks: [],
           abstraction: 'broadcast', services: [],
           resilience: { formula: 'n > 3f', admits: () => true, largest: () => 1 },
           build() { writeFileSync('looping', ''); for (;;); }
         }`
    )
    const { status, stdout } = await interrupted(cwd, path, 'looping', '--run-seconds', '600')
    expect(status).toBe(130)
    expect(stdout).toMatch(/^inconclusive {2}it was interrupted by SIGINT after 0 runs$/m)
  })
})

describe('wrong usage', () => {
  const protocol = (rest: string) =>
    `import { broadcastProtocol } from ${JSON.stringify(new URL('../../src/testing.ts', import.meta.url))}
     export default broadcastProtocol({ name: 'mine', properties: [], create() {}, ${rest} })`

  const protocols = JSON.stringify(new URL('../../src/protocols.ts', import.meta.url))

  it.each<[string, string, RegExp]>([
    [
      'a component in a model that is too weak for it',
      `import { PerfectFailureDetector } from ${protocols}\n${protocol(
        "create: (env, ports) => new PerfectFailureDetector(env, 'p', ports, { detected() {} })"
      )}`,
      /p \(PerfectFailureDetector\) needs liars: false, timing: bounded; .* has liars: true, timing: asynchronous/
    ],
    [
      'a model that is only named',
      "export default { name: 'x', abstraction: 'broadcast', model: 'fail-silent', properties: [], landmarks: [], resilience: {}, services: [], build() {} }",
      /x: its model is one of those of byzkit\/protocols, such as failSilent, .*not "fail-silent"/
    ],
    [
      'a model that nobody knows',
      protocol("model: 'fail-loud'"),
      /there is no model "fail-loud": fail-stop, /
    ],
    ['no TypeScript', '\nexport default {{', /mine\.ts cannot be loaded: SyntaxError: .+, at mine\.ts:2$/],
    [
      'a stack of no abstraction',
      "export default { name: 'x', properties: [], landmarks: [], resilience: {}, services: [], build() {} }",
      /mine\.ts exports no protocol: .*broadcastProtocol\(\)/
    ],
    ['no protocol', 'export default 7', /mine\.ts exports no protocol: .*broadcastProtocol\(\)/],
    [
      'a throw',
      "\nconst fails = () => { throw new TypeError('not\\nnow') }\nfails()",
      /mine\.ts cannot be loaded: TypeError: not now, at fails \(mine\.ts:2\), from mine\.ts:3$/
    ],
    [
      'a mistake in what it imports',
      "import './its.ts'\nexport default 7",
      /mine\.ts cannot be loaded: SyntaxError: .+, at its\.ts:2$/
    ],
    ['an import of nothing', "import './absent.ts'", /mine\.ts cannot be loaded: Error: .*absent\.ts/],
    [
      'a property that nothing judges',
      protocol("properties: ['fairness']"),
      /judges the property "fairness"/
    ],
    ['a name of ours', protocol("name: 'double-echo'"), /double-echo is the name of a protocol of byzkit/],
    ['a name that is none', protocol("name: 'My Protocol'"), /name: small letters, digits and hyphens/],
    ['a check of ours', protocol('checks: { totality: () => [] }'), /totality is judged already/],
    ['no create', protocol('create: undefined'), /create: a function/]
  ])('%s', async (_, text, message) => {
    const cwd = await temporaryFolder()
    await writeFile(join(cwd, 'mine.ts'), text)
    await writeFile(join(cwd, 'its.ts'), '\nexport const broken = {{')
    await expectRefused(['simulate', './mine.ts'], message, { cwd })
  })
})
