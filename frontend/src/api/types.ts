/** The nouns as the server describes them. */
import type { Schemas } from './client'

export type Contact = Schemas['ContactOut']
export type ContactDraft = Schemas['ContactDraft']
export type ContactPatch = Schemas['ContactPatch']
export type Project = Schemas['ProjectOut']
export type ProjectDraft = Schemas['ProjectDraft']
export type ProjectPatch = Schemas['ProjectPatch']
export type Task = Schemas['TaskOut']
export type TaskDraft = Schemas['TaskDraft']
export type TaskPatch = Schemas['TaskPatch']
export type Column = Schemas['ColumnOut']
export type ColumnDraft = Schemas['ColumnDraft']
export type ColumnPatch = Schemas['ColumnPatch']
export type Member = Schemas['MemberOut']
export type Role = Schemas['Role']
