/** Who says that a process has lost its store, and when it believes that. */
import { describe, expect, it } from 'vitest'
import { AuthenticatedCluster } from './authenticated-cluster.ts'
import { keyOf, testGroup } from './harness.ts'

const clusterOf = (members: number, f: number) => {
  const group = testGroup(members, 7, 0, f)
  return new AuthenticatedCluster({ members, groupOf: () => group }).start()
}

/** Member `liar` says that it has seen life 99 of `victim`, by each frame that it may send to it. */
function slander(cluster: AuthenticatedCluster, liar: number, victim: number): void {
  const hello = { ...cluster.hello(liar), seen: 99 }
  const nonce = new Uint8Array(16).fill(liar)
  const frame =
    liar < victim ? ({ type: 'INIT', ...hello, nonce } as const) : ({ type: 'WAKE', ...hello } as const)
  for (let time = 0; time < 5; time++) {
    cluster.inject(cluster.forged(liar, victim, frame))
    cluster.time.advance(100)
  }
}

const aboutItself = (cluster: AuthenticatedCluster, rank: number) =>
  cluster.node(rank).faults.filter(({ process }) => process === rank)

describe.each([
  [4, 1],
  [7, 2]
])('of %i members, %i faulty', (members, f) => {
  const ranks = Array.from({ length: members }, (_, rank) => rank)

  it.each([
    ['lower', ranks.slice(0, f), members - 1],
    ['higher', ranks.slice(-f), 0]
  ])(
    'all liars, of %s rank, say that a correct member lost its store: it does not believe it',
    (_, liars, victim) => {
      const cluster = clusterOf(members, f)
      for (const liar of liars) slander(cluster, liar, victim)
      expect(aboutItself(cluster, victim)).toEqual([])
      // The attack has reached it, and each of them is suspected.
      const suspected = cluster.node(victim).faults.map(({ process }) => process)
      expect([...new Set(suspected)].sort()).toEqual(liars)
      // It goes on with all others.
      const others = ranks.filter((rank) => rank !== victim && !liars.includes(rank))
      cluster.reborn(victim)
      for (const liar of liars) slander(cluster, liar, victim)
      cluster.time.advance(2000)
      for (const other of others) {
        expect(cluster.links(victim).count('sessionStarted', other)).toBe(1)
      }
      expect(aboutItself(cluster, victim)).toEqual([])
    }
  )

  it('one more than f say so: one of them is correct, and it is believed', () => {
    const cluster = clusterOf(members, f)
    for (const liar of ranks.slice(1, f + 2)) slander(cluster, liar, 0)
    expect(aboutItself(cluster, 0)[0]).toMatchObject({
      kind: 'amnesia',
      certainty: 'suspected',
      detail: expect.stringContaining(
        `has seen life 99 of member 0, which knows nothing of it, as ${f + 1} members say`
      )
    })
  })

  it.each([0, members - 1])(
    'member %i, whose folder was emptied, is told by f+1 correct ones (control)',
    (rank) => {
      const cluster = clusterOf(members, f)
      cluster.time.advance(1000)
      cluster.reborn(rank, { life: 5, amnesia: true })
      cluster.time.advance(20_000)
      expect(aboutItself(cluster, rank).map(({ kind }) => kind)).toContain('amnesia')
      for (const other of ranks) {
        if (other !== rank) expect(cluster.links(rank).count('sessionStarted', other)).toBe(0)
      }
    }
  )

  it('what clients say of a member counts for nothing, however many they are', () => {
    const group = testGroup(members, 7, 0, f)
    const clients = f + 2
    const publicKeys = Array.from({ length: clients }, (_, client) => keyOf(members + client))
    const known = { ...group, clients: publicKeys }
    const cluster = new AuthenticatedCluster({ members, clients, groupOf: () => known }).start()
    for (let client = members; client < members + clients; client++) slander(cluster, client, 0)
    expect(cluster.faults(0)).toEqual(Array(5 * clients).fill('protocol-violation suspected'))
    expect(aboutItself(cluster, 0)).toEqual([])
  })
})
