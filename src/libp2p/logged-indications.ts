/** What a process tells of its peers, written to libp2p's log too: `DEBUG=byzkit*` shows it. */
import type { Logger } from '@libp2p/interface'
import { type Group, nameOf, type ProcessId } from '../core/group.ts'
import type { HostIndications } from './host.ts'

export function loggedIndications(told: HostIndications, log: Logger, group: Group): HostIndications {
  const peerLine = (line: string, tell: (peer: ProcessId) => void) => (peer: ProcessId) => {
    log(line, nameOf(group, peer))
    tell(peer)
  }
  return {
    ...told,
    opened: peerLine('the stream with %s is open', told.opened),
    closed: peerLine('the stream with %s has ended', told.closed),
    sessionStarted: peerLine('a session with %s begins', told.sessionStarted),
    sessionEnded: (peer, reason) => {
      log('the session with %s ends: %s', nameOf(group, peer), reason)
      told.sessionEnded(peer, reason)
    },
    estranged: peerLine('%s begins again and is refused', told.estranged),
    reconciled: peerLine('%s goes on with its session', told.reconciled),
    lagging: peerLine('%s does not keep up: it acknowledges nothing', told.lagging),
    recovered: peerLine('%s keeps up again', told.recovered)
  }
}
