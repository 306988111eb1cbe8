/** What an import tells, in the language of the page where we have words of our own for it. */
import { useI18n } from 'vue-i18n'
import { sayingOf } from '@/api/saying'
import type { Notice, RowError } from './api'
import { labelOf } from './fieldPaths'

export function useReasons() {
  const { t, te } = useI18n()

  function saying(told: { code: string; detail: string; value?: string | null }): string {
    const key = `imports.reason_${told.code}`
    return te(key) ? t(key, { value: told.value ?? '' }) : sayingOf(told)
  }

  const noticeOf = (notice: Notice): string => saying(notice)
  const reasonOf = (error: RowError): string => saying(error)

  /** The column as the file calls it, or else our field. */
  const fieldOf = (error: RowError): string => error.column ?? labelOf(error.pointer.slice(1), t)

  return { noticeOf, reasonOf, fieldOf }
}
