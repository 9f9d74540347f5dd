/** The tables by name. What they check is loaded with them, so a mutant lives before its table is. */
import type { Table } from './table.ts'

export const tables = {
  balances: async (): Promise<Table> => (await import('./balances.ts')).balances,
  checkers: async (): Promise<Table> => (await import('./checkers.ts')).checkers,
  commands: async (): Promise<Table> => (await import('./commands.ts')).commands,
  contexts: async (): Promise<Table> => (await import('./contexts.ts')).contexts,
  evidence: async (): Promise<Table> => (await import('./evidence.ts')).evidence,
  handshake: async (): Promise<Table> => (await import('./handshake.ts')).handshake,
  names: async (): Promise<Table> => (await import('./names.ts')).names,
  order: async (): Promise<Table> => (await import('./order.ts')).order,
  quorums: async (): Promise<Table> => (await import('./quorums.ts')).quorums,
  resilience: async (): Promise<Table> => (await import('./resilience.ts')).resilience,
  selection: async (): Promise<Table> => (await import('./selection.ts')).selection,
  states: async (): Promise<Table> => (await import('./states.ts')).states,
  votes: async (): Promise<Table> => (await import('./votes.ts')).votes,
  windows: async (): Promise<Table> => (await import('./windows.ts')).windows
}

export type TableName = keyof typeof tables
