"use strict";

const place = document.getElementById("docs");

async function start() {
  const answer = await fetch(place.dataset.document);
  if (!answer.ok) {
    throw new Error(`the server answered ${answer.status}`);
  }
  const spec = await answer.json();
  // Swagger UI 4 supports only OpenAPI 3.0; what it shows is the same in both. Remove with version 5.
  spec.openapi = "3.0.3";
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
