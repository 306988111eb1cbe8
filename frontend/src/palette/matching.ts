/** Prefix matching of words, ignoring case and accents, and the matched parts for highlighting. */
import { folded } from '@/shared/text'

export interface Segment {
  text: string
  isHit: boolean
}

const BETWEEN_WORDS = /[^\p{L}\p{N}]+/u

export function wordsOf(text: string): string[] {
  return folded(text).split(BETWEEN_WORDS).filter(Boolean)
}

/** Whether every word is a prefix of a word in one of the texts. */
export function matches(words: readonly string[], ...texts: string[]): boolean {
  const known = texts.flatMap(wordsOf)
  return words.every((word) => known.some((other) => other.startsWith(word)))
}

/** Splits the text into matched and unmatched segments. */
export function segments(text: string, words: readonly string[]): Segment[] {
  // A combining accent stays with its letter.
  const letters = text.match(/\P{M}\p{M}*|\p{M}/gu) ?? []
  const isHit = hitLetters(letters, words)
  const found: Segment[] = []
  letters.forEach((letter, index) => {
    const last = found.at(-1)
    if (last && last.isHit === isHit[index]) last.text += letter
    else found.push({ text: letter, isHit: isHit[index] ?? false })
  })
  return found
}

function hitLetters(letters: readonly string[], words: readonly string[]): boolean[] {
  const isHit = letters.map(() => false)
  for (let start = 0; start < letters.length; start += 1) {
    const isStart = !isWordPart(letters[start - 1]) && isWordPart(letters[start])
    if (isStart) isHit.fill(true, start, start + longestAt(letters, start, words))
  }
  return isHit
}

/** The number of letters covered by the longest word that matches here. */
function longestAt(letters: readonly string[], start: number, words: readonly string[]): number {
  let longest = 0
  for (const word of words) {
    let seen = ''
    let end = start
    while (end < letters.length && seen.length < word.length) seen += folded(letters[end++] ?? '')
    if (seen.startsWith(word)) longest = Math.max(longest, end - start)
  }
  return longest
}

function isWordPart(letter: string | undefined): boolean {
  return letter !== undefined && /[\p{L}\p{N}]/u.test(letter)
}
