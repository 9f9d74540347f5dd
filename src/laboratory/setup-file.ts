/** The setup of a run as it stands in a trace file: read strictly, for a file may come from anybody. */
import { findBehaviour } from '../adversary/index.ts'
import { isWithin, shown } from '../core/parameters.ts'
import { optionsProblem } from '../stacks/options.ts'
import type { Setup } from './run-config.ts'

const MEMBERS_MAX = 100
const CLIENTS_MAX = 100
const MS_MAX = 86_400_000

/** @returns the setup, or what is wrong with it */
export function readSetup(value: unknown): Setup | string {
  if (typeof value !== 'object' || value === null) return 'it has no setup'
  const given = value as { readonly [name: string]: unknown }
  const { protocol, members, faults, byzantine, adversary, links, crypto, options } = given
  if (typeof protocol !== 'string' || !/^[a-z0-9][a-z0-9-]{0,99}$/.test(protocol))
    return `${shown(protocol)} is no name of a protocol`
  if (adversary !== null && (typeof adversary !== 'string' || findBehaviour(adversary) === undefined))
    return `there is no adversary ${shown(adversary)} here`
  if (!isUint(members, MEMBERS_MAX) || members < 1) return `members is a number from 1 to ${MEMBERS_MAX}`
  // Traces of broadcasts have no clients.
  const clients = given.clients ?? 0
  if (!isUint(clients, CLIENTS_MAX)) return `clients is a number up to ${CLIENTS_MAX}`
  if (!isUint(faults, members - 1)) return 'faults is a number below that of the members'
  if (!isRanks(byzantine, members)) return 'byzantine is a list of different ranks'
  if (links !== 'ideal' && links !== 'real') return 'links is ideal or real'
  if (crypto !== 'symbolic' && crypto !== 'real') return 'crypto is symbolic or real'
  if (!isUint(given.seed, Number.MAX_SAFE_INTEGER)) return 'seed is a whole number'
  if (!isUint(given.healMs, MS_MAX) || !isUint(given.livenessMs, MS_MAX))
    return `healMs and livenessMs are milliseconds, at most ${MS_MAX}`
  if (typeof options !== 'object' || options === null) return 'it has no options'
  const problem = optionsProblem(options)
  if (problem !== undefined) return problem
  return {
    protocol,
    members,
    clients,
    faults,
    byzantine,
    adversary: adversary as string | null,
    links,
    crypto,
    options,
    seed: given.seed,
    healMs: given.healMs,
    livenessMs: given.livenessMs
  }
}

function isUint(value: unknown, max: number): value is number {
  return isWithin(value, 0, max)
}

function isRanks(value: unknown, members: number): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((rank) => isUint(rank, members - 1)) &&
    new Set(value).size === value.length &&
    value.length < members
  )
}
