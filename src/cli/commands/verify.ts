/** `byzkit verify`: whether evidence, or a certificate, proves what it says, by a group's public keys alone. */
import type { Command } from 'commander'
import { verifyEchoCertificate } from '../../broadcast/echo-certificate.ts'
import { sameBytes, toHex } from '../../core/bytes.ts'
import type { Evidence, SignedStatement } from '../../core/fault.ts'
import { type Group, nameOf, processOf, publicKeyOf } from '../../core/group.ts'
import { groupFromGenesis } from '../../crypto/genesis.ts'
import { parseGroupFile } from '../../crypto/group-file.ts'
import { defaultBackend } from '../../crypto/index.ts'
import { Field } from '../../crypto/json-field.ts'
import { CERTIFICATE_SIGNATURES_MAX } from '../../exchange/certificate.ts'
import { EVIDENCE_STATEMENTS_MAX } from '../../exchange/evidence.ts'
import { action, type Invocation, type Run } from '../../program/command.ts'
import { EXIT_FAILED, EXIT_OK, type ExitStatus } from '../../program/errors.ts'
import { readTextFile } from '../../program/files/read-file.ts'
import { type Colors, oneLine, printable } from '../../program/output.ts'
import { verifyEvidence } from '../../stacks/evidence.ts'

/** The longest statement that is read, bytes. */
const STATEMENT_BYTES_MAX = 64 * 1024
const SIGNATURE_BYTES = 64
const DIGEST_BYTES = 32
const TEXT_CHARACTERS_MAX = 256

interface Options {
  readonly group: string
}

/** What is told of it. */
interface Verified {
  readonly kind: 'evidence' | 'certificate'
  readonly valid: boolean
  /** What is proven; or why nothing is. One sentence. */
  readonly detail: string
  /** Of evidence that holds: the public key of whoever did it, and its rank if it is a member. */
  readonly accused?: string
  readonly member?: number | null
}

export function registerVerify(program: Command, run: Run): void {
  program
    .command('verify')
    .description('check evidence of a fault, or a certificate, by public keys alone')
    .argument('<file>', 'JSON: a fault as `node --json` tells it, its evidence alone, or a certificate')
    .requiredOption('--group <file>', 'group.json')
    .action(action<Options>(run, verify))
}

async function verify({ operands, options, output }: Invocation<Options>): Promise<ExitStatus> {
  const [file = ''] = operands
  const { text } = await readTextFile(options.group)
  const groupFile = parseGroupFile(options.group, text, { anyResilience: true })
  const group = groupFromGenesis(groupFile.genesis, groupFile.clients)
  const given = Field.parse(oneLine(file), (await readTextFile(file)).text)
  const verified = given.has('certificate') ? certified(group, given) : proven(group, given)
  output.result({ file, ...verified }, describe(verified, output.colors))
  return verified.valid ? EXIT_OK : EXIT_FAILED
}

function describe({ valid, detail }: Verified, { green, red }: Colors): string {
  return valid ? green(detail) : red(`proves nothing: ${detail}`)
}

/** A fault with its evidence, or the evidence alone. */
function proven(group: Group, given: Field): Verified {
  const isFault = given.has('evidence')
  const fault = isFault
    ? given.object(['evidence'], ['event', 'member', 'kind', 'certainty', 'detail'])
    : undefined
  const evidence = readEvidence(fault?.('evidence') ?? given)
  const named =
    fault !== undefined && given.has('member')
      ? fault('member').integer(0, Number.MAX_SAFE_INTEGER)
      : undefined
  const verdict = verifyEvidence(group, evidence)
  if (!verdict.proven) return { kind: 'evidence', valid: false, detail: printable(verdict.problem) }
  const { accused, sentence } = verdict
  const process = processOf(group, accused)
  const name = process === undefined ? `the key ${toHex(accused)}` : nameOf(group, process)
  const namedKey = named === undefined || named >= group.n ? undefined : publicKeyOf(group, named)
  if (namedKey !== undefined && !sameBytes(namedKey, accused))
    return {
      kind: 'evidence',
      valid: false,
      detail: `the fault names member ${named}, and its evidence ${name}`
    }
  return {
    kind: 'evidence',
    valid: true,
    detail: `proven: ${name} ${sentence}`,
    accused: toHex(accused),
    member: process !== undefined && process < group.n ? process : null
  }
}

function readEvidence(given: Field): Evidence {
  const field = given.object(['claim', 'statements'])
  return {
    claim: readText(field('claim')),
    statements: field('statements').list(EVIDENCE_STATEMENTS_MAX).map(readStatement)
  }
}

function readStatement(given: Field): SignedStatement {
  const field = given.object(['signer', 'statement', 'signature'])
  return {
    signer: field('signer').isText()
      ? field('signer').publicKey()
      : field('signer').integer(0, Number.MAX_SAFE_INTEGER),
    statement: field('statement').bytes(STATEMENT_BYTES_MAX),
    signature: field('signature').bytes(SIGNATURE_BYTES, SIGNATURE_BYTES)
  }
}

/** A certificate of signed echo, with the instance that it is about and the path of the component. */
function certified(group: Group, given: Field): Verified {
  const field = given.object(['path', 'sender', 'sequence', 'digest', 'certificate'])
  const instance = {
    sender: field('sender').integer(0, group.n - 1),
    sequence: field('sequence').integer(0, Number.MAX_SAFE_INTEGER),
    digest: field('digest').bytes(DIGEST_BYTES, DIGEST_BYTES)
  }
  const certificate = field('certificate')
    .list(CERTIFICATE_SIGNATURES_MAX)
    .map((each) => {
      const one = each.object(['signer', 'signature'])
      return {
        signer: one('signer').integer(0, group.n - 1),
        signature: one('signature').bytes(SIGNATURE_BYTES, SIGNATURE_BYTES)
      }
    })
  const crypto = {
    verify: (signer: number, statement: Uint8Array, signature: Uint8Array) =>
      defaultBackend.verify(group.publicKeys[signer] ?? new Uint8Array(0), statement, signature)
  }
  const valid = verifyEchoCertificate(crypto, group, readText(field('path')), instance, certificate)
  const q = group.quorum.byzantine
  const detail = valid
    ? `certified: ${q} of ${group.n} members vouch for ${toHex(instance.digest)} in instance ${instance.sender}/${instance.sequence}`
    : `it takes exactly ${q} signatures over this instance and digest, of distinct members in ascending order`
  return { kind: 'certificate', valid, detail }
}

const readText = (field: Field): string =>
  field.text(
    `text of at most ${TEXT_CHARACTERS_MAX} characters`,
    ({ length }) => length <= TEXT_CHARACTERS_MAX
  )
