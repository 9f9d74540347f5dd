/**
 * Text in the columns of a terminal, where characters take none, one or two of them, and colours take none: a drawing
 * whose lines are broken is none any more.
 */
import sliceAnsi from 'slice-ansi'
import stringWidth from 'string-width'

/** The columns that it takes. */
export const widthOf = (text: string): number => stringWidth(text)

export function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

/** A line, cut so that it fits: then it ends with an ellipsis. @param columns - undefined: it is as long as it is */
export function fitted(line: string, columns: number | undefined): string {
  if (columns === undefined || widthOf(line) <= columns) return line
  return `${sliceAnsi(line, 0, Math.max(0, columns - 1))}…`
}
