/** Ctrl+Z takes back what one did last on the page, and says what that was. */
import { onScopeDispose } from 'vue'
import { useI18n } from 'vue-i18n'
import { useNotices } from '@/shared/notices'
import { useShortcuts } from '@/shared/shortcuts'
import { forgetActs, undoLast } from '@/shared/undo'

export function useUndoKey(): void {
  const { t } = useI18n()
  const notices = useNotices()

  async function takeBackLast(): Promise<void> {
    const last = await undoLast()
    if (last === null) notices.told(t('changes.nothing_to_undo'))
    else if (last.isDone) notices.done(t('changes.undone', { what: last.act.title }))
  }

  useShortcuts({ keys: 'mod+z', label: 'changes.undo_last', isOutsideFields: true, run: () => void takeBackLast() })
  onScopeDispose(forgetActs)
}
