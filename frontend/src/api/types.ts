/** Short names for API types that several folders use. */
import type { Schemas } from './client'
import type { DraftOf, ItemOf, PatchOf } from './entityApi'

export type Contact = ItemOf<'contact'>
export type ContactDraft = DraftOf<'contact'>
export type ContactPatch = PatchOf<'contact'>
export type Project = ItemOf<'project'>
export type ProjectDraft = DraftOf<'project'>
export type ProjectPatch = PatchOf<'project'>
export type Task = ItemOf<'task'>
export type TaskDraft = DraftOf<'task'>
export type TaskPatch = PatchOf<'task'>
export type Column = ItemOf<'column'>
export type ColumnDraft = DraftOf<'column'>
export type ColumnPatch = PatchOf<'column'>
export type Entry = ItemOf<'entry'>
export type EntryDraft = DraftOf<'entry'>
export type EntryPatch = PatchOf<'entry'>
export type SavedView = ItemOf<'saved_view'>
export type SavedViewDraft = DraftOf<'saved_view'>
export type SavedViewPatch = PatchOf<'saved_view'>
export type Member = Schemas['MemberOut']
export type Role = Schemas['Role']
