/** Mutants of what the broadcasts in src/broadcast share: numbers, records, payloads and the delivery log. */
import type { Mutant } from '../mutant.ts'

export const recordMutants: readonly Mutant[] = [
  {
    name: 'broadcast-number-is-not-stored',
    kind: 'forgotten write',
    in: 'NumberedBroadcast.broadcast',
    find: "this.store.put('next', encode(uint(), this.#next))",
    replace: '',
    breaks: 'accuracy',
    because: 'after a restart a correct sender gives one number to two payloads, and is named an equivocator',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'broadcast-number-is-not-restored',
    kind: 'forgotten restore',
    in: 'NumberedBroadcast.constructor',
    find: 'this.#next = next === undefined ? 0 : (decode(uint(), next) ?? 0)',
    replace: 'this.#next = next === undefined ? 0 : 0',
    breaks: 'accuracy',
    because: 'after a restart a correct sender gives one number to two payloads, and is named for it',
    by: 'campaign',
    trials: [{ protocol: 'signed-echo', members: 4 }]
  },
  {
    name: 'broadcast-payload-is-not-stored',
    kind: 'forgotten write',
    in: 'NumberedBroadcast.keepPayload',
    find: 'this.#store.put(instance.keys.payload, payload)',
    replace: '',
    breaks: 'validity',
    because: 'after a restart a sender cannot say again what it broadcast',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'broadcast-record-is-not-stored',
    kind: 'forgotten write',
    in: 'NumberedBroadcast.#keepChanged',
    find: 'this.#store.put(instance.keys.record, record)',
    replace: 'void record',
    breaks: 'no duplication',
    because: 'after a restart what was delivered is delivered again',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'broadcast-record-is-not-restored',
    kind: 'forgotten restore',
    in: 'NumberedBroadcast.restore',
    find: 'this.#client.fromRecord(this.#named(key), record)',
    replace: 'void record',
    breaks: 'accuracy',
    because: 'after a restart a process votes again, for what an equivocator sends it then',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-echo', members: 4 }]
  },
  {
    name: 'broadcast-is-accepted-before-it-is-durable',
    kind: 'write not awaited',
    in: 'NumberedBroadcast.broadcast',
    find: 'this.env.whenDurable(accepted)',
    replace: 'accepted()',
    breaks: 'validity',
    because: 'a crash loses a broadcast that the application was promised',
    by: 'campaign',
    trials: [{ protocol: 'authenticated-echo', members: 4, runs: 8000 }]
  },
  {
    name: 'broadcast-delivers-the-acknowledged-again',
    kind: 'forgotten restore',
    in: 'NumberedBroadcast.restore',
    find: 'if (this.windows.isAcknowledged(sender, instance.sequence)) continue',
    replace: '',
    breaks: 'no duplication',
    because: 'after a restart what was consumed out of order is delivered again',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'broadcast-does-not-deliver-again-after-a-restart',
    kind: 'forgotten restore',
    in: 'NumberedBroadcast.restore',
    find: 'if (instance.delivered) this.#indicateDelivery(instance)',
    replace: 'if (instance.delivered) continue',
    breaks: 'validity',
    because: 'what was delivered and not consumed before a crash never reaches the application',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'payload-is-handed-over-for-any-digest',
    kind: 'missing check',
    in: 'NumberedBroadcast.constructor',
    find: 'return instance?.digest !== undefined && sameBytes(instance.digest, wanted)',
    replace: 'return instance?.digest !== undefined && wanted.length > 0',
    breaks: 'accuracy',
    because: 'a correct member hands over another payload than the one asked for, and is named for it',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 7, adversary: 'collude' }]
  },
  {
    name: 'payload-digest-is-not-recomputed',
    kind: 'missing check',
    in: 'NumberedBroadcast.keepPayload',
    find: `    instance.payload = payload
    instance.digest = digest
`,
    replace: `    instance.payload = payload
    instance.digest ??= digest
`,
    breaks: 'totality',
    because:
      'a payload that was pulled keeps the digest of the one that it replaces, and never is the agreed one',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'payload-is-asked-of-one-member-only',
    kind: 'lost message',
    in: 'Pulls.#ask',
    find: '() => this.#unanswered(question)',
    replace: '() => {}',
    breaks: 'totality',
    because: 'the one that was asked withholds it',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'payload-is-asked-of-the-same-member-again',
    kind: 'lost message',
    in: 'Pulls.#ask',
    find: 'let next = holders.find((peer) => !asked.has(peer))',
    replace: 'let next = holders[0]',
    breaks: 'totality',
    because: 'the one that is asked withholds it',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'log-position-is-not-stored',
    kind: 'forgotten write',
    in: 'DeliveryLog.#assign',
    find: "this.store.put('next', encode(uint(), this.#next))",
    replace: '',
    breaks: 'validity',
    because: 'after a restart positions come twice, and the application believes that it has consumed them',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'log-entry-is-not-stored',
    kind: 'forgotten write',
    in: 'DeliveryLog.#assign',
    find: `this.store.put(\`entry/\${numericKey(position)}\`, encode(entryShape, entry))`,
    replace: 'void entry',
    breaks: 'no duplication',
    because: 'after a restart a delivery that was consumed gets another position',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'log-entry-is-not-deleted',
    kind: 'forgotten write',
    in: 'DeliveryLog.acknowledge',
    find: `this.store.delete(\`entry/\${numericKey(this.#acknowledged)}\`)`,
    replace: '',
    breaks: 'validity',
    because: 'after a restart the log waits for deliveries that were consumed long ago',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'log-gives-a-known-delivery-a-new-position',
    kind: 'forgotten restore',
    in: 'DeliveryLog.onDeliver',
    find: 'const position = known ?? this.#assign(',
    replace: 'const position = this.#assign(',
    breaks: 'validity',
    because: 'after a restart the old position stays empty, and those after it wait for ever',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'log-hands-over-what-has-just-come',
    kind: 'forgotten restore',
    in: 'DeliveryLog.onDeliver',
    find: `    this.#waiting.set(position, { type: 'delivery', position, sender, sequence, payload })
    this.#hand()
`,
    replace: `    this.#waiting.set(position, { type: 'delivery', position, sender, sequence, payload })
    this.indicate.deliver({ type: 'delivery', position, sender, sequence, payload })
    this.#handed = position + 1
`,
    breaks: 'validity',
    because: 'after a restart positions come out of order, and the application skips those that come late',
    by: 'campaign',
    trials: [{ protocol: 'double-echo', members: 4 }]
  },
  {
    name: 'channel-begins-at-zero-after-a-restart',
    kind: 'forgotten restore',
    in: 'ByzantineChannel.constructor',
    find: 'next: broadcast.undelivered(sender),',
    replace: 'next: 0,',
    breaks: 'validity',
    because: 'after a restart the channel waits for labels that were delivered long ago',
    by: 'campaign',
    trials: [{ protocol: 'byzantine-reliable-channel', members: 4 }]
  },
  {
    name: 'channel-delivers-as-it-comes',
    kind: 'missing check',
    in: 'ByzantineChannel.#onDeliver',
    find: '    stream.early.set(sequence, payload)\n',
    replace: `    if (sequence !== stream.next) {
      this.indicate.deliver(sender, sequence, payload)
      return
    }
    stream.early.set(sequence, payload)
`,
    breaks: 'FIFO delivery',
    because: 'instances complete in any order where sessions end',
    by: 'campaign',
    trials: [{ protocol: 'byzantine-reliable-channel', members: 4 }]
  }
]
