import { config } from '@vue/test-utils'
import { createI18n } from 'vue-i18n'
import en from '@/locales/en'

config.global.plugins = [createI18n({ legacy: false, locale: 'en', messages: { en: en as never } })]
