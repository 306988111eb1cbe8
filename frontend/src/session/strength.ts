/** Estimates password strength; the server decides what it accepts. */

export type Strength = 0 | 1 | 2 | 3

const RUNS = /(.)\1{2,}|0123|1234|2345|3456|4567|5678|6789|abcd|qwert|asdf|passwor[dt]|passwort/giu

/** 0: too short, 1: weak, 2: fair, 3: strong. Length counts most; passphrases are welcome. */
export function strengthOf(password: string, minLength: number): Strength {
  const letters = [...password]
  if (letters.length < minLength) return 0
  const distinct = new Set(letters.map((letter) => letter.toLowerCase())).size
  const cheap = [...password.matchAll(RUNS)].reduce((sum, match) => sum + match[0].length, 0)
  const worth = Math.min(letters.length - cheap, distinct * 1.6)
  if (worth < 10) return 1
  return worth < 14 ? 2 : 3
}
