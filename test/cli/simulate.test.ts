import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { TraceDigest } from '../../src/simulator/digest.ts'
import { extent } from '../extent.ts'
import { byzkit, byzkitJson, contents, expectRefused, temporaryFolder } from './support.ts'

const RUNS = extent(10, 200)

const lastLine = (text: string) => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')

describe('simulate', () => {
  it.each(['double-echo', 'authenticated-echo', 'signed-echo'])(
    '%s against an equivocating member: ok, no violation, the landmarks counted',
    async (protocol) => {
      const words = ['simulate', protocol, '--members', '4', '--byzantine', '1', '--adversary', 'equivocate']
      const cwd = await temporaryFolder()
      const result = await byzkitJson([...words, '--runs', String(RUNS), '--seed', '1'], { cwd })
      expect(result).toMatchObject({
        protocol,
        members: 4,
        faults: 1,
        byzantine: 1,
        adversary: 'equivocate',
        runs: RUNS,
        seed: 1,
        violations: [],
        verdict: 'ok'
      })
      expect(result.landmarks['equivocation-seen']).toBeGreaterThan(RUNS / 4)
      expect(result.events).toBeGreaterThan(50 * RUNS)
      expect(result.eventsPerSecond).toBeGreaterThan(0)
      expect(await contents(cwd)).toEqual({})
    }
  )

  it.each([
    ['majority-max-register', ['--faults', '3'], 'read, never returned'],
    [
      'masking-quorum-register',
      ['--faults', '2', '--byzantine', '2', '--adversary', 'silent'],
      'never returned'
    ]
  ])(
    '%s: an operation that never returns is shrunk, written, explained and replayed in words',
    async (...of) => {
      const [protocol, words, what] = of
      const cwd = await temporaryFolder()
      const run = ['simulate', protocol, '--members', '5', ...words, '--beyond-resilience', '--runs', '20']
      const { status, stdout } = await byzkit([...run, '--trace', 'run.jsonl'], { cwd })
      expect([status, stdout]).toEqual([1, expect.stringContaining('termination violated')])
      const replayed = await byzkit(['replay', 'run.jsonl'], { cwd })
      expect(replayed.status).toBe(0)
      expect(replayed.stdout).toMatch(/▲ .* invokes 1: /)
      expect(replayed.stdout).toContain(what)
    }
  )

  it('beyond its model a detector takes a slow process for a crashed one; the run repeats', async () => {
    const cwd = await temporaryFolder()
    const words = ['simulate', 'exclude-on-timeout', '--runs', '20', '--trace', 'run.jsonl']
    expect(await byzkitJson(words, { cwd })).toMatchObject({ verdict: 'ok' })
    const { status, stdout } = await byzkit([...words, '--beyond-model'], { cwd })
    expect([status, stdout]).toEqual([1, expect.stringContaining('20 runs beyond the model')])
    expect(stdout).toMatch(/strong accuracy violated {2}seed \d+: .*which had not crashed/)
    expect((await byzkit(['replay', 'run.jsonl'], { cwd })).status).toBe(0)
  })

  it('--list says the model of each protocol, with --json as a value', async () => {
    const cwd = await temporaryFolder()
    const { stdout } = await byzkit(['simulate', '--list'], { cwd })
    expect(stdout).toMatch(/exclude-on-timeout .*\(fail-stop, any f < n\)/)
    const listed = await byzkitJson(['simulate', '--list'], { cwd })
    const [detector] = listed.filter(({ name }: { name: string }) => name === 'exclude-on-timeout')
    expect(detector.model).toMatchObject({ name: 'fail-stop', timing: 'bounded', bounds: { latencyMs: 300 } })
  })

  it('two runs with one seed print one trace digest, whatever the number of workers; another seed another', async () => {
    const cwd = await temporaryFolder()
    const digest = async (seed: string, workers: string) => {
      const words = [
        'simulate',
        extent('authenticated-echo', 'double-echo'),
        '--runs',
        // More than one block of them.
        extent('30', '120'),
        '--seed',
        seed,
        '--workers',
        workers
      ]
      return (await byzkitJson(words, { cwd })).traceDigest
    }
    const [one, two, other] = [await digest('1', '1'), await digest('1', '3'), await digest('2', '1')]
    expect(one).toBe(two)
    expect(one).not.toBe(other)
  })

  it.each(extent<string[]>([], ['shards']))('%s are disjoint and together the whole', async () => {
    const cwd = await temporaryFolder()
    const words = ['simulate', 'signed-echo', '--runs', '60']
    const whole = await byzkitJson(words, { cwd })
    const parts = [
      await byzkitJson([...words, '--shard', '1/2'], { cwd }),
      await byzkitJson([...words, '--shard', '2/2'], { cwd })
    ]
    expect(parts.map(({ runs }) => runs)).toEqual([30, 30])
    expect(parts[0].events + parts[1].events).toBe(whole.events)
  })

  it('where all runs hold, --trace and --html have the first of them, as it was', async () => {
    const cwd = await temporaryFolder()
    const words = [
      'simulate',
      'double-echo',
      '--runs',
      '3',
      '--seed',
      '5',
      '--workers',
      '1',
      '--links',
      'real'
    ]
    const files = ['--trace', 'held.jsonl', '--html', 'held.html']
    const result = await byzkitJson([...words, ...files], { cwd })
    expect(result).toMatchObject({
      verdict: 'ok',
      kept: { seed: 5, trace: 'held.jsonl', html: 'held.html' },
      replay: 'npx byzkit replay held.jsonl'
    })
    expect(result.counterexample).toBeUndefined()
    const alone = await byzkitJson([...words.with(3, '1')], { cwd })
    const replayed = await byzkitJson(['replay', 'held.jsonl'], { cwd })
    expect(replayed).toMatchObject({ seed: 5, adversary: 'swarm', violations: [] })
    // The digest of a campaign of one run is made of that of the run.
    const digest = new TraceDigest()
    digest.addText(replayed.digest)
    expect(digest.hex()).toBe(alone.traceDigest)
    expect(await readFile(join(cwd, 'held.html'), 'utf8')).toContain('<title>double-echo, 4 members')
    const { stdout } = await byzkit([...words.with(3, '1'), '--html', 'held.html'], { cwd })
    expect(stdout).toContain('page of the first run, that of seed 5: held.html\n')
  })

  it('where one is violated, --html draws the smallest', async () => {
    const cwd = await temporaryFolder()
    const broken = fileURLToPath(new URL('../../examples/broken-broadcast.ts', import.meta.url))
    const words = ['simulate', broken, '--runs', '1', '--workers', '1', '--trace', 't.jsonl']
    const { stdout } = await byzkit([...words, '--html', 'page.html'], { cwd })
    expect(stdout).toContain('trace: t.jsonl\npage: page.html\n')
    const page = await readFile(join(cwd, 'page.html'), 'utf8')
    const again = ['replay', 't.jsonl', '--protocol', broken, '--html', 'again.html']
    expect((await byzkit(again, { cwd })).status).toBe(0)
    expect(page).toBe(await readFile(join(cwd, 'again.html'), 'utf8'))
  })

  it('beyond resilience it breaks: exit status 1, the property named, a trace that replays exactly', async () => {
    const cwd = await temporaryFolder()
    const words = [
      'simulate',
      'double-echo',
      '--members',
      '4',
      '--byzantine',
      '2',
      '--adversary',
      'equivocate'
    ]
    const { status, stdout } = await byzkit([...words, '--beyond-resilience', '--runs', '5', '--json'], {
      cwd
    })
    expect(status).toBe(1)
    const result = lastLine(stdout)
    expect(result.verdict).toBe('violated')
    const properties = new Set(result.violations.map(({ property }: { property: string }) => property))
    expect(properties.has('consistency') || properties.has('totality')).toBe(true)

    const replayed = await byzkit(['replay', result.trace], { cwd })
    expect(replayed).toMatchObject({ status: 0, stderr: '' })
    expect(replayed.stdout).toContain(`${result.violations[0].property} violated`)
    expect(replayed.stdout).toContain('delivers')
    const again = await byzkitJson(['replay', result.trace], { cwd })
    expect(again.violations[0].property).toBe(result.violations[0].property)
    const lines = (await readFile(join(cwd, result.trace), 'utf8')).trimEnd().split('\n')
    expect(again.events).toBe(lines.length - 2 - again.choices)
    expect(again).toMatchObject({ repeated: true, skipped: 0 })
  })

  it('--list names every protocol, for machines too', async () => {
    const list = await byzkitJson(['simulate', '--list'])
    expect(list.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['authenticated-echo', 'signed-echo', 'double-echo'])
    )
    for (const protocol of list) {
      expect(Object.keys(protocol)).toEqual(
        expect.arrayContaining(['name', 'model', 'resilience', 'properties', 'landmarks'])
      )
    }
  })
})

/** A trace of a violation, made once. */
let trace: Promise<readonly string[]> | undefined

async function linesOfTrace(): Promise<string[]> {
  trace ??= makeTrace()
  return [...(await trace)]
}

async function makeTrace(): Promise<readonly string[]> {
  const cwd = await temporaryFolder()
  const words = ['simulate', 'double-echo', '--byzantine', '2', '--adversary', 'equivocate']
  await byzkit([...words, '--beyond-resilience', '--runs', '5', '--trace', 't.jsonl'], { cwd })
  return (await readFile(join(cwd, 't.jsonl'), 'utf8')).trimEnd().split('\n')
}

describe('wrong usage', () => {
  it.each<[string[], RegExp]>([
    [['simulate'], /needs a protocol/],
    [['simulate', 'no-such'], /there is no protocol no-such/],
    [['simulate', 'double-echo', '--adversary', 'nobody'], /there is no adversary nobody/],
    [
      ['simulate', 'double-echo', '--members', '3', '--faults', '1'],
      /needs n > 3f: a group of 3 tolerates at most 0/
    ],
    [['simulate', 'double-echo', '--byzantine', '2'], /tolerates 1 .* --beyond-resilience/],
    [['simulate', 'double-echo', '--byzantine', '4', '--beyond-resilience'], /none would be correct/],
    [
      ['simulate', 'exclude-on-timeout', '--byzantine', '1'],
      /nobody lies in exclude-on-timeout's model \(fail-stop\), unless --beyond-model is given/
    ],
    [
      ['simulate', 'exclude-on-timeout', '--links', 'real'],
      /stands on perfect links \(fail-stop\), whose sessions never end, unless --beyond-model is given/
    ],
    [
      ['simulate', 'double-echo', '--links', 'real', '--beyond-model'],
      /with real links nothing is worse than fail-arbitrary silent allows/
    ],
    [['simulate', 'double-echo', '--runs', 'many'], /integer/],
    [['simulate', 'double-echo', '--shard', '3/2'], /I\/K/],
    [['simulate', 'double-echo', '--links', 'wet'], /ideal or real/],
    [['replay', 'absent.jsonl'], /absent\.jsonl/]
  ])('%j', async (words, message) => {
    await expectRefused(words, message, { cwd: await temporaryFolder() })
  })

  it.each<[string, (lines: string[]) => string[], RegExp]>([
    ['no trace at all', () => ['hello'], /line 1 is not a JSON object/],
    ['another format', ([, ...rest]) => ['{"format":"else"}', ...rest], /not a trace of a simulated run/],
    [
      'another version',
      (lines) => [String(lines[0]).replace('"version":3', '"version":9'), ...lines.slice(1)],
      /trace version 9/
    ],
    ['a truncated one', (lines) => lines.slice(0, -1), /truncated/],
    [
      'half a line at the end',
      (lines) => [...lines.slice(0, -1), String(lines.at(-1)).slice(0, 20)],
      /is not a JSON object/
    ]
  ])('replay refuses %s in one clear line', async (_, damage, message) => {
    const cwd = await temporaryFolder()
    const lines = await linesOfTrace()
    await writeFile(join(cwd, 'bad.jsonl'), `${damage(lines).join('\n')}\n`)
    await expectRefused(['replay', 'bad.jsonl'], message, { cwd })
  })

  it.each<[string, (line: string, at: number) => string, RegExp]>([
    ['an edited event', (line, at) => (at === 20 ? line.replace(/"time":\d+/, '"time":1') : line), /edited/],
    ['a choice that is gone', (line, at) => (at === 1 ? '' : line), /edited: its setup, its choices/],
    [
      'an unknown choice',
      (line, at) => (at === 1 ? '{"choice":{"kind":"miracle"}}' : line),
      /line 2: there is no choice of the kind "miracle"/
    ],
    [
      'a choice with a wrong field',
      (line, at) => (at === 1 ? '{"choice":{"kind":"crash","process":-1,"at":0,"until":1}}' : line),
      /line 2: crash: process is not a whole number/
    ],
    [
      'a setup out of bounds',
      (line, at) => (at === 0 ? line.replace(/"members":4/, '"members":4000') : line),
      /line 1: members is a number from 1 to 100/
    ]
  ])('replay refuses %s in one clear line', async (_, damage, message) => {
    const cwd = await temporaryFolder()
    const lines = await linesOfTrace()
    await writeFile(join(cwd, 'bad.jsonl'), `${lines.map(damage).join('\n')}\n`)
    await expectRefused(['replay', 'bad.jsonl'], message, { cwd })
  })
})
