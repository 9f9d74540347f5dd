import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { extent } from '../extent.ts'
import { byzkit, byzkitJson, contents, expectRefused, temporaryFolder } from './support.ts'

const RUNS = extent(50, 200)

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

  it('two runs with one seed print one trace digest, whatever the number of workers; another seed another', async () => {
    const cwd = await temporaryFolder()
    const digest = async (seed: string, workers: string) => {
      const words = [
        'simulate',
        'double-echo',
        '--runs',
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
    const { status, stdout } = await byzkit([...words, '--beyond-resilience', '--runs', '50', '--json'], {
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
      (lines) => [String(lines[0]).replace('"version":2', '"version":9'), ...lines.slice(1)],
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
    ['a choice that is gone', (line, at) => (at === 1 ? '' : line), /cannot be repeated/],
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
