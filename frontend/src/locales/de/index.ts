/** One file a feature; the same keys in every language, as locales.test.ts sees to. */
import common from './common.json'
import company from './company.json'
import conflict from './conflict.json'
import contacts from './contacts.json'
import errors from './errors.json'
import fields from './fields.json'
import home from './home.json'
import imports from './imports.json'
import members from './members.json'
import palette from './palette.json'
import planning from './planning.json'
import projects from './projects.json'
import roles from './roles.json'
import session from './session.json'
import settings from './settings.json'
import shell from './shell.json'
import tasks from './tasks.json'
import trash from './trash.json'
import views from './views.json'

export default {
  common,
  company,
  conflict,
  contacts,
  errors,
  fields,
  home,
  imports,
  members,
  palette,
  planning,
  projects,
  roles,
  session,
  settings,
  shell,
  tasks,
  trash,
  views,
}
