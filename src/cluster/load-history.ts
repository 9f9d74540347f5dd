/** The operations of all clients of a run, in real-time order, as lines that `byzkit check` reads. */
import { HistoryRecorder } from '../program/client/history-recorder.ts'

export class LoadHistory {
  readonly lines: string[] = []
  readonly #open = new Map<string, { f: string; overlapped: boolean }>()
  completed = 0
  /** Completed reads during which a write was under way, for some of the time. */
  overlapping = 0

  recorder(process: string): HistoryRecorder {
    return new HistoryRecorder(process, undefined, (line) => this.#add(process, line))
  }

  #add(process: string, text: string): void {
    this.lines.push(text)
    const { type, f } = JSON.parse(text) as { type: string; f: string }
    if (type === 'invoke') this.#begin(process, f)
    else this.#end(process, type === 'ok')
  }

  #begin(process: string, f: string): void {
    const others = [...this.#open.values()]
    if (f === 'write') for (const other of others) other.overlapped ||= other.f === 'read'
    this.#open.set(process, { f, overlapped: others.some((other) => other.f === 'write') })
  }

  #end(process: string, ok: boolean): void {
    const operation = this.#open.get(process)
    this.#open.delete(process)
    if (!ok || operation === undefined) return
    this.completed++
    if (operation.f === 'read' && operation.overlapped) this.overlapping++
  }
}
