/** A peer that is refused another session is not one with which there is one, although nothing ends the old one. */
import { describe, expect, it } from 'vitest'
import { AuthenticatedCluster } from './authenticated-cluster.ts'

const STACK = Uint8Array.of(1)
const OTHER_STACK = Uint8Array.of(2)

function cluster() {
  const fingerprints = [STACK, STACK]
  return {
    fingerprints,
    links: new AuthenticatedCluster({
      members: 2,
      fingerprintOf: (rank) => fingerprints[rank] as Uint8Array
    }).start()
  }
}

/** What `rank` was told of its peer since the session began. */
const told = (links: AuthenticatedCluster, rank: number) =>
  links
    .links(rank)
    .indications.map(({ name }) => name)
    .filter((name) => name !== 'deliver')

/** Member 0 begins sessions, member 1 is asked for them. */
describe.each([
  [0, 1],
  [1, 0]
])('member %i', (survivor, restarted) => {
  it('is told that the other begins again with another stack, once, and when it comes back', () => {
    const { fingerprints, links } = cluster()
    fingerprints[restarted] = OTHER_STACK
    links.reborn(restarted)
    links.time.advance(5000)
    expect(told(links, survivor)).toEqual(['sessionStarted', 'estranged'])
    fingerprints[restarted] = STACK
    links.reborn(restarted)
    links.time.advance(5000)
    expect(told(links, survivor)).toEqual(['sessionStarted', 'estranged', 'sessionEnded', 'sessionStarted'])
  })

  it('is told that the other has lost its store', () => {
    const { links } = cluster()
    links.reborn(restarted, { life: 5, amnesia: true })
    links.time.advance(5000)
    expect(told(links, survivor)).toEqual(['sessionStarted', 'estranged'])
  })

  it('is told that the other goes on with the session, if it was somebody else that spoke', () => {
    const { links } = cluster()
    const hello = { ...links.hello(restarted), fingerprint: STACK, incarnation: 0 }
    links.inject(
      links.forged(
        restarted,
        survivor,
        restarted < survivor
          ? { type: 'INIT', ...hello, nonce: new Uint8Array(16) }
          : { type: 'WAKE', ...hello }
      )
    )
    // The refusal tells it why, so that it may confirm the session at once, if that is up to it.
    expect(told(links, survivor)).toContain('estranged')
    links.say(restarted, survivor, 'still here')
    links.time.advance(100)
    expect(links.links(survivor).delivered(restarted)).toEqual(['still here'])
    expect(told(links, survivor)).toEqual(['sessionStarted', 'estranged', 'reconciled'])
  })

  it('is told nothing of that where the other comes back as it was (control)', () => {
    const { links } = cluster()
    links.reborn(restarted)
    links.time.advance(5000)
    expect(told(links, survivor)).toEqual(['sessionStarted', 'sessionEnded', 'sessionStarted'])
  })
})
