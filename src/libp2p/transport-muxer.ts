/**
 * Yamux, with the bounds that it lacks (8.0.3). A peer that has passed the handshake can make its muxer grow: a
 * data frame that announces up to 4 GiB is buffered until it is complete, the window being checked only then; and
 * pings, and streams beyond the limit, are each answered, also to a peer that never reads the answers. Here the
 * first costs the connection as soon as it is announced, the second when it goes faster than any correct peer.
 */
import type { MessageStream, StreamMessageEvent, StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
import { FRAME_BYTES_MAX, STREAMS_PER_CONNECTION_MAX } from './transport-limits.ts'

/** The window of a stream, in bytes: how much a peer may have sent that was not taken yet. */
export const STREAM_WINDOW_BYTES_MAX = 1024 * 1024

/**
 * Frames that oblige us to answer (pings, new streams): in quick succession on one connection, and for how many a
 * second it may go on. Correct peers ping twice a minute and open a stream for each protocol.
 */
export const OBLIGING_FRAMES_BURST_MAX = 512
export const OBLIGING_FRAMES_PER_SECOND_MAX = 32

/** What waits, over all streams of one connection, for the peer to read. */
export const CONNECTION_WRITE_BUFFER_BYTES_MAX = 2 * FRAME_BYTES_MAX

/** Streams of all protocols on one connection, each way. */
export const CONNECTION_STREAMS_MAX = 2 * STREAMS_PER_CONNECTION_MAX

/** Give it to `createLibp2p({ streamMuxers: [boundedYamux()] })`. */
export function boundedYamux(): () => StreamMuxerFactory {
  const create = yamux({
    maxInboundStreams: CONNECTION_STREAMS_MAX,
    maxOutboundStreams: CONNECTION_STREAMS_MAX,
    // Streams that come before libp2p listens for them, 10 by default, beyond which it closes the muxer and keeps
    // the connection, useless. A member of many groups opens many streams at once.
    maxEarlyStreams: CONNECTION_STREAMS_MAX,
    streamOptions: { maxStreamWindowSize: STREAM_WINDOW_BYTES_MAX }
  })
  return () => {
    const factory = create()
    return {
      protocol: factory.protocol,
      createStreamMuxer(connection) {
        connection.maxWriteBufferLength = CONNECTION_WRITE_BUFFER_BYTES_MAX
        // Added first, so that the guard has seen every byte before the muxer does.
        guard(connection)
        return factory.createStreamMuxer(connection)
      }
    }
  }
}

/** A yamux header: version, type, flags (2 bytes), stream id (4), length (4); a data frame's body follows. */
const HEADER_BYTES = 12
const TYPE_AT = 1
const TYPE_DATA = 0
const FLAGS_AT = 2
/** Opens a stream; in a ping, asks for the answer. */
const FLAG_SYN = 1
const LENGTH_AT = 8

/** Follows the frames of one connection from header to header, and cuts it when one is out of bounds. */
function guard(connection: MessageStream): void {
  const header = new Uint8Array(HEADER_BYTES)
  const view = new DataView(header.buffer)
  let headerFilled = 0
  let bodyLeft = 0
  let allowance = OBLIGING_FRAMES_BURST_MAX
  let asOfMs = performance.now()

  const isFlooding = (): boolean => {
    const now = performance.now()
    const earned = ((now - asOfMs) / 1000) * OBLIGING_FRAMES_PER_SECOND_MAX
    allowance = Math.min(OBLIGING_FRAMES_BURST_MAX, allowance + earned) - 1
    asOfMs = now
    return allowance < 0
  }

  /** What is wrong with a frame, by its header. */
  const judge = (): string | undefined => {
    if (header[TYPE_AT] === TYPE_DATA) bodyLeft = view.getUint32(LENGTH_AT)
    if (bodyLeft > STREAM_WINDOW_BYTES_MAX) return 'a yamux frame larger than any window'
    if ((view.getUint16(FLAGS_AT) & FLAG_SYN) !== 0 && isFlooding()) return 'too many pings and streams'
    return undefined
  }

  const follow = (bytes: Uint8Array): string | undefined => {
    let at = 0
    while (at < bytes.length) {
      const skipped = Math.min(bodyLeft, bytes.length - at)
      bodyLeft -= skipped
      at += skipped
      const taken = Math.min(HEADER_BYTES - headerFilled, bytes.length - at)
      header.set(bytes.subarray(at, at + taken), headerFilled)
      headerFilled += taken
      at += taken
      if (headerFilled < HEADER_BYTES) continue
      headerFilled = 0
      const wrong = judge()
      if (wrong !== undefined) return wrong
    }
    return undefined
  }

  const onMessage = ({ data }: StreamMessageEvent) => {
    for (const piece of data instanceof Uint8Array ? [data] : data) {
      const wrong = follow(piece)
      if (wrong === undefined) continue
      connection.removeEventListener('message', onMessage)
      connection.abort(new Error(wrong))
      return
    }
  }
  connection.addEventListener('message', onMessage)
}
