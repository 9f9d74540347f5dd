/**
 * The uses of clusters: a broadcast has a tour of its own, and any other stack what the laboratory asks of its kind.
 */
import { abstractionOf } from '../laboratory/abstractions/index.ts'
import { BroadcastRecord } from './broadcast-record.ts'
import { tourBroadcasts } from './broadcast-tour.ts'
import { ledOf, standingOf } from './led-standing.ts'
import { tourLed } from './led-tour.ts'
import { type ClusterPlan, offersBroadcasts } from './plan.ts'
import { TOUR_CLIENTS } from './register-tour.ts'
import { ServiceRecord } from './service-record.ts'
import { tourService } from './service-tour.ts'
import type { ClusterUse } from './use.ts'

const broadcasts: ClusterUse = {
  clients: () => TOUR_CLIENTS,
  applied: false,
  recorder: (plan) => new BroadcastRecord(plan),
  tour: tourBroadcasts
}

const services: ClusterUse = {
  clients: ({ stack }) => abstractionOf(stack).clients,
  applied: true,
  recorder: (plan) => new ServiceRecord(plan),
  tour: tourService
}

/** Of the group with a leader, beside the tour of broadcasts. */
export const led: ClusterUse = {
  ...services,
  loyal: true,
  options: (plan) => ledOf(plan).options,
  tour: tourLed,
  says(cluster, member) {
    const standing = standingOf(cluster, member)
    if (standing === undefined) return ''
    const { term, done } = ledOf(cluster.plan).words
    const leads = standing.leader === member ? ', leads' : ''
    return `${term} ${standing.term}, ${done} ${String(standing.done).padStart(4)}${leads}`
  }
}

export const useOf = ({ stack }: Pick<ClusterPlan, 'stack'>): ClusterUse =>
  offersBroadcasts(stack) ? broadcasts : services
