/** Tells what happens at a running member, as it happens: to people a line each, to machines an event each. */
import type { Delivery } from '../../broadcast/delivery-log.ts'
import { toHex } from '../../core/bytes.ts'
import type { Fault } from '../../core/fault.ts'
import { nameOf, type ProcessId } from '../../core/group.ts'
import type { ServiceDeclaration } from '../../core/service.ts'
import type { UnreachableMember } from '../../libp2p/absences.ts'
import type { ByzantineService } from '../../libp2p/service.ts'
import { type Output, printable } from '../output.ts'
import { deliveryLine } from './delivery-line.ts'
import { FaultLines } from './fault-lines.ts'
import { unreachableText } from './unreachable-text.ts'

/** Everything but deliveries, which are consumed; see {@link sayDeliveries}. What has happened already is told, too. */
export function sayEvents(service: ByzantineService, output: Output): void {
  const { colors } = output
  const say = (event: string, text: string) => (member: ProcessId) => {
    output.event({ event, member })
    output.say(colors.dim(`member ${member} ${text}`))
  }
  const connected = say('connect', 'connected')
  const disconnected = say('disconnect', 'disconnected')
  const lagging = say('lagging', 'does not keep up')
  const recovered = say('recovered', 'keeps up again')
  const faults = new FaultLines(colors, (process) => nameOf(service.group, process))
  const fault = (seen: Fault) => {
    output.event({ event: 'fault', ...faultValue(seen) })
    const line = faults.line(seen)
    if (line !== undefined) output.say(line)
  }
  const unreachable = (member: UnreachableMember) => {
    output.event({ event: 'unreachable', ...member })
    const [first, ...lines] = unreachableText(member)
    output.say(colors.yellow([`not connected: ${first}`, ...lines].join('\n  ')))
  }
  service.connectedMembers.forEach(connected)
  if (service.ready) sayReady(service, output)
  for (const seen of service.faults) fault(seen.fault)
  service.addEventListener('ready', () => sayReady(service, output))
  service.addEventListener('member:connect', ({ detail }) => connected(detail))
  service.addEventListener('member:disconnect', ({ detail }) => disconnected(detail))
  service.addEventListener('member:unreachable', ({ detail }) => unreachable(detail))
  service.addEventListener('member:lagging', ({ detail }) => lagging(detail))
  service.addEventListener('member:recovered', ({ detail }) => recovered(detail))
  service.addEventListener('fault', ({ detail }) => fault(detail))
}

function sayReady({ connectedMembers, group }: ByzantineService, { event, say, colors }: Output): void {
  event({ event: 'ready', connected: connectedMembers })
  const present = `with itself ${connectedMembers.length + 1} of ${group.n}`
  say(colors.green(`ready: connected to a quorum (${present})`))
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

/** What any other service tells, in the same way; bytes in hexadecimal. */
export async function sayIndications(
  service: ByzantineService,
  declaration: ServiceDeclaration,
  output: Output,
  signal: AbortSignal,
  written: (signal: AbortSignal) => Promise<void>
): Promise<void> {
  try {
    for await (const { name, values } of service.indications(declaration, { signal })) {
      const shown = JSON.stringify(values, (_, inner: unknown) =>
        inner instanceof Uint8Array ? toHex(inner) : inner
      )
      output.event({ event: 'indication', service: declaration.name, name, values: JSON.parse(shown) })
      output.say(`${declaration.name} ${name} ${printable(shown)}`)
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

/** Bytes of evidence in hexadecimal, so that whoever reads it can check it. */
function faultValue({ process, kind, certainty, detail, evidence }: Fault): object {
  const value = { member: process, kind, certainty, detail }
  if (evidence === undefined) return value
  const statements = evidence.statements.map(({ signer, statement, signature }) => ({
    signer: typeof signer === 'number' ? signer : toHex(signer),
    statement: toHex(statement),
    signature: toHex(signature)
  }))
  return { ...value, evidence: { claim: evidence.claim, statements } }
}
