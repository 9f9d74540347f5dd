/** A delivery as one line for people. */
import type { Delivery } from '../../broadcast/delivery-log.ts'
import { type Colors, printable } from '../output.ts'

/** So many characters of a payload are shown. */
const PREVIEW_CHARACTERS_MAX = 60

export function deliveryLine(delivery: Delivery, { dim, yellow }: Colors): string {
  if (delivery.type === 'gap') {
    const { sender, from, to } = delivery
    return yellow(
      `gap      broadcasts ${from} to ${to - 1} of member ${sender} are beyond what others retain`
    )
  }
  const { position, sender, sequence, payload } = delivery
  return `delivery ${position}: broadcast ${sequence} of member ${sender}, ${payload.length} bytes  ${dim(preview(payload))}`
}

function preview(payload: Uint8Array): string {
  // A character has at most four bytes; no more of a long payload is looked at.
  const text = new TextDecoder().decode(payload.subarray(0, 4 * PREVIEW_CHARACTERS_MAX))
  const shown = printable(text.replaceAll(/\s+/g, ' '))
  return shown.length > PREVIEW_CHARACTERS_MAX ? `${shown.slice(0, PREVIEW_CHARACTERS_MAX)}..` : shown
}
