// Renews what changes by itself, while the page is seen and "Keep up to date" is checked. Without it, reloading does.
const SECONDS = 15
const box = document.getElementById("renewing")
let isAsking = false

function renewed(found) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const newer = found.querySelector(`[data-live="${part.dataset.live}"]`)
    // What has the focus stays: whoever is on a link there would lose their place.
    if (newer && !part.contains(document.activeElement)) part.innerHTML = newer.innerHTML
  }
  const rows = document.querySelector("tbody")
  const newerRows = found.querySelector("tbody")
  if (rows && newerRows) rows.innerHTML = newerRows.innerHTML
}

async function renew() {
  if (isAsking || document.hidden || !box.checked) return
  isAsking = true
  try {
    const answer = await fetch(location.pathname + location.search)
    if (!answer.ok) return
    const found = new DOMParser().parseFromString(await answer.text(), "text/html")
    if (found.querySelector("[data-live]")) renewed(found)
    else location.reload()
  } catch {
    // The next time may succeed; the moment at the top says how old the page is.
  } finally {
    isAsking = false
  }
}

box.checked = localStorage.getItem("renewing") !== "no"
box.parentElement.hidden = false
box.addEventListener("change", () => {
  localStorage.setItem("renewing", box.checked ? "yes" : "no")
  renew()
})
document.addEventListener("visibilitychange", renew)
setInterval(renew, SECONDS * 1000)
