/** A process that omits to send some of its messages, or to receive some (CGR11 section 2.2.3): above its links. */
import type { ProcessId } from '../core/group.ts'
import type { Choices } from './choices.ts'
import type { Connect } from './simulated-process.ts'

/** @param onOmission - told of each message that is omitted */
export function omitting(
  connect: Connect,
  process: ProcessId,
  choices: Choices,
  onOmission: (change: 'send' | 'receive', peer: ProcessId, message: Uint8Array) => void
): Connect {
  /** In all lives. */
  const counts = { send: 0, receive: 0 }
  const omits = (change: 'send' | 'receive', peer: ProcessId, message: Uint8Array) => {
    if (!choices.omits(change, process, ++counts[change])) return false
    onOmission(change, peer, message)
    return true
  }
  return (env, running, indications, agreed) => {
    const connection = connect(
      env,
      running,
      {
        ...indications,
        deliver(from, message) {
          if (!omits('receive', from, message)) indications.deliver(from, message)
        }
      },
      agreed
    )
    const send = (to: ProcessId, message: Uint8Array) => {
      if (!omits('send', to, message)) connection.carrier.send(to, message)
    }
    return { ...connection, carrier: { send } }
  }
}
