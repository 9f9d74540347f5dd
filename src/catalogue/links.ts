/** The rungs of the link ladder, from the lowest. */
import { alteredModel, failArbitrary, failSilent } from '../core/model.ts'
import { FifoLinks } from '../links/fifo-links.ts'
import { PerfectLinks } from '../links/perfect-links.ts'
import { linkService } from '../links/service.ts'
import { authenticated, ladder } from '../stacks/compose-links.ts'
import { againstLinks } from '../stacks/landmarks.ts'
import type { LinkStack, Resilience } from '../stacks/stack.ts'

/** A link is between two, and nothing is promised to either unless both are correct. */
const twoAreCorrect: Resilience = {
  formula: 'any f < n - 1',
  admits: (n, f) => f <= twoAreCorrect.largest(n),
  largest: (n) => Math.max(0, n - 2)
}

export const stubbornLinks: LinkStack = {
  abstraction: 'links',
  services: [linkService],
  name: 'stubborn-links',
  title: 'Stubborn links: retransmit until acknowledged',
  source: 'CGR11 Algorithm 2.1',
  model: alteredModel(failSilent, { links: 'fair-loss' }),
  resilience: twoAreCorrect,
  properties: ['stubborn delivery', 'no creation'],
  landmarks: ['retransmitted', 'delivered-again'],
  build: (env, ports, _options, application) => ladder(env, 'stubborn-links', ports, application)
}

export const perfectLinks: LinkStack = {
  ...stubbornLinks,
  name: 'perfect-links',
  title: 'Perfect links: eliminate duplicates, over stubborn links',
  source: 'CGR11 Algorithm 2.2',
  properties: ['reliable delivery', 'no duplication', 'no creation'],
  landmarks: ['retransmitted', 'duplicate-eliminated', 'delivered-out-of-order'],
  build: (env, ports, _options, application) =>
    ladder(env, 'perfect-links', ports, application, [
      (indications) => new PerfectLinks(env, 'perfect-links/perfect', indications)
    ])
}

const fifoPerfectLinks: LinkStack = {
  ...perfectLinks,
  name: 'fifo-perfect-links',
  title: 'FIFO perfect links: sequence numbers, over perfect links',
  source: 'CGR11 Algorithm 2.11',
  properties: [...perfectLinks.properties, 'FIFO delivery'],
  landmarks: ['retransmitted', 'duplicate-eliminated', 'waited-for-an-earlier-one'],
  build: (env, ports, _options, application) =>
    ladder(env, 'fifo-perfect-links', ports, application, [
      (indications) => new FifoLinks(env, 'fifo-perfect-links/fifo', indications),
      (indications) => new PerfectLinks(env, 'fifo-perfect-links/perfect', indications)
    ])
}

export const authenticatedPerfectLinks: LinkStack = {
  ...stubbornLinks,
  name: 'authenticated-perfect-links',
  title: 'Authenticated perfect links: authenticate and filter, with sessions, in order',
  source: 'CGR11 Algorithm 2.4',
  // Here correct processes do not crash, as in the book: a session that ends would lose what it carries.
  model: alteredModel(failArbitrary, { links: 'fair-loss', crashes: 'none' }),
  properties: ['reliable delivery', 'no duplication', 'authenticity', 'FIFO delivery', 'accuracy'],
  landmarks: ['link-retransmission', 'impersonation-rejected'],
  landmarksAgainst: againstLinks,
  build: (env, ports, _options, application) =>
    authenticated(env, 'authenticated-perfect-links', ports, application)
}

export const linkStacks: readonly LinkStack[] = [
  stubbornLinks,
  perfectLinks,
  fifoPerfectLinks,
  authenticatedPerfectLinks
]
