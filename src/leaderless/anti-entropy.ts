/**
 * Anti-entropy (Demers et al. 1987) with Merkle trees, as in Dynamo (DeCandia et al. 2007, 4.7): two members that share
 * keys find those whose states differ, and both end up with the join of them.
 *
 * The member of lower rank asks, in each new session and once in a period; the other answers, and keeps nothing of it.
 *
 *     COMPARE root      SAME, or NODES with what is below the root
 *     DESCRIBE paths    NODES: those children whose digests differ are looked at next
 *     FETCH ids         ITEMS: joined with the own states; what the other lacks of the result is offered
 *     OFFER items       TAKEN
 *
 * One exchange at a time with each neighbour, one question at a time in it, each of a bounded size. An exchange that a
 * session took with it begins anew in the next.
 *
 * Cost: for equal trees one message each way. Otherwise, for d keys that differ among k, at most about d log16(k) nodes
 * of 16 digests each, and the states of those keys: it grows with what differs, not with what there is.
 * Space, at who asks: the paths to look at, at most 15 for each level and node asked for; the ids of keys to transfer.
 */
import { sameBytes } from '../core/bytes.ts'
import type { Timer } from '../core/clock.ts'
import type { Environment } from '../core/environment.ts'
import type { ProcessId } from '../core/group.ts'
import { encode } from '../core/shapes.ts'
import type { PlainValue } from '../core/trace.ts'
import { type CallId, OTHER_QUESTION } from '../exchange/call-id.ts'
import { ITEM_BYTES, ITEMS_MAX, NODES_COMPARED_MAX } from './constants.ts'
import { type Item, itemShape, type KeptStates } from './kept-states.ts'
import { compareNodes, DIGEST_BYTES, type NodeDescription, type Path, ROOT } from './merkle-tree.ts'
import type { ExchangeAnswer, ExchangeQuestion, LeaderlessMessage } from './messages.ts'
import { sameState } from './versions.ts'

interface Exchange {
  readonly id: CallId
  readonly paths: Path[]
  readonly wanted: Uint8Array[]
  readonly lacking: Uint8Array[]
  /** The question that is not answered yet. */
  asked: ExchangeQuestion
}

export interface AntiEntropyInit {
  readonly env: Environment
  readonly kept: KeptStates
  readonly neighbours: readonly ProcessId[]
  readonly periodMs: number
  readonly send: (to: ProcessId, message: LeaderlessMessage) => void
  /** Says who has sent what no correct process sends. */
  readonly lie: (from: ProcessId, detail: string) => void
}

export class AntiEntropy {
  readonly #init: AntiEntropyInit
  /** Those whom this member asks. */
  readonly #asks: readonly ProcessId[]
  readonly #open = new Map<ProcessId, Exchange>()
  #last = 0

  constructor(init: AntiEntropyInit) {
    this.#init = init
    this.#asks = init.neighbours.filter((rank) => rank > init.env.self)
    if (this.#asks.length > 0) this.#setTimer()
  }

  /** A new session: what an earlier one left open has no answer any more, and begins anew. */
  onSession(peer: ProcessId): void {
    if (this.#asks.includes(peer)) this.#begin(peer)
  }

  /** What another member is to be told that asks; undefined if no correct one asks that. */
  answerTo(from: ProcessId, question: ExchangeQuestion): ExchangeAnswer | undefined {
    const { kept, lie } = this.#init
    const { exchange } = question
    const tree = kept.treeWith(from)
    if (tree === undefined) {
      lie(from, 'compares keys where none is shared')
      return undefined
    }
    switch (question.type) {
      case 'COMPARE': {
        const isSame = sameBytes(question.root, rootOf(tree.digest(ROOT)))
        return isSame ? { type: 'SAME', exchange } : { type: 'NODES', exchange, nodes: [tree.describe(ROOT)] }
      }
      case 'DESCRIBE':
        return { type: 'NODES', exchange, nodes: question.paths.map((path) => tree.describe(path)) }
      case 'FETCH':
        return { type: 'ITEMS', exchange, items: this.#batch(question.ids) }
      case 'OFFER':
        for (const item of question.items) this.#merge(from, item)
        return { type: 'TAKEN', exchange }
    }
  }

  onAnswer(from: ProcessId, answer: ExchangeAnswer): void {
    const open = this.#open.get(from)
    if (open === undefined || !isSame(open.id, answer.exchange)) return
    if (!isAnswerTo(open.asked, answer)) {
      this.#init.lie(from, OTHER_QUESTION)
      return
    }
    if (answer.type === 'SAME') this.#open.delete(from)
    else {
      if (answer.type === 'NODES') for (const node of answer.nodes) this.#look(from, open, node)
      if (answer.type === 'ITEMS') this.#take(from, open, answer.items)
      this.#next(from, open)
    }
  }

  state(): PlainValue {
    return [...this.#open].map(([peer, { id, paths, wanted, lacking }]) => ({
      peer,
      number: id.number,
      paths: [...paths],
      wanted: [...wanted],
      lacking: [...lacking]
    }))
  }

  #setTimer(): Timer {
    const { env, periodMs } = this.#init
    return env.clock.setTimer(periodMs, () => {
      for (const peer of this.#asks) if (!this.#open.has(peer)) this.#begin(peer)
      this.#setTimer()
    })
  }

  #begin(peer: ProcessId): void {
    const tree = this.#init.kept.treeWith(peer)
    if (tree === undefined) return
    const exchange = { life: this.#init.env.incarnation, number: ++this.#last }
    const asked = { type: 'COMPARE', exchange, root: rootOf(tree.digest(ROOT)) } as const
    this.#open.set(peer, { id: exchange, paths: [], wanted: [], lacking: [], asked })
    this.#init.send(peer, asked)
  }

  #look(peer: ProcessId, open: Exchange, node: NodeDescription): void {
    const tree = this.#init.kept.treeWith(peer)
    if (tree === undefined) return
    const difference = compareNodes(tree, node)
    open.paths.push(...difference.paths)
    open.wanted.push(...difference.wanted)
    open.lacking.push(...difference.lacking)
  }

  #take(peer: ProcessId, open: Exchange, items: readonly Item[]): void {
    for (const item of items) this.#merge(peer, item, open)
    // Whoever has fewer than it was asked for has sent the first of them; who has none has nothing of the rest either.
    open.wanted.splice(0, items.length === 0 ? open.wanted.length : items.length)
  }

  /** @param open - where to note what the other lacks of the result */
  #merge(peer: ProcessId, { key, state }: Item, open?: Exchange): void {
    const { env, kept, lie } = this.#init
    const id = kept.idShared(key, peer)
    const before = kept.get(key)
    const refusal = id === undefined ? 'invalid state' : kept.merge(key, state)
    const after = kept.get(key)
    if (id === undefined || refusal === 'invalid state')
      lie(peer, `sends an impossible state of ${key}, or one of a key that it does not share`)
    else if (refusal !== undefined) env.observer.landmark('anti-entropy-refused')
    else {
      if (!sameState(before, after)) env.observer.landmark('anti-entropy-repaired')
      if (!sameState(after, state)) open?.lacking.push(id)
    }
  }

  #next(peer: ProcessId, open: Exchange): void {
    const { id: exchange } = open
    const ask = (question: ExchangeQuestion) => {
      open.asked = question
      this.#init.send(peer, question)
    }
    if (open.lacking.length > 0) {
      const items = this.#batch(open.lacking)
      open.lacking.splice(0, items.length)
      ask({ type: 'OFFER', exchange, items })
    } else if (open.wanted.length > 0) {
      ask({ type: 'FETCH', exchange, ids: open.wanted.slice(0, ITEMS_MAX) })
    } else if (open.paths.length > 0) {
      // The deepest first: so few are open at a time.
      ask({ type: 'DESCRIBE', exchange, paths: open.paths.splice(-NODES_COMPARED_MAX) })
    } else this.#open.delete(peer)
  }

  /** The first of these keys: as many as one message takes. All of them are kept, since no key ever is dropped. */
  #batch(ids: readonly Uint8Array[]): Item[] {
    const items: Item[] = []
    let bytes = 0
    for (const id of ids.slice(0, ITEMS_MAX)) {
      const item = this.#init.kept.byId(id)
      if (item === undefined) break
      bytes += bytesOf(item)
      if (items.length > 0 && bytes > ITEM_BYTES) break
      items.push(item)
    }
    return items
  }
}

/** What is asked in one life and answered in the next is no answer there. */
const isSame = (a: CallId, b: CallId): boolean => a.life === b.life && a.number === b.number

const bytesOf = ({ key, state }: Item): number => encode(itemShape, { key, state }).length

/** The digest of an empty tree is empty. */
const rootOf = (digest: Uint8Array): Uint8Array =>
  digest.length === 0 ? new Uint8Array(DIGEST_BYTES) : digest

/** Whether a correct member can answer that. */
function isAnswerTo(asked: ExchangeQuestion, answer: ExchangeAnswer): boolean {
  switch (answer.type) {
    case 'SAME':
      return asked.type === 'COMPARE'
    case 'NODES':
      if (asked.type === 'COMPARE') return describes(answer.nodes, [ROOT])
      return asked.type === 'DESCRIBE' && describes(answer.nodes, asked.paths)
    case 'ITEMS':
      return asked.type === 'FETCH'
    case 'TAKEN':
      return asked.type === 'OFFER'
  }
}

/** No node has children below the last step of a key's hash. */
const describes = (nodes: readonly NodeDescription[], paths: readonly Path[]): boolean =>
  nodes.length === paths.length &&
  nodes.every(
    ({ path, children }, index) =>
      sameBytes(path, paths[index] as Path) && (children.length === 0 || path.length < 2 * DIGEST_BYTES)
  )
