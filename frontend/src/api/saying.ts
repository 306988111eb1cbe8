/**
 * What the server says, in the page's language. The server speaks English; in other languages the sentence is chosen
 * by the code. tests/unit/test_problem_texts.py holds all codes to all languages.
 */
import { i18n } from '@/i18n'

/** The code of what the page itself has found, and said in its language already. */
export const OWN_WORDS = 'own_words'

interface Said {
  code?: string | undefined
  detail?: string | undefined
}

/** The sentence about one value. */
export const sayingOf = (said: Said): string => saying(said, () => i18n.global.t('problems.any'))

/** The sentence about a whole request. */
export const refusalOf = (said: Said, status: number): string => saying(said, () => i18n.global.t('problems.refused', { status }))

function saying({ code, detail = '' }: Said, otherwise: () => string): string {
  const { locale, t, te } = i18n.global
  if (detail && (locale.value === 'en' || code === OWN_WORDS)) return detail
  const [prefix = '', file, line] = detail.match(PLACE) ?? []
  const n = onlyNumber(detail.slice(prefix.length))
  const place = file ? `${t('problems.place', { file, line })} ` : ''
  if (n !== null && te(`problems.${code}_n`)) return place + t(`problems.${code}_n`, { n: n.toLocaleString(locale.value) })
  return place + (te(`problems.${code}`) ? t(`problems.${code}`) : otherwise())
}

/** Where in an archive something is wrong. */
const PLACE = /^([\w./-]+), line (\d+): /

/** The number in the server's sentence, where there is exactly one: numbers are the same in every language. */
function onlyNumber(sentence: string): number | null {
  const numbers = sentence.match(/-?\d[\d,]*(?:\.\d+)?/g) ?? []
  return numbers.length === 1 ? Number(numbers[0].replaceAll(',', '')) : null
}
