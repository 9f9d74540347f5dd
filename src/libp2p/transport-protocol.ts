/** The protocol that streams between processes of a group have at libp2p, and what libp2p lets them do. */
import { InvalidParametersError } from '../core/errors.ts'
import { requireSwitchIfGiven, requireWithin, shown } from '../core/parameters.ts'
import { STREAMS_PER_CONNECTION_MAX } from './transport-limits.ts'

/** The longest prefix of a protocol, in characters. */
const PROTOCOL_PREFIX_CHARACTERS_MAX = 64

/** The most streams that an option may allow one connection: beyond it is no bound any more. */
const STREAMS_OPTION_MAX = 1024

/** Named as at other services of libp2p; all of them are optional. */
export interface ProtocolOptions {
  /**
   * Stands before `/byzkit/1.0.0`, so that groups of one application and of another do not meet: `my-app` makes it
   * `/my-app/byzkit/1.0.0`. All members and clients have the same. Default: none.
   */
  protocolPrefix?: string
  /** Streams that a peer may have open on one connection; one for each group. Default: 64. */
  maxInboundStreams?: number
  /** Streams that this process may have open on one connection. Default: 64. */
  maxOutboundStreams?: number
  /**
   * Whether streams are opened on connections that a relay limits in time and bytes, which a group at work soon
   * exceeds. Default: false.
   */
  runOnLimitedConnection?: boolean
}

/** As libp2p's registrar takes it. */
export interface StreamProtocol {
  readonly protocol: string
  readonly maxInboundStreams: number
  readonly maxOutboundStreams: number
  readonly runOnLimitedConnection: boolean
}

/** @throws InvalidParametersError */
export function requireProtocol({
  protocolPrefix,
  maxInboundStreams = STREAMS_PER_CONNECTION_MAX,
  maxOutboundStreams = STREAMS_PER_CONNECTION_MAX,
  runOnLimitedConnection = false
}: ProtocolOptions): StreamProtocol {
  if (protocolPrefix !== undefined && !isPrefix(protocolPrefix))
    throw new InvalidParametersError(
      `protocolPrefix: expected words such as my-app or my-app/test, at most ${PROTOCOL_PREFIX_CHARACTERS_MAX} characters, not ${shown(protocolPrefix)}`
    )
  requireWithin('maxInboundStreams', maxInboundStreams, 1, STREAMS_OPTION_MAX, 'streams')
  requireWithin('maxOutboundStreams', maxOutboundStreams, 1, STREAMS_OPTION_MAX, 'streams')
  requireSwitchIfGiven('runOnLimitedConnection', runOnLimitedConnection)
  const protocol = protocolPrefix === undefined ? '/byzkit/1.0.0' : `/${protocolPrefix}/byzkit/1.0.0`
  return { protocol, maxInboundStreams, maxOutboundStreams, runOnLimitedConnection }
}

const isPrefix = (prefix: unknown): boolean =>
  typeof prefix === 'string' &&
  prefix.length <= PROTOCOL_PREFIX_CHARACTERS_MAX &&
  /^[\w.-]+(?:\/[\w.-]+)*$/.test(prefix)
