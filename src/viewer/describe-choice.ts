/** One line about a choice of a run that shows in no event of its own, for people. */
import type { ProcessId } from '../core/group.ts'
import type { Choice } from '../simulator/schedule.ts'

/** @param byzantine - they are marked as in the lanes: p3! */
export function describeChoice(choice: Choice, byzantine: readonly ProcessId[] = []): string {
  const name = (id: ProcessId) => `p${id}${byzantine.includes(id) ? '!' : ''}`
  switch (choice.kind) {
    case 'delay':
      return `message ${choice.number} from ${name(choice.from)} to ${name(choice.to)} takes ${ms(choice.us)} longer`
    case 'lose':
      return `message ${choice.number} from ${name(choice.from)} to ${name(choice.to)} is lost`
    case 'overtake':
      return `message ${choice.number} from ${name(choice.from)} to ${name(choice.to)} comes ${ms(choice.us)} late, and others overtake it`
    case 'duplicate':
      return `message ${choice.number} from ${name(choice.from)} to ${name(choice.to)} comes once more after ${ms(choice.us)}`
    case 'handshake':
      return `session ${choice.number} with ${name(choice.from)} begins at ${name(choice.to)} after ${ms(choice.us)}`
    case 'sync':
      return `sync ${choice.number} of ${name(choice.process)} takes ${ms(choice.us)} longer`
    case 'sync-fails':
      return `sync ${choice.number} of ${name(choice.process)} fails`
    case 'unsynced':
      return `a crash in sync ${choice.number} of ${name(choice.process)} leaves ${choice.left === 'all' ? 'all of it' : 'a torn part'}`
    case 'omit-send':
      return `${name(choice.process)} omits to send its message ${choice.number}`
    case 'omit-receive':
      return `${name(choice.process)} omits to receive message ${choice.number} that reaches it`
    case 'consume':
      return `the application of ${name(choice.process)} takes ${ms(choice.us)} for delivery ${choice.number}`
    case 'clock':
      return `the clock of ${name(choice.process)} is off by ${choice.offsetMs} ms, and drifts by ${choice.driftPpm} millionths`
    case 'clock-jump':
      return `the clock of ${name(choice.process)} is stepped by ${choice.ms} ms at ${ms(choice.at)}`
    case 'request':
      return `${name(choice.process)} is asked for ${choice.service}.${choice.name} at ${ms(choice.at)}`
    case 'crash':
      return `${name(choice.process)} is down from ${ms(choice.at)} to ${ms(choice.until)}`
    case 'crash-on':
      return `${name(choice.process)} crashes at its ${choice.event} ${choice.number}`
    case 'pause':
      return `${name(choice.process)} takes no step from ${ms(choice.at)} to ${ms(choice.until)}`
    case 'partition':
      return `nothing passes ${choice.oneWay ? 'from' : 'between'} ${choice.side.map(name).join(', ')} ${choice.oneWay ? 'to' : 'and'} the others from ${ms(choice.at)} to ${ms(choice.until)}`
    case 'end-session':
      return `the session of ${name(choice.a)} and ${name(choice.b)} ends at ${ms(choice.at)}`
    case 'act':
    case 'frame':
      return `${name(choice.process)} sends ${choice.bytes.length / 2} bytes to ${name(choice.to)} at ${ms(choice.at)}`
  }
}

const ms = (us: number) => `${us / 1000} ms`
