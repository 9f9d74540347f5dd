/** What a member has executed, for whoever follows it. */
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../src/core/bytes.ts'
import { COMMITS_KEPT_BYTES_MAX, COMMITS_KEPT_MAX, CommitLog } from '../../src/libp2p/commit-log.ts'
import type { Commit, CommitsOptions } from '../../src/libp2p/replica-service.ts'
import { pairCommand } from '../../src/replication/key-value-machine.ts'
import { until } from '../waiting.ts'
import { allConnected, foundWithClients, startClient } from './client-support.ts'
import { dataFolder, serviceOf, startGroup, startMember, stop } from './service-support.ts'

const shown = (commit: Commit) =>
  commit.type === 'gap' ? `gap ${commit.from}-${commit.to}` : `${commit.sequence}: ${commit.commands.length}`

/** Takes what there is, as it comes. */
function collect(commits: AsyncIterable<Commit>) {
  const taken: Commit[] = []
  const consume = async () => {
    for await (const commit of commits) taken.push(commit)
    return 'ended'
  }
  const end = consume().catch((error: Error) => `${error.name}: ${error.message}`)
  return { taken, end, shown: () => taken.map(shown) }
}

describe('a follower', () => {
  function log({ executed }: { executed?: number } = {}) {
    const commits = new CommitLog(() => executed)
    commits.begin()
    const execute = (sequence: number, ...results: string[]) =>
      commits.tell({
        name: 'execute',
        values: {
          sequence,
          commands: results.map((result) => ({ command: utf8('c'), result: utf8(result) }))
        }
      } as unknown as Parameters<CommitLog['tell']>[0])
    const follow = (options: CommitsOptions = {}) => collect(commits.follow(options))
    return { commits, execute, follow }
  }
  /** As many turns as the promises of an iteration take. */
  const settled = async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }

  it('has every batch in its order, those before it came and those after, with and without commands', async () => {
    const { execute, follow } = log()
    execute(1, 'a', 'b')
    const one = follow()
    await settled()
    execute(2)
    execute(3, 'c')
    await settled()
    expect(one.shown()).toEqual(['1: 2', '2: 0', '3: 1'])
  })

  it('goes on after the number that it names, and each by itself', async () => {
    const { execute, follow } = log()
    for (const sequence of [1, 2, 3]) execute(sequence, 'a')
    const [all, last, later] = [follow(), follow({ after: 2 }), follow({ after: 5 })]
    await settled()
    for (const sequence of [4, 5, 6]) execute(sequence, 'a')
    await settled()
    expect(all.shown()).toHaveLength(6)
    expect(last.shown()).toEqual(['3: 1', '4: 1', '5: 1', '6: 1'])
    expect(later.shown()).toEqual(['6: 1'])
  })

  it('that comes late is told what is gone, and has the rest', async () => {
    const { execute, follow } = log()
    for (let sequence = 1; sequence <= COMMITS_KEPT_MAX + 10; sequence++) execute(sequence, 'a')
    const late = follow({ after: 3 })
    await settled()
    expect(late.shown().slice(0, 2)).toEqual(['gap 4-10', '11: 1'])
  })

  it('keeps no more bytes than there may be', async () => {
    const { execute, follow } = log()
    const half = 'x'.repeat(COMMITS_KEPT_BYTES_MAX / 2)
    for (const sequence of [1, 2, 3]) execute(sequence, half)
    const late = follow()
    await settled()
    expect(late.shown()).toEqual(['gap 1-2', '3: 1'])
  })

  it('is told at once what an earlier life of the member has executed, though nothing happens', async () => {
    const { execute, follow } = log({ executed: 7 })
    const one = follow({ after: 5 })
    await settled()
    expect(one.shown()).toEqual(['gap 6-7'])
    execute(8, 'a')
    await settled()
    expect(one.shown()).toEqual(['gap 6-7', '8: 1'])
  })

  it('is told what lies before a state that the member has from others', async () => {
    const { commits, execute, follow } = log()
    const one = follow()
    execute(1, 'a')
    await settled()
    commits.tell({ name: 'install', values: { sequence: 9, state: utf8('') } } as unknown as Parameters<
      CommitLog['tell']
    >[0])
    execute(10, 'a')
    await settled()
    expect(one.shown()).toEqual(['1: 1', 'gap 2-9', '10: 1'])
  })

  it('ends with the life of the member', async () => {
    const { commits, follow } = log()
    const [one, other] = [follow(), follow()]
    await settled()
    commits.end()
    expect(await Promise.all([one.end, other.end])).toEqual(['ended', 'ended'])
    commits.begin()
    commits.end(new Error('crashed'))
    expect(await follow().end).toBe('Error: crashed')
  })

  it.each([-1, 1.5, Number.NaN, '1'])('cannot go on after %s', (after) =>
    expect(() => log().follow({ after: after as number })).toThrow(
      /^after: expected the number of a batch, or 0/
    )
  )
})

it('members are followed alike, and on from where one was followed at another, and in a later life', async () => {
  const founded = await foundWithClients(4, 1)
  const data = await dataFolder()
  const options = (rank: number) => ({ stack: 'pbft', ...(rank === 3 ? { data } : {}) })
  const nodes = await startGroup(founded, options)
  await allConnected(nodes)
  const { service: client } = await startClient(founded, 0, { stack: 'pbft', durability: 'memory' })
  expect(() => client.replica().commits()).toThrow(/^commits: only a member/)
  const put = (key: string) =>
    client.replica().submit(pairCommand([{ type: 'put', key: utf8(key), value: utf8(key) }]))
  const applied = (taken: readonly Commit[]) =>
    taken.flatMap((commit) =>
      commit.type === 'gap' ? [] : commit.commands.map(({ number, process }) => `${process}/${number}`)
    )

  const first = collect(serviceOf(nodes[0]!).replica().commits())
  for (const key of ['a', 'b', 'c']) await put(key)
  await until('it has followed three', () => applied(first.taken).length === 3)
  expect(applied(first.taken)).toEqual(['4/1', '4/2', '4/3'])
  const position = first.taken.findLast(({ type }) => type === 'commit') as { sequence: number }

  // What is not read there stops nobody.
  const unread = serviceOf(nodes[1]!).replica().commits()[Symbol.asyncIterator]()
  await put('d')
  const on = collect(serviceOf(nodes[2]!).replica().commits({ after: position.sequence }))
  await until('it goes on at another', () => applied(on.taken).length === 1)
  expect(applied(on.taken)).toEqual(['4/4'])
  await unread.return?.()

  const [, , , last] = nodes
  await until('it has executed all', () => applied(first.taken).length === 4)
  const followed = collect(serviceOf(last!).replica().commits())
  await until('it is followed', () => applied(followed.taken).length === 4)
  await stop(last!)
  expect(await followed.end).toBe('ended')
  const again = await startMember(founded, 3, options(3))
  const later = collect(serviceOf(again).replica().commits({ after: position.sequence }))
  await put('e')
  await until('a later life goes on', () => applied(later.taken).includes('4/5'))
  expect(applied(later.taken)).toEqual(['4/4', '4/5'])
})
