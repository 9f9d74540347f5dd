/** A member of four that agree, alone: what the others say is made up here, with their keys. */
import { BatchCodec } from '../../../src/consensus/pbft/batch.ts'
import { type AgreementOptions, BATCH_COMMANDS_MAX } from '../../../src/consensus/pbft/constants.ts'
import {
  acceptStatement,
  checkpointStatement,
  digestOfStart,
  newViewFieldsOf,
  newViewStatement,
  prePrepareStatement,
  type SignedChange,
  viewChangeStatement
} from '../../../src/consensus/pbft/messages.ts'
import { FIRST_STABLE, FIRST_START } from '../../../src/consensus/pbft/progress.ts'
import type { Start } from '../../../src/consensus/pbft/selection.ts'
import { sameBytes, utf8 } from '../../../src/core/bytes.ts'
import { createGroup } from '../../../src/core/group.ts'
import { nobleBackend } from '../../../src/crypto/index.ts'
import { Solo, soloKey } from '../../../src/laboratory/solo.ts'
import { COMMANDS, signEnvelope } from '../../../src/replication/envelopes.ts'
import { type Executed, Replica } from '../../../src/replication/replica.ts'
import type { StateMachine } from '../../../src/replication/state-machine.ts'
import { symbolicCrypto } from '../../../src/simulator/symbolic-crypto.ts'

/** The machine that answers with the command. */
const echo: StateMachine = { apply: (command) => command }

export const PATH = 'replica/agreement'
const BOUNDS = { checkpointEvery: 2, batchCommandsMax: 4, viewTimeoutMinMs: 100, viewTimeoutMaxMs: 1000 }

export const group = createGroup({
  id: new Uint8Array(32),
  f: 1,
  publicKeys: [0, 1, 2, 3].map(soloKey)
})
const cryptoOf = symbolicCrypto(group, 1, nobleBackend.sha256)
const codec = new BatchCodec(cryptoOf(0), BATCH_COMMANDS_MAX)
export const NOTHING = codec.nothing

export const signer = (self: number) => ({ self, group, crypto: cryptoOf(self) })

/** What a member asks for, in a session that nobody has opened: it is ordered, and executed to no effect. */
export const request = (client: number, number: number, command: string) =>
  signEnvelope(signer(client), 'replica', {
    kind: COMMANDS,
    client: soloKey(client),
    session: 2 ** 40,
    first: number,
    acknowledged: number - 1,
    commands: [utf8(command)]
  })

export function batchOf(...envelopes: Uint8Array[]) {
  const batch = codec.encode(envelopes)
  return { batch, digest: codec.digest(batch) }
}

const sign = <F>(
  by: number,
  statement: { bytes(of: typeof group, path: string, by: number, fields: F): Uint8Array },
  fields: F
) => cryptoOf(by).sign(statement.bytes(group, PATH, by, fields))

/** A proposal of the primary of its view, or of whoever is said to propose. */
export function proposal(view: number, sequence: number, batch: ReturnType<typeof batchOf>, by = view % 4) {
  const said = { view, sequence, digest: batch.digest }
  const signature = sign(by, prePrepareStatement, said)
  return { type: 'PRE-PREPARE', ...said, batch: batch.batch, signature } as const
}

export const vote = (type: 'PREPARE' | 'COMMIT', view: number, sequence: number, digest: Uint8Array) =>
  ({ type, view, sequence, digest }) as const

/** A VIEW-CHANGE of that member, out of the first view if nothing else is said. */
export function change(
  by: number,
  view: number,
  reported: SignedChange['reported'] = [],
  left: Start = FIRST_START
) {
  const base = { view: left.view, digest: digestOfStart(cryptoOf(by), left) }
  const said = { view, stable: FIRST_STABLE, base, reported }
  return { type: 'VIEW-CHANGE', ...said, signature: sign(by, viewChangeStatement, said) } as const
}

/** A NEW-VIEW of the primary of the view, by these VIEW-CHANGEs. */
export function newView(viewStart: Start, ...changes: readonly ReturnType<typeof change>[]) {
  const { view } = viewStart
  const viewChanges = changes.map(({ type: _, ...said }) => {
    const signer = [0, 1, 2, 3].find((by) => sameBytes(said.signature, sign(by, viewChangeStatement, said)))
    return { signer: signer ?? 0, ...said }
  })
  const said = { view, viewStart, viewChanges }
  const signature = sign(view % 4, newViewStatement, newViewFieldsOf(cryptoOf(0), said))
  return { type: 'NEW-VIEW', ...said, signature } as const
}

/** A state after a number with the signatures of these members. */
export function stable(sequence: number, digest: Uint8Array, signers: readonly number[]) {
  const said = { sequence, digest }
  const certificate = signers.map((by) => ({ signer: by, signature: sign(by, checkpointStatement, said) }))
  return { type: 'STABLE', ...said, certificate } as const
}

/** How far a member says that it is. */
export const status = (of: { base?: number; target?: number; stable?: number; executed?: number } = {}) =>
  ({ type: 'STATUS', base: 0, target: of.base ?? 0, stable: 0, executed: 0, ...of }) as const

/** A start with the signatures of these members. */
export function certified(viewStart: Start, signers: readonly number[]) {
  const said = { view: viewStart.view, digest: digestOfStart(cryptoOf(0), viewStart) }
  const certificate = signers.map((by) => ({ signer: by, signature: sign(by, acceptStatement, said) }))
  return { type: 'START', viewStart, certificate } as const
}

/**
 * @param self - which of the four it is
 * @param bounds - that are other ones than BOUNDS
 */
export function oneMember(
  self: number,
  disk?: Map<string, Uint8Array>,
  life = 1,
  machine = echo,
  bounds: Partial<AgreementOptions> = {}
) {
  const executed: { readonly sequence: number; readonly commands: readonly Executed[] }[] = []
  const views: number[] = []
  const installed: number[] = []
  const p = new Solo({
    members: 4,
    self,
    life,
    ...(disk && { disk }),
    make: (env, ports) =>
      new Replica(env, 'replica', ports, { ...BOUNDS, ...bounds }, machine, {
        execute: (sequence, _, commands) => void executed.push({ sequence, commands }),
        checkpoint() {},
        stable() {},
        install: (sequence) => void installed.push(sequence),
        view: (view) => void views.push(view)
      })
  })
  const start = () => {
    p.do((replica) => replica.restore())
    for (const peer of [0, 1, 2, 3].filter((one) => one !== self)) p.startSession(peer)
  }
  return { p, executed, views, installed, start }
}
