/** `byzkit submit` on a group of real processes that replicate a key-value machine. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pairCommand } from '../../src/replication/key-value-machine.ts'
import { startClientGroup } from './client-group.ts'
import { byzkitJson, runHere } from './support.ts'

const ms = expect.any(Number)
const said = ({ stdout }: { readonly stdout: string }) => stdout.trimEnd()

describe('byzkit submit', () => {
  it('reads and writes in one order, with the primary killed; and check judges what happened', async () => {
    const { run, json, folder, members } = await startClientGroup(4, undefined, '--stack', 'pbft')
    const path = join(folder, 'history.jsonl')
    const history = ['--history', path]
    expect(said(await run('submit get', 0, 'cart', ...history))).toBe('cart has no value')
    expect(await json('submit put', 0, 'cart', 'milk', ...history)).toEqual({ key: 'cart', bytes: 4, ms })
    expect(said(await run('submit append', 1, 'cart', ', bread', ...history))).toBe('cart is longer: 7 bytes')
    expect(await json('submit get', 2, 'cart', ...history)).toEqual({ key: 'cart', value: 'milk, bread', ms })
    members[0]?.kill('SIGKILL')
    const swap = (client: number, to: string, ...expected: string[]) =>
      json('submit cas', client, 'cart', to, ...expected, ...history)
    expect(await swap(0, 'rice', '--absent')).toEqual({
      key: 'cart',
      swapped: false,
      found: 'milk, bread',
      ms
    })
    expect(await swap(1, 'rice', '--expect', 'milk, bread')).toEqual({ key: 'cart', swapped: true, ms })
    expect(await json('submit put', 0, 'other', 'x')).toMatchObject({ bytes: 1 })
    // Others may have answered before this member has come so far.
    const status = async () => said(await runHere(['status', '--data', join(folder, 'data-1')]))
    await expect.poll(status).toMatch(/^ {2}view {12}(\d+), whose primary is member [123]$/m)
    await expect.poll(status).toMatch(/^ {2}executed {8}batch \d+; stable up to 0$/m)
    await expect.poll(status).toMatch(/^ {2}waiting {9}\d+ requests?$/m)
    await expect.poll(status).toMatch(/^ {2}votes missing {3}of member 0$/m)
    expect(await json('submit list', 2)).toEqual({ keys: ['cart', 'other'], next: null, ms })
    expect(said(await run('submit list', 2, 'o'))).toBe('other')
    expect(said(await run('submit delete', 2, 'cart', ...history))).toBe('cart is deleted')
    expect(said(await run('submit delete', 2, 'cart', ...history))).toBe('cart had no value')
    expect(await json('submit get', 1, 'cart', ...history)).toMatchObject({ value: null })
    const check = ['check', path, '--model', 'kv']
    expect(await byzkitJson(check)).toMatchObject({ valid: true, operations: 9, keys: 1 })
    expect((await readFile(path, 'utf8')).split('\n')).toContainEqual(expect.stringContaining('"fail"'))

    const file = join(folder, 'command')
    await writeFile(file, pairCommand([{ type: 'get', key: new TextEncoder().encode('other') }]))
    expect(await json('submit raw', 0, '--input', file)).toMatchObject({ bytes: expect.any(Number) })
    const refused = await run('submit raw', 0, 'what is this')
    expect({ ...refused, stdout: '' }).toEqual({
      status: 1,
      stdout: '',
      stderr: 'byzkit: the machine refuses the command; it took no effect\n'
    })
  })

  it('closes its session, so that it takes no place from others', async () => {
    const { run, folder } = await startClientGroup(4, undefined, '--stack', 'pbft')
    await run('submit put', 0, 'cart', 'milk')
    // To open the session, to write, and to close it.
    const status = async () => said(await runHere(['status', '--data', join(folder, 'data-1')]))
    await expect.poll(status).toMatch(/^ {2}executed {8}batch ([3-9]|\d\d+);/m)
  })

  it('refuses in one line what cannot be', async () => {
    const { words } = await startClientGroup(1, undefined, '--stack', 'pbft')
    const refusals: [string[], string][] = [
      [words('submit put', 0, 'k'), 'put needs a text or --input <file>'],
      [words('submit cas', 0, 'k', 'x'), 'cas needs --expect <text> or --absent, not both'],
      [
        words('submit cas', 0, 'k', 'x', '--absent', '--expect', 'y'),
        'cas needs --expect <text> or --absent, not both'
      ],
      [words('submit put', 0, 'k', 'x'.repeat(32_769)), 'the text is larger than 32768 bytes']
    ]
    for (const [line, refusal] of refusals) {
      const { status, stderr } = await runHere(line)
      expect({ status, stderr }).toEqual({ status: 2, stderr: `byzkit: ${refusal}\n` })
    }
  })
})
