"use strict";

const place = document.getElementById("docs");

async function start() {
  const answer = await fetch(place.dataset.document);
  if (!answer.ok) {
    throw new Error(`the server answered ${answer.status}`);
  }
  const spec = await answer.json();
  // Swagger UI 4 knows OpenAPI 3.0 only, and what it shows of ours is the same in both. Goes with version 5.
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
    // Otherwise a picture of the document's validity would be asked for from elsewhere.
    validatorUrl: null,
  });
}

start().catch((problem) => {
  place.textContent = `The description cannot be shown: ${problem.message}.`;
});
