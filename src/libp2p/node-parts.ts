/**
 * What a node of ours is made of, unless an application brings its own: TCP, Noise, bounded yamux. With other
 * transports a member is reached over WebSockets, or through a relay.
 */
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions } from 'libp2p'
import { InvalidParametersError } from '../core/errors.ts'
import { shown } from '../core/parameters.ts'
import type { Names } from './checked-init.ts'
import { fastNoise } from './noise-crypto.ts'
import { boundedYamux } from './transport-muxer.ts'

/** As `createLibp2p` takes them, each in place of what is there by default. */
export interface NodeParts {
  /** Default: `[tcp()]`. */
  transports?: NonNullable<Libp2pOptions['transports']>
  /** Default: `[(await fastNoise()).encrypter]`. */
  connectionEncrypters?: NonNullable<Libp2pOptions['connectionEncrypters']>
  /** Default: `[boundedYamux()]`; any other lets a peer make the memory of this process grow. */
  streamMuxers?: NonNullable<Libp2pOptions['streamMuxers']>
}

export const PART_NAMES: Names<NodeParts> = {
  transports: true,
  connectionEncrypters: true,
  streamMuxers: true
}

type Given = { readonly [P in keyof NodeParts]: NodeParts[P] | undefined }

/** @throws {InvalidParametersError} unless each is left out, or a list of what makes them */
export async function nodeParts(parts: Given): Promise<Required<NodeParts>> {
  for (const name of Object.keys(PART_NAMES) as (keyof NodeParts)[]) {
    const given: unknown = parts[name]
    const isList =
      Array.isArray(given) && given.length > 0 && given.every((each) => typeof each === 'function')
    if (given === undefined || isList) continue
    throw new InvalidParametersError(
      `${name}: expected a list as createLibp2p takes it, such as [tcp()], not ${shown(given)}`
    )
  }
  return {
    transports: parts.transports ?? [tcp()],
    connectionEncrypters: parts.connectionEncrypters ?? [(await fastNoise()).encrypter],
    streamMuxers: parts.streamMuxers ?? [boundedYamux()]
  }
}

/** Relays that addresses lead through: who connects to nobody but the group connects to them, too. */
export function relaysOf(addresses: readonly string[]): PeerId[] {
  const ids = addresses.flatMap((address) => {
    const components = multiaddr(address).getComponents()
    const through = components.findLastIndex(({ name }) => name === 'p2p-circuit')
    return components.slice(0, Math.max(0, through)).filter(({ name }) => name === 'p2p')
  })
  return ids.flatMap(({ value }) => (value === undefined ? [] : [peerIdFromString(value)]))
}
