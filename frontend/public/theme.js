// Before the first paint, so that nobody sees the wrong theme or density for a moment.
;(function () {
  var kept = {}
  try {
    kept = JSON.parse(localStorage.getItem('crmtenant.preferences') || '{}')
  } catch {
    kept = {}
  }
  var root = document.documentElement
  var dark = kept.theme === 'dark' || (kept.theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.classList.toggle('dark', dark)
  root.dataset.density = kept.density === 'compact' ? 'compact' : 'comfortable'
  root.lang = kept.language || (navigator.language || 'en').slice(0, 2)
})()
