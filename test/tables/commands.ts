/** Commands of clients at one member: whose they are, how often they are executed, and who is told of them. */

import { FIRST_STABLE } from '../../src/consensus/pbft/progress.ts'
import { concatBytes, utf8 } from '../../src/core/bytes.ts'
import { soloKey } from '../../src/laboratory/solo.ts'
import { COMMANDS, OPEN, openCommand, signEnvelope } from '../../src/replication/envelopes.ts'
import {
  batchOf,
  certified,
  group,
  oneMember,
  PATH,
  proposal,
  request,
  signer,
  vote
} from '../consensus/pbft/one-member.ts'
import type { Row, Table } from './table.ts'

const REPLICA = 'replica'
const CLIENT = 2

type Member = ReturnType<typeof oneMember>

function begun(self = 1): Member {
  const member = oneMember(self)
  member.start()
  return member
}

const ask = ({ p }: Member, envelope: Uint8Array, from = CLIENT) =>
  p.receive(from, REPLICA, { type: 'REQUEST', envelope })

/** Whether member 1 votes for a batch of the first primary. */
function votesFor({ p }: Member, sequence: number, ...envelopes: Uint8Array[]): boolean {
  const before = p.sentOf('PREPARE').length
  p.receive(0, PATH, proposal(0, sequence, batchOf(...envelopes)))
  return p.sentOf('PREPARE').length > before
}

/** All others vote, too. */
function execute(member: Member, sequence: number, ...envelopes: Uint8Array[]): void {
  const { digest } = batchOf(...envelopes)
  votesFor(member, sequence, ...envelopes)
  for (const type of ['PREPARE', 'COMMIT'] as const)
    for (const from of [0, 2, 3])
      if (type === 'COMMIT' || from > 0) member.p.receive(from, PATH, vote(type, 0, sequence, digest))
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  concatBytes(bytes.slice(0, at), Uint8Array.of((bytes[at] ?? 0) ^ 1), bytes.slice(at + 1))

const signed = (content: Omit<Parameters<typeof signEnvelope>[2], 'client'>) =>
  signEnvelope(signer(CLIENT), REPLICA, { client: soloKey(CLIENT), ...content })

const open = signed({
  kind: OPEN,
  session: 0,
  first: 0,
  acknowledged: 0,
  commands: [openCommand({ slot: 0, replaces: 0, nonce: new Uint8Array(16) })]
})

const inSession = (first: number, ...commands: string[]) =>
  signed({ kind: COMMANDS, session: 1024, first, acknowledged: 0, commands: commands.map(utf8) })

export const commands: Table = {
  *'a batch with what its client has not signed is not voted for'(): Iterable<Row> {
    const envelope = request(CLIENT, 1, 'a')
    yield [votesFor(begun(), 1, envelope), () => 'one that it has signed is']
    for (let byte = 1; byte <= 64; byte += 9)
      yield [
        !votesFor(begun(), 1, flipped(envelope, envelope.length - byte)),
        () => `byte ${byte} from the end of the signature is another one`
      ]
  },

  *'a verdict that is remembered is one of the same bytes'(): Iterable<Row> {
    const envelope = request(CLIENT, 1, 'abcdefgh')
    // The last characters of the command stand before the signature and its head.
    for (let character = 1; character <= 8; character++) {
      const member = begun()
      ask(member, envelope)
      yield [
        !votesFor(member, 1, flipped(envelope, envelope.length - 66 - character)),
        () => `character ${character} from the end of the command is another one`
      ]
    }
  },

  *'a batch is judged by its bytes, whatever was executed before'(): Iterable<Row> {
    const member = begun()
    execute(member, 1, open)
    execute(member, 2, inSession(1, 'a'))
    yield [votesFor(member, 3, inSession(1, 'a')), () => 'one that was executed, and is ordered again']
    yield [votesFor(member, 4, open), () => 'a session that is open, and is opened again']
  },

  *'a command that is ordered again is not executed again'(): Iterable<Row> {
    const member = begun()
    execute(member, 1, open)
    execute(member, 2, inSession(1, 'a', 'b'), inSession(2, 'b'))
    execute(member, 3, inSession(2, 'b', 'c'), inSession(1, 'a', 'b'))
    const executed = member.executed.flatMap(({ commands }) => commands.map(({ number }) => number))
    yield [executed.join() === '1,2,3', () => `executed ${executed.join()}, not 1,2,3`]
  },

  *'who enters a view hands what waits to its primary'(): Iterable<Row> {
    for (const view of [1, 2]) {
      const member = begun(3)
      ask(member, request(CLIENT, 1, 'a'))
      const start = { view, stable: FIRST_STABLE, selected: [] }
      member.p.receive(0, PATH, certified(start, group.ranks.slice(0, 3)))
      const told = member.p.sentOf('RELAY').map(({ to }) => to)
      yield [told.join() === `0,${view}`, () => `told ${told.join()} in view ${view}`]
    }
  }
}
