import { fileURLToPath } from 'node:url'
import vueI18n from '@intlify/unplugin-vue-i18n/vite'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { theme } from './src/look/theme.ts'

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url))
const api = `http://127.0.0.1:${process.env.CRMTENANT_PORT ?? '6543'}`

export default defineConfig({
  plugins: [
    vue(),
    vueI18n({ include: source('./locales/*/*.json'), strictMessage: false, fullInstall: false, dropMessageCompiler: true }),
    ui({
      autoImport: { imports: [], dirs: [], dts: false },
      components: { dirs: [], dts: false },
      colorMode: false,
      // Only names written out in the source are found; nothing is ever fetched from elsewhere.
      icon: { clientBundle: { scan: { globInclude: ['src/**/*.{vue,ts}'] } } },
      ui: theme,
    }),
  ],
  resolve: {
    alias: [
      { find: '@', replacement: source('.') },
      { find: /^@iconify\/vue$/, replacement: source('./shared/ui/iconify.ts') },
    ],
  },
  build: {
    outDir: '../crmtenant/page',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 700,
    // What nearly every page needs is one file and not twenty.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'base', minShareCount: 14 }] } } },
  },
  // The Host header is kept, so that the refresh cookie is accepted as our own page's.
  server: { proxy: { '/api': { target: api, changeOrigin: false } } },
  // In one environment: making one for each file took eight times as long as all the tests.
  test: {
    environment: 'happy-dom',
    isolate: false,
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test/setup.ts'],
  },
})
