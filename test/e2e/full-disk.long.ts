/** A member whose disk is full stops and says so; the others go on without it. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeGroup, nodeWords, startByzkit } from '../cli/running.ts'
import { byzkit, byzkitJson, temporaryFolder } from '../cli/support.ts'

it('a full disk stops the member in one clear line, and the group goes on', async () => {
  const folder = await temporaryFolder()
  await makeGroup(folder, 4)
  const others = [0, 1, 2].map((rank) => startByzkit(...nodeWords(folder, rank)))
  // A limit on the size of files stands for a full disk: the log of the database can grow no further.
  const stopped = byzkit(nodeWords(folder, 3), { shell: 'ulimit -f 200;' })
  await Promise.all(others.map((member) => member.event({ event: 'ready' })))
  // 300 kB are too much for it.
  const lines = 'i=0; while [ $i -lt 100 ]; do printf "%03000d\\n" $i; i=$((i+1)); done |'
  const words = ['broadcast', '--data', join(folder, 'data-0')]
  expect(await byzkitJson([...words, '--lines'], { shell: lines })).toEqual({ broadcasts: 100 })
  const { status, stderr } = await stopped
  expect(status).toBe(1)
  expect(stderr).toMatch(
    /^byzkit: the member stopped: database \S+data-3\/store: writing journal record \d+ failed: [^\n]*File too large\n$/
  )
  await byzkitJson([...words, 'after it'])
  for (const member of others) await member.event({ event: 'delivery', sender: 0, sequence: 100 })

  // What it acknowledged is there, and with room on the disk it is back.
  expect(await byzkitJson(['inspect', join(folder, 'data-3')])).toMatchObject({ whole: true })
  const again = startByzkit(...nodeWords(folder, 3))
  await again.event({ event: 'delivery', sender: 0, sequence: 100 })
})
