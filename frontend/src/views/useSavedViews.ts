/** The saved views of one page: one's own and shared ones. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { SavedView, SavedViewDraft, SavedViewPatch } from '@/api/types'
import { useRecords } from '@/shared/records/changing'
import { useList } from '@/shared/records/reading'
import { savedViews } from './api'

export function useSavedViews(page: SavedView['page']) {
  const { t } = useI18n()
  const list = useList(savedViews, { page, sort: 'name', limit: 100 })
  const records = useRecords(savedViews)
  const views = computed<SavedView[]>(() => list.data.value?.items ?? [])

  const create = (draft: Omit<SavedViewDraft, 'page'>): Promise<SavedView> => records.create({ ...draft, page })
  const update = (view: SavedView, patch: SavedViewPatch): Promise<boolean> => records.change(view, patch, { done: t('views.saved') })
  const remove = (view: SavedView): Promise<void> => records.remove([view], t('views.removed', { name: view.name }))
  return { views, create, update, remove }
}
