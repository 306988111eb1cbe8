/** A user agent in words: `Firefox, Linux`. */

const BROWSERS: [RegExp, string][] = [
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\/|FxiOS\//, 'Firefox'],
  [/Chrome\/|Chromium\/|CriOS\//, 'Chrome'],
  [/Safari\//, 'Safari'],
  [/^curl\//, 'curl'],
]
const SYSTEMS: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux|X11/, 'Linux'],
]

const firstOf = (pairs: [RegExp, string][], text: string): string | undefined => pairs.find(([sign]) => sign.test(text))?.[1]

export function deviceOf(userAgent: string | null): string {
  const text = userAgent ?? ''
  const parts = [firstOf(BROWSERS, text), firstOf(SYSTEMS, text)].filter(Boolean)
  return parts.join(', ') || text.slice(0, 60) || '–'
}

export function isPhone(userAgent: string | null): boolean {
  return /Mobile|Android|iPhone/.test(userAgent ?? '')
}
