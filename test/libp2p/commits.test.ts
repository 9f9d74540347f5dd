/** What a member has executed, for whoever follows it. */
import { describe, expect, it } from 'vitest'
import { replicated } from '../../src/catalogue/pbft.ts'
import { utf8 } from '../../src/core/bytes.ts'
import { COMMITS_KEPT_BYTES_MAX, COMMITS_KEPT_MAX, CommitLog } from '../../src/libp2p/commit-log.ts'
import type { Commit, CommitsOptions } from '../../src/libp2p/replica-service.ts'
import { pairCommand } from '../../src/replication/key-value-machine.ts'
import type { CommandContext } from '../../src/replication/state-machine.ts'
import { until } from '../waiting.ts'
import { allConnected, foundWithClients, startClient } from './client-support.ts'
import { dataFolder, serviceOf, startGroup, startMember, stop } from './service-support.ts'

function shown(commit: Commit): string {
  if (commit.type === 'commit') return `${commit.sequence}: ${commit.commands.length}`
  const what = `${commit.type} ${commit.from}-${commit.to}`
  return commit.type === 'gap' ? what : `${what}, on after ${commit.sequence}`
}

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
    const install = (sequence: number, diverged = false) =>
      commits.tell({ name: 'install', values: { sequence, state: utf8('state'), diverged } })
    const state = (name: 'checkpoint' | 'stable', sequence: number, text: string) =>
      commits.tell({ name, values: { sequence, state: utf8(text) } })
    const follow = (options: CommitsOptions = {}) => collect(commits.follow(options))
    return { commits, execute, install, state, follow }
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
    const { install, execute, follow } = log()
    const one = follow()
    execute(1, 'a')
    await settled()
    install(9)
    execute(10, 'a')
    await settled()
    expect(one.shown()).toEqual(['1: 1', 'gap 2-9', '10: 1'])
  })

  describe('of a member whose state was another than the group has', () => {
    /** States after 2, 4 and 6; that after 4 is not the group's, which the member is told when it has executed 7. */
    async function diverged() {
      const one = log()
      const followers = [one.follow(), one.follow({ after: 4 }), one.follow({ after: 9 })]
      for (const sequence of [1, 2, 3, 4, 5, 6, 7]) {
        one.execute(sequence, 'wrong')
        if (sequence % 2 === 0) one.state('checkpoint', sequence, sequence < 4 ? 'right' : 'wrong')
        if (sequence === 2) one.state('stable', 2, 'right')
      }
      await settled()
      one.state('stable', 4, 'right')
      one.install(4, true)
      return { ...one, followers }
    }

    it('is told what it has read since the states were equal, and has what comes after it again', async () => {
      const { execute, followers } = await diverged()
      for (const sequence of [5, 6, 7, 8]) execute(sequence, 'right', 'right')
      await settled()
      const [all, late] = followers.map((one) => one.shown())
      expect(all?.slice(7)).toEqual(['diverged 3-7, on after 4', '5: 2', '6: 2', '7: 2', '8: 2'])
      expect(late).toEqual([
        ...['5: 1', '6: 1', '7: 1'],
        ...['diverged 3-7, on after 4', '5: 2', '6: 2', '7: 2', '8: 2']
      ])
    })

    it('is told of it before anything is executed again, and is told once', async () => {
      const { execute, followers } = await diverged()
      await settled()
      expect(followers[0]?.shown().at(-1)).toBe('diverged 3-7, on after 4')
      execute(5, 'right')
      await settled()
      expect(followers[0]?.shown().filter((text) => text.startsWith('diverged'))).toHaveLength(1)
    })

    it('has all of it again, if it had more from another member', async () => {
      const { execute, followers } = await diverged()
      for (const sequence of [5, 6]) execute(sequence, 'right')
      await settled()
      expect(followers[2]?.shown()).toEqual(['diverged 3-9, on after 4', '5: 1', '6: 1'])
    })

    it('is told of nothing, if it has read nothing that was wrong, or begins afterwards', async () => {
      const { commits, execute, install, state } = log()
      const unread = commits.follow({})[Symbol.asyncIterator]()
      execute(1, 'a')
      state('checkpoint', 1, 'right')
      state('stable', 1, 'right')
      expect(await unread.next()).toMatchObject({ value: { type: 'commit', sequence: 1 } })
      for (const sequence of [2, 3]) execute(sequence, 'wrong')
      install(2, true)
      execute(3, 'right')
      expect(await unread.next()).toMatchObject({ value: { type: 'gap', from: 2, to: 2 } })
      const later = collect(commits.follow({ after: 2 }))
      await settled()
      expect(later.shown()).toEqual(['3: 1'])
    })

    it('is told of all that it has read, where nothing shows since when the state was wrong', async () => {
      const { execute, install, follow } = log()
      const one = follow()
      for (const sequence of [1, 2]) execute(sequence, 'wrong')
      await settled()
      install(6, true)
      await settled()
      expect(one.shown().slice(2)).toEqual(['diverged 1-2, on after 6'])
    })
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
      commit.type !== 'commit' ? [] : commit.commands.map(({ number, process }) => `${process}/${number}`)
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

it('a follower of a member that comes to another state is told so, and has what it was told wrongly once more', async () => {
  const founded = await foundWithClients(4, 1)
  /** Returns how many commands there were; once, at member 3, it says and remembers more. */
  const counting = (isWrong: boolean) => () => ({
    apply(command: Uint8Array, { state }: CommandContext) {
      const key = utf8('count')
      const count = (state.get(key)?.[0] ?? 0) + (isWrong && command[0] === 1 ? 100 : 1)
      state.set(key, Uint8Array.of(count))
      return Uint8Array.of(count)
    }
  })
  const nodes = await startGroup(founded, (rank) => ({
    stack: replicated('counting', counting(rank === 3)),
    options: { checkpointEvery: 2 }
  }))
  await allConnected(nodes)
  const { service: client } = await startClient(founded, 0, {
    stack: replicated('counting', counting(false)),
    durability: 'memory'
  })
  const submit = (byte: number) => client.replica().submit(Uint8Array.of(byte))
  const wrong = collect(serviceOf(nodes[3]!).replica().commits())
  const results = (commits: readonly Commit[]) =>
    commits.flatMap((commit) =>
      commit.type === 'commit' ? commit.commands.map(({ result }) => result[0]) : []
    )
  await submit(0)
  await until('it has followed one', () => results(wrong.taken).length === 1)
  await submit(1)
  await until('it was told wrongly', () => results(wrong.taken).includes(101))
  const told = () => wrong.taken.findIndex(({ type }) => type === 'diverged')
  // The next checkpoint shows it, and then the state is fetched.
  for (let more = 0; told() < 0; more++) {
    await submit(2)
    if (more > 2) await until('it is told of it', () => told() >= 0)
  }
  const { from, to, sequence } = wrong.taken[told()] as Extract<Commit, { type: 'diverged' }>
  const wrongly = wrong.taken.find((commit) => results([commit]).includes(101)) as { sequence: number }
  expect(from).toBeLessThanOrEqual(wrongly.sequence)
  expect(to).toBeGreaterThanOrEqual(wrongly.sequence)
  await submit(3)
  const last = () => wrong.taken.slice(told() + 1)
  await until('it follows on', () => last().some((commit) => commit.type === 'commit'))
  // What is executed upon the right state says what the others say.
  for (const commit of last()) for (const count of results([commit])) expect(count).toBeLessThan(100)
  expect(last()[0]).toMatchObject(
    last()[0]?.type === 'gap' ? { from: sequence + 1 } : { sequence: sequence + 1 }
  )
})
