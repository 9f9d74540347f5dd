/** Tells what happens at a running member, as it happens: to people a line each, to machines an event each. */
import type { Delivery } from '../../broadcast/delivery-log.ts'
import { toHex } from '../../core/bytes.ts'
import type { ByzantineService } from '../../libp2p/service.ts'
import type { Output } from '../output.ts'
import { deliveryLine } from './delivery-line.ts'
import { FaultLines } from './fault-lines.ts'

/** Everything but deliveries, which are consumed; see {@link sayDeliveries}. */
export function sayEvents(service: ByzantineService, output: Output): void {
  const { colors } = output
  const faults = new FaultLines(colors)
  const members = service.group.n
  const say = (event: string, text: string) => (member: { detail: number }) => {
    output.event({ event, member: member.detail })
    output.say(colors.dim(`member ${member.detail} ${text}`))
  }
  service.addEventListener('ready', () => {
    const connected = service.connectedMembers
    output.event({ event: 'ready', connected })
    output.say(
      colors.green(`ready: connected to a quorum (with itself ${connected.length + 1} of ${members})`)
    )
  })
  service.addEventListener('member:connect', say('connect', 'connected'))
  service.addEventListener('member:disconnect', say('disconnect', 'disconnected'))
  service.addEventListener('member:lagging', say('lagging', 'does not keep up'))
  service.addEventListener('member:recovered', say('recovered', 'keeps up again'))
  service.addEventListener('fault', ({ detail: { process, kind, certainty, detail, evidence } }) => {
    const proof = evidence === undefined ? {} : { evidence: printableEvidence(evidence) }
    output.event({ event: 'fault', member: process, kind, certainty, detail, ...proof })
    const line = faults.line({ process, kind, certainty, detail })
    if (line !== undefined) output.say(line)
  })
}

/** Until `signal` is aborted. Asking for the next delivery acknowledges the one before: first, it must be written. */
export async function sayDeliveries(
  service: ByzantineService,
  output: Output,
  signal: AbortSignal,
  written: (signal: AbortSignal) => Promise<void>
): Promise<void> {
  try {
    for await (const delivery of service.deliveries({ signal })) {
      output.event(deliveryEvent(delivery))
      output.say(deliveryLine(delivery, output.colors))
      await written(signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function deliveryEvent(delivery: Delivery): object {
  if (delivery.type === 'gap') {
    const { sender, from, to } = delivery
    return { event: 'gap', sender, from, to }
  }
  const { position, sender, sequence, payload } = delivery
  return { event: 'delivery', position, sender, sequence, payload: Buffer.from(payload).toString('base64') }
}

type Evidence = NonNullable<ByzantineService['faults'][number]['fault']['evidence']>

/** So that whoever reads it can check it: in hexadecimal. */
function printableEvidence({ signer, statements }: Evidence): object {
  return {
    signer,
    statements: statements.map(({ statement, signature }) => ({
      statement: toHex(statement),
      signature: toHex(signature)
    }))
  }
}
