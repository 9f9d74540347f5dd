/** Members of a replicated machine that hand a state over: what one has executed, another one lacks. */
import { utf8 } from '../../src/core/bytes.ts'
import { soloKey } from '../../src/laboratory/solo.ts'
import { COMMANDS, OPEN, openCommand, signEnvelope } from '../../src/replication/envelopes.ts'
import type { StateMachine } from '../../src/replication/state-machine.ts'
import {
  batchOf,
  oneMember,
  PATH,
  proposal,
  signer,
  stable,
  status,
  vote
} from '../consensus/pbft/one-member.ts'

export const STATES = 'replica/state'
export const PARTS = 'replica/state/parts'
export const CLIENT = 2

export type Member = ReturnType<typeof oneMember>

/** The machine whose command is a key, under which it puts how often it was given. */
export const counting: StateMachine = {
  apply(command, { state }) {
    const count = Uint8Array.of((state.get(command)?.[0] ?? 0) + 1)
    state.set(command, count)
    return count
  }
}

const signed = (content: Omit<Parameters<typeof signEnvelope>[2], 'client'>) =>
  signEnvelope(signer(CLIENT), 'replica', { client: soloKey(CLIENT), ...content })

export const open = signed({
  kind: OPEN,
  session: 0,
  first: 0,
  acknowledged: 0,
  commands: [openCommand({ slot: 0, replaces: 0, nonce: new Uint8Array(16) })]
})

/** In the session that `open` opens as the first command of batch 1. */
export const command = (number: number, text: string) =>
  signed({ kind: COMMANDS, session: 1024, first: number, acknowledged: 0, commands: [utf8(text)] })

/** Batches 1, 2, ... of these envelopes each. */
export const BATCHES = [
  [open],
  [command(1, 'apples'), command(2, 'pears')],
  [command(3, 'apples')],
  [command(4, 'plums')],
  [command(5, 'apples')],
  [command(6, 'nuts')],
  [command(7, 'figs')],
  [command(8, 'dates')]
]

export function member(self: number, disk?: Map<string, Uint8Array>, life = 1, machine = counting): Member {
  const one = oneMember(self, disk, life, machine)
  one.start()
  return one
}

/** A quorum commits it. */
export function execute({ p }: Member, sequence: number, envelopes = BATCHES[sequence - 1] ?? []): void {
  const batch = batchOf(...envelopes)
  const others = [0, 1, 2, 3].filter((from) => from !== p.self)
  p.receive(0, PATH, proposal(0, sequence, batch))
  for (const type of ['PREPARE', 'COMMIT'] as const)
    for (const from of others)
      if (type === 'COMMIT' || from > 0) p.receive(from, PATH, vote(type, 0, sequence, batch.digest))
}

/** Two members say that they have executed it, and it has the body. */
export function catchUp({ p }: Member, sequence: number): void {
  const { digest, batch } = batchOf(...(BATCHES[sequence - 1] ?? []))
  for (const from of [0, 1]) p.receive(from, PATH, { type: 'COMMITTED', sequence, digest })
  p.receive(0, `${PATH}/batches`, { type: 'BATCH', digest, batch })
}

/** The digest of the own state after that number. */
export function digestAt({ p }: Member, sequence: number): Uint8Array {
  const own = p.sentOf('CHECKPOINT').find(({ message }) => message.sequence === sequence)
  if (own === undefined) throw new Error(`there is no state after ${sequence}`)
  return own.message.digest as Uint8Array
}

/** Has executed as much, and what a quorum has signed is stable there. */
export function ahead(last: number, machine = counting): Member {
  const one = member(1, undefined, 1, machine)
  for (let sequence = 1; sequence <= last; sequence++) {
    execute(one, sequence)
    if (sequence % 2 === 0) one.p.receive(0, PATH, stable(sequence, digestAt(one, sequence), [0, 1, 2]))
  }
  return one
}

/** What has the group executed, which this member hears, and nothing else of it. */
export function hears({ p }: Member, group: Member, sequence: number, from = [0, 1, 2]): void {
  for (const peer of from) p.receive(peer, PATH, status({ stable: sequence, executed: sequence }))
  p.receive(0, PATH, stable(sequence, digestAt(group, sequence), [0, 1, 2]))
}

/** So long that a member which executes nothing meanwhile fetches a state. */
export const STUCK_MS = 2100

type Message = Parameters<Member['p']['receive']>[2]

/**
 * What one asks is answered by what the other one has: by all members that it asks, for the state is the same.
 *
 * @param lie - what that member says in place of an answer; undefined: nothing; default: the answer
 * @returns who was asked, once for each question
 */
export function ferry(
  behind: Member,
  group: Member,
  lie: (by: number, message: Message) => Message | undefined = (_, message) => message
): readonly number[] {
  const whom: number[] = []
  for (;;) {
    const questions = behind.p.sent.filter(({ message }) => message.type === 'FETCH')
    const asked = questions.filter(({ path }) => path === STATES || path === PARTS)
    if (asked.length === 0) return whom
    for (const question of asked) behind.p.sent.splice(behind.p.sent.indexOf(question), 1)
    for (const { to, path, message } of asked) {
      whom.push(to)
      const before = group.p.sent.length
      // One member stands for all: each of them hands a list over.
      if (path === STATES) group.p.startSession(behind.p.self)
      group.p.receive(behind.p.self, path, message)
      const answers = group.p.sent.splice(before).filter((sent) => sent.path === path)
      for (const answer of answers) {
        const said = lie(to, answer.message)
        if (said !== undefined) behind.p.receive(to, path, said)
      }
    }
  }
}
