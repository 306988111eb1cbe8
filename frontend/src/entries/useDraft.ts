/** What is being written, kept on this device until it is sent: through reloads and lost connections, not beyond a sign-out. */
import { ref, watch, type Ref } from 'vue'
import { useSession } from '@/session/store'
import { draftKey, readDraft, writeDraft } from '@/shared/drafts'

/** `place` names what is written where; `isKept` tells whether there is anything to keep. */
export function useDraft<Writing extends object>(place: string, fresh: () => Writing, isKept: (writing: Writing) => boolean): Ref<Writing> {
  const session = useSession()
  const key = draftKey(session.companyId, session.userId, place)
  const writing = ref({ ...fresh(), ...readDraft(key) }) as Ref<Writing>
  watch(
    writing,
    (now) => {
      if (session.isSignedIn) writeDraft(key, isKept(now) ? now : null)
    },
    { deep: true, flush: 'sync' },
  )
  return writing
}
