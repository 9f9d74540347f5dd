/** What a command says, to people or (`--json`) to machines: one JSON value a line, the last one the result. */
import picocolors from 'picocolors'

export type Colors = ReturnType<typeof picocolors.createColors>

/** The part of a stream that output needs. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  /** Of a terminal. */
  readonly columns?: number
}

export interface Output {
  readonly json: boolean
  /** They do nothing unless the stream is a terminal. */
  readonly colors: Colors
  /** How wide a line may be; undefined unless the stream is a terminal. */
  readonly columns: number | undefined
  /** A line for people; nothing under `--json`. Whatever came from elsewhere goes through {@link printable}. */
  say(line: string): void
  /** A line for machines; nothing without `--json`. */
  event(value: object): void
  /** The outcome, once and last: as a value for machines or as text for people. */
  result(value: object, text: string): void
}

export function createOutput(stream: TextStream, env: NodeJS.ProcessEnv, json: boolean): Output {
  const line = (text: string): void => {
    stream.write(`${text}\n`)
  }
  return {
    json,
    columns: stream.isTTY === true ? stream.columns : undefined,
    colors: picocolors.createColors(stream.isTTY === true && !env.NO_COLOR),
    say: (text) => {
      if (!json) line(text)
    },
    event: (value) => {
      if (json) line(JSON.stringify(value))
    },
    result: (value, text) => line(json ? JSON.stringify(value) : text)
  }
}

/**
 * Text from elsewhere (a peer, a file, a path) as it may be shown in a terminal: without control characters, and
 * without the invisible ones that reorder what follows.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '')
}

/** As {@link printable}, on one line: a line break becomes a space. */
export function oneLine(text: string): string {
  return printable(text.trim().replaceAll(/\s+/g, ' '))
}
