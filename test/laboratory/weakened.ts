/** Stacks that are weakened in one way each, for what is to find that. They have names of their own. */
import { excludeOnTimeout } from '../../src/catalogue/exclude-on-timeout.ts'
import { perfectLinks, stubbornLinks } from '../../src/catalogue/links.ts'
import { majorityMaxRegister } from '../../src/catalogue/majority-max-register.ts'
import { majorityVotingRegister } from '../../src/catalogue/majority-voting-register.ts'
import type { Environment } from '../../src/core/environment.ts'
import type { DetectorStack, LinkStack, MaxRegisterStack, RegisterStack } from '../../src/stacks/stack.ts'

/** One answer is enough for everything. */
function withQuorumsOfOne(env: Environment): Environment {
  const { group } = env
  return { ...env, group: { ...group, quorum: { ...group.quorum, majority: 1 } } }
}

export const hastyRegister: RegisterStack = {
  ...majorityVotingRegister,
  name: 'hasty-register',
  build: (env, ...rest) => majorityVotingRegister.build(withQuorumsOfOne(env), ...rest)
}

export const hastyMaxRegister: MaxRegisterStack = {
  ...majorityMaxRegister,
  name: 'hasty-max-register',
  build: (env, ...rest) => majorityMaxRegister.build(withQuorumsOfOne(env), ...rest)
}

/** A timer goes off, and nothing is sent again. */
export const onceLinks: LinkStack = {
  ...stubbornLinks,
  name: 'once-links',
  build: (env, ...rest) =>
    stubbornLinks.build(
      { ...env, clock: { ...env.clock, setTimer: (ms) => env.clock.setTimer(ms, () => {}) } },
      ...rest
    )
}

/** What comes twice is delivered twice. */
export const doublingLinks: LinkStack = {
  ...stubbornLinks,
  name: 'doubling-links',
  properties: perfectLinks.properties
}

/** What comes late is delivered late. */
export const overtakenLinks: LinkStack = {
  ...perfectLinks,
  name: 'overtaken-links',
  properties: [...perfectLinks.properties, 'FIFO delivery']
}

/** What it sees it keeps to itself. */
export const silentDetector: DetectorStack = {
  ...excludeOnTimeout,
  name: 'silent-detector',
  build: (env, ports, options) => excludeOnTimeout.build(env, ports, options, { detected() {} })
}

/** Whoever is asked whether he is alive says nothing. */
export const muteDetector: DetectorStack = {
  ...excludeOnTimeout,
  name: 'mute-detector',
  build(env, ports, options, application) {
    const open: typeof ports.open = (path, messages, indications, terms) => ({
      ...ports.open(path, messages, indications, terms),
      send() {}
    })
    const mute = Object.create(ports, { open: { value: open } })
    return excludeOnTimeout.build(env, mute, options, application)
  }
}
