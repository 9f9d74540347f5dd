/** What the transport turned away, as a fault of the member that sent it. */
import type { Fault } from '../core/fault.ts'
import type { ProcessId } from '../core/group.ts'
import { decode } from '../core/shapes.ts'
import { compareGenesis, genesisShape } from '../crypto/genesis.ts'
import type { Refusal } from './transport-refusal.ts'

/**
 * Only ever suspected: that it is a fault at all, and whose, rests on libp2p's word for who spoke; and two
 * geneses that differ are as likely an operator's mistake, at either end.
 */
export function faultOf(process: ProcessId, refusal: Refusal): Fault {
  const { kind, detail } = refusal
  const suspected = { process, certainty: 'suspected' } as const
  if (kind === 'wrong-group') return { ...suspected, kind, detail: `${detail}: ${differenceOf(refusal)}` }
  if (kind === 'other-version' || kind === 'outsider') {
    return { ...suspected, kind: 'protocol-violation', detail }
  }
  return { ...suspected, kind, detail }
}

function differenceOf({ genesis }: Refusal): string {
  const ours = genesis && decode(genesisShape, genesis.ours)
  const theirs = genesis && decode(genesisShape, genesis.theirs)
  if (ours === undefined || theirs === undefined) return 'it shows no genesis'
  return compareGenesis(ours, theirs).join('; ') || 'it shows our genesis with another id'
}
