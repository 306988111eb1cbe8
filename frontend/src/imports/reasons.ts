/** What an import tells, in the language of the page where we have words of our own for it. */
import { useI18n } from 'vue-i18n'
import { sayingOf } from '@/api/saying'
import type { Notice, RowError } from './api'
import { labelOf } from './fieldPaths'

export function useReasons() {
  const { t, te } = useI18n()

  /** A guess about the whole file names what was guessed, which differs from file to file. */
  const noticeOf = (notice: Notice): string => {
    const key = `imports.reason_${notice.code}`
    return te(key) ? t(key, { value: notice.value }) : sayingOf(notice)
  }
  const reasonOf = (error: RowError): string => sayingOf(error)

  /** The column as the file calls it, or else our field. */
  const fieldOf = (error: RowError): string => error.column ?? labelOf(error.pointer.slice(1), t)

  return { noticeOf, reasonOf, fieldOf }
}
