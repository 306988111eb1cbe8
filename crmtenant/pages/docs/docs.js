"use strict";

const place = document.getElementById("docs");

// An operation's button has a link within it, and a name that is not what it shows; the choice of servers has no name.
// The button itself leads to the same address.
function mend(root) {
  for (const link of root.querySelectorAll("button a[href]")) {
    link.removeAttribute("href");
  }
  for (const button of root.querySelectorAll(".opblock-summary-control[aria-label]")) {
    button.removeAttribute("aria-label");
  }
  for (const choice of root.querySelectorAll(".servers select:not([aria-label])")) {
    choice.setAttribute("aria-label", "Server");
  }
}

async function start() {
  const answer = await fetch(place.dataset.document);
  if (!answer.ok) {
    throw new Error(`the server answered ${answer.status}`);
  }
  const spec = await answer.json();
  // Swagger UI 4 supports only OpenAPI 3.0; what it shows is the same in both. Remove with version 5.
  spec.openapi = "3.0.3";
  new MutationObserver(() => mend(place)).observe(place, { childList: true, subtree: true });
  SwaggerUIBundle({
    spec,
    domNode: place,
    deepLinking: true,
    displayOperationId: true,
    displayRequestDuration: true,
    docExpansion: "list",
    filter: true,
    persistAuthorization: false,
    // Otherwise a validity badge would be loaded from another site.
    validatorUrl: null,
  });
}

start().catch((problem) => {
  place.textContent = `The documentation cannot be shown: ${problem.message}.`;
});
