/** The ports of a stack, and the names in the messages that they declare. */
import { createGroup } from '../../src/core/group.ts'
import type { ShapeDescription } from '../../src/core/shapes.ts'
import { silentObserver } from '../../src/core/trace.ts'
import { defaultBackend } from '../../src/crypto/index.ts'
import type { OpenPort } from '../../src/links/ports.ts'
import { symbolicCrypto } from '../../src/simulator/symbolic-crypto.ts'
import { openPorts } from '../../src/stacks/paths.ts'
import type { Stack } from '../../src/stacks/stack.ts'

export const testGroup = createGroup({
  id: new Uint8Array(32),
  f: 1,
  publicKeys: Array.from({ length: 4 }, () => new Uint8Array(32))
})

export function declaredPorts(stack: Stack): readonly OpenPort[] {
  const nowhere = {
    self: 0,
    incarnation: 1,
    fresh: true,
    group: testGroup,
    clock: { now: () => 0, setTimer: () => ({ cancel() {} }) },
    random: { bytes: (length: number) => new Uint8Array(length), below: () => 0 },
    crypto: symbolicCrypto(testGroup, 0, defaultBackend.sha256)(0),
    store: { put() {}, delete() {}, restored: () => [], read() {} },
    observer: silentObserver,
    trigger() {},
    whenDurable() {},
    onTurnEnd() {}
  }
  return openPorts(nowhere, stack, {})
}

/** Types of messages, and fields of messages however deep. */
export function namesIn(ports: readonly OpenPort[]): ReadonlySet<string> {
  const declared = ports.flatMap(({ messages }) => messages.declared)
  return new Set(declared.flatMap(({ type, shape }) => [type, ...fieldsIn(shape)]))
}

function fieldsIn(shape: ShapeDescription): readonly string[] {
  if (shape.kind === 'list' || shape.kind === 'optional') return fieldsIn(shape.of)
  return shape.kind === 'record' ? shape.fields.flatMap(([name, of]) => [name, ...fieldsIn(of)]) : []
}
