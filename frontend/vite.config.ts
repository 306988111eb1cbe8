import { fileURLToPath } from 'node:url'
import vueI18n from '@intlify/unplugin-vue-i18n/vite'
import ui from '@nuxt/ui/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

const api = `http://127.0.0.1:${process.env.CRMTENANT_PORT ?? '6543'}`

export default defineConfig({
  plugins: [
    vue(),
    vueI18n({ include: fileURLToPath(new URL('./src/locales/*/*.json', import.meta.url)), strictMessage: false }),
    ui({
      autoImport: { imports: [], dirs: [], dts: false },
      components: { dirs: [], dts: false },
      colorMode: false,
      // Only names written out in the source are found; nothing is ever fetched from elsewhere.
      icon: { clientBundle: { scan: true } },
      ui: { colors: { primary: 'indigo', neutral: 'slate' } },
    }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../crmtenant/page',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 700,
  },
  // The Host header is kept, so that the refresh cookie is accepted as our own page's.
  server: { proxy: { '/api': { target: api, changeOrigin: false } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.ts'], setupFiles: ['src/test/setup.ts'] },
})
