/** Stacks of every kind on real processes that are killed: what is promised holds, and a bug in them does not pass. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const RUN = fileURLToPath(new URL('../../chaos/run.ts', import.meta.url))

function chaos(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--conditions=byzkit-source', RUN, ...words],
      (_error, stdout, stderr) => resolve({ status: child.exitCode ?? -1, stdout, stderr })
    )
  })
}

it.each([
  'double-echo',
  'byzantine-reliable-channel',
  'best-effort-broadcast',
  'authenticated-data-register',
  'majority-voting-register',
  'logged-majority-voting-register',
  'majority-max-register',
  'leaderless-store',
  'pbft',
  // Sessions of authenticated links end on a machine that is busy for long: what was under way then is gone.
  'perfect-links'
])('%s: members are killed as its model allows, and all that it promises holds', async (stack) => {
  const { status, stdout, stderr } = await chaos('--stack', stack, '--seconds', '12')
  expect({ status, stderr, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({
    status: 0,
    stderr: '',
    last: expect.stringMatching(/^ok: .* held(; 3 disks are right)?$/)
  })
})

it('members that forget over a crash how far they had counted are rejected by some seed', async () => {
  const mutant = 'log-position-is-not-stored'
  const words = ['--stack', 'double-echo', '--mutant', mutant, '--seconds', '8', '--seeds', '5']
  const { status, stdout } = await chaos(...words)
  expect(stdout).toMatch(/^rejected: no duplication: /m)
  expect(status).toBe(0)
})

it('members that do not write down what they vote for are rejected for their disks by some seed', async () => {
  const mutant = 'vote-in-a-view-is-not-written'
  const words = ['--stack', 'pbft', '--mutant', mutant, '--seconds', '8', '--seeds', '3']
  const { status, stdout } = await chaos(...words)
  expect(stdout).toMatch(/^rejected: .*\bquorum behind a commit: /m)
  expect(status).toBe(0)
})
