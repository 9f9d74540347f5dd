/** How a behaviour shows at correct members that may turn into any of the others. */
import type { Behaviour } from './behaviour.ts'

export const anyEffect: Behaviour['effect'] = {
  landmarks: [
    'equivocation-seen',
    'conflicting-echo',
    'contradicting-vote',
    'beyond-window',
    'payload-pulled'
  ],
  faults: ['malformed', 'flooding', 'invalid-signature'],
  broadcasts: 'missing'
}
