/** Edits Markdown as plain text and returns the new selection. */

export interface Edited {
  text: string
  from: number
  to: number
}

/** Wraps the selection in the marks (`**` for bold), or unwraps it. */
export function wrapped(text: string, from: number, to: number, mark: string): Edited {
  const size = mark.length
  const isWrapped = text.slice(from - size, from) === mark && text.slice(to, to + size) === mark
  if (isWrapped) {
    return { text: text.slice(0, from - size) + text.slice(from, to) + text.slice(to + size), from: from - size, to: to - size }
  }
  return { text: text.slice(0, from) + mark + text.slice(from, to) + mark + text.slice(to), from: from + size, to: to + size }
}

/** Adds the prefix (`- `) to every selected line, or removes it where all lines have it. */
export function prefixed(text: string, from: number, to: number, prefix: string): Edited {
  const begin = text.lastIndexOf('\n', from - 1) + 1
  const end = text.indexOf('\n', to) < 0 ? text.length : text.indexOf('\n', to)
  const lines = text.slice(begin, end).split('\n')
  const isThere = lines.every((line) => line.startsWith(prefix))
  const changed = lines.map((line) => (isThere ? line.slice(prefix.length) : prefix + line)).join('\n')
  return { text: text.slice(0, begin) + changed + text.slice(end), from: begin + (isThere ? 0 : prefix.length), to: begin + changed.length }
}

export function linked(text: string, from: number, to: number): Edited {
  const words = text.slice(from, to)
  const start = from + words.length + 3
  return { text: `${text.slice(0, from)}[${words}](https://)${text.slice(to)}`, from: start, to: start + 'https://'.length }
}

/** Handles Enter in a list item: starts the next item, or ends the list after an empty one. */
export function continued(text: string, at: number): Edited | null {
  const begin = text.lastIndexOf('\n', at - 1) + 1
  const found = /^(\s*)(?:([-*+])( \[[ xX]\])?|(\d+)([.)])) (.*)$/.exec(text.slice(begin, at))
  if (!found) return null
  const [, indent = '', bullet, box, number, dot, words] = found
  if (!words) return { text: text.slice(0, begin) + text.slice(at), from: begin, to: begin }
  const next = bullet ? `${bullet}${box ? ' [ ]' : ''}` : `${Number(number) + 1}${dot}`
  const added = `\n${indent}${next} `
  return { text: text.slice(0, at) + added + text.slice(at), from: at + added.length, to: at + added.length }
}

/** Toggles the checkbox on that line. */
export function toggledLine(text: string, line: number): string {
  const lines = text.split('\n')
  if (lines[line] === undefined) return text
  lines[line] = lines[line].replace(/^(\s*(?:>\s*)*(?:[-*+]|\d+[.)])\s+)\[([ xX])\]/, (_all, lead: string, mark: string) =>
    `${lead}[${mark === ' ' ? 'x' : ' '}]`)
  return lines.join('\n')
}
