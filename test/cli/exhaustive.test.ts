/** `simulate --exhaustive`: the small case in full, what it finds in a wrong protocol, and what it refuses. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { BIN, byzkit, expectRefused, temporaryFolder } from './support.ts'

const words = ['simulate', 'double-echo', '--members', '4', '--byzantine', '1', '--exhaustive']

describe('simulate --exhaustive', () => {
  it('double echo that delivers at f+1 READYs: totality violated, and the way there', async () => {
    const hook = new URL('one-ready-delivers.js', import.meta.url)
    const { status, stdout, stderr } = await byzkit(words, { env: { NODE_OPTIONS: `--import=${hook}` } })
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.at(-1)).toBe('violated')
    const from = lines.findIndex((line) => /^totality violated {2}member \d delivered/.test(line))
    expect(from).toBeGreaterThan(0)
    const path = lines.slice(from + 1, -2)
    expect(path.length).toBeGreaterThan(5)
    path.forEach((line, index) => {
      expect(line).toMatch(new RegExp(`^ +${index + 1}\\. (member \\d receives|a timer of member \\d)`))
    })
    // The mutation: with the liar's READY and one other.
    expect(path.filter((line) => /READY d1 from member 0/.test(line)).length).toBeGreaterThan(0)
    expect(path.filter((line) => /delivers 0\/0: m1/.test(line))).toHaveLength(1)
  })

  it('authenticated echo, for people: the menu, the counts, the verdict', async () => {
    const { status, stdout, stderr } = await byzkit(['simulate', 'authenticated-echo', '--exhaustive'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('one SEND, one ECHO, each of m1 or of m2, or none.')
    expect(stdout).toMatch(/^ +41,396 {2}distinct states/m)
    expect(stdout).toMatch(/^ok {2}no duplication, integrity, consistency, accuracy, no crash held/m)
  })

  it('a register, for people: who asks for what, who may stop, the counts, the verdict', async () => {
    const words = ['simulate', 'majority-voting-register', '--members', '2', '--exhaustive']
    const { status, stdout, stderr } = await byzkit(words)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(
      'Asked for, at any time: client 0: write bytes 2; client 1: read; client 1: read.\n'
    )
    expect(stdout).toMatch(/^ok {2}termination, validity, no crash held in all of them$/m)
  })

  it('nothing that can come about: inconclusive, and why', async () => {
    const { status, stdout } = await byzkit(['simulate', 'signed-echo', '--exhaustive'])
    expect(status).toBe(1)
    expect(stdout).toMatch(/^inconclusive {2}nothing was told or answered in any of its states$/m)
  })

  it('interrupted: what was found so far, and no verdict', async () => {
    const child = spawn(process.execPath, [BIN, ...words, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH }
    })
    let text = ''
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      // The first line tells that it is under way.
      if (text === '') child.kill('SIGINT')
      text += more
    })
    const [status] = await once(child, 'close')
    const lines = text.trimEnd().split('\n')
    expect(JSON.parse(lines[0] ?? '')).toEqual({ event: 'progress', states: expect.any(Number) })
    const result = JSON.parse(lines.at(-1) ?? '')
    expect(result).toMatchObject({ verdict: 'inconclusive', violations: [] })
    expect(result.reason).toBe('it was interrupted before every state was explored')
    expect(result.states).toBeGreaterThan(10_000)
    expect(status).toBe(130)
  })

  it.each([
    ['double-echo', ['--members', '7'], /^--exhaustive is for 2 to 4 members, not 7/],
    ['double-echo', ['--byzantine', '0'], '--exhaustive is for one Byzantine member, member 0, not 0'],
    ['double-echo', ['--runs', '5'], '--exhaustive goes without --runs: that is for seeded runs'],
    ['double-echo', ['--adversary', 'swarm'], /without --adversary/],
    ['double-echo', ['--links', 'real'], /without --links real/],
    ['double-echo', ['--crypto', 'real'], /without --crypto real/]
  ])('refuses %s %j in one line', async (protocol, more, message) => {
    const cwd = await temporaryFolder()
    await expectRefused(['simulate', protocol, '--exhaustive', ...more], message, { cwd })
  })
})
