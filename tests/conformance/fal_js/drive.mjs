// fal's own JavaScript client, unchanged, against a simulator.
// node drive.mjs BASE PICTURE: prints what it saw, a JSON document.

import { readFile } from "node:fs/promises";
import { ApiError, createFalClient, ValidationError } from "@fal-ai/client";

const [base, picture] = process.argv.slice(2);
const endpoint = "fal-ai/kling-video/v2.6/pro/image-to-video";

// One base stands for every host; what is run at once is under its own name.
const hosts = {
  "https://queue.fal.run": base,
  "https://rest.fal.ai": base,
  "https://fal.run": `${base}/fal.run`,
};

function client(credentials) {
  return createFalClient({
    credentials,
    requestMiddleware: async (request) => {
      const { origin } = new URL(request.url);
      if (!(origin in hosts)) throw new Error(`${origin} is not simulated`);
      return { ...request, url: request.url.replace(origin, hosts[origin]) };
    },
  });
}

async function refused(call) {
  try {
    await call();
  } catch (error) {
    const fields = error instanceof ValidationError ? error.fieldErrors : undefined;
    return { api: error instanceof ApiError, status: error.status, body: error.body, fields };
  }
  return null;
}

const fal = client("id:secret");
const seen = {};

const address = await fal.storage.upload(
  new Blob([await readFile(picture)], { type: "image/png" }),
);
seen.address = address;
const input = {
  prompt: "A lamp turns",
  start_image_url: address,
  duration: "5",
  generate_audio: false,
};

const updates = [];
const result = await fal.subscribe(endpoint, {
  input,
  logs: true,
  pollInterval: 100,
  onQueueUpdate: (update) => updates.push(update.status),
});
seen.updates = updates;
seen.result = result;

const submitted = await fal.queue.submit(endpoint, { input, priority: "low" });
seen.submitted = submitted;
const id = { requestId: submitted.request_id };
seen.status = await fal.queue.status(endpoint, { ...id, logs: true });
seen.early = await refused(() => fal.queue.result(endpoint, id));
await fal.queue.cancel(endpoint, id);
seen.cancelled = await fal.queue.subscribeToStatus(endpoint, { ...id, pollInterval: 100 });

seen.invalid = await refused(() =>
  fal.queue.submit(endpoint, { input: { ...input, duration: "5s" } }),
);
seen.unknown = await refused(() => fal.queue.status(endpoint, { requestId: "no-such-request" }));
seen.key = await refused(() => client("invalid").queue.submit(endpoint, { input }));
await fetch(`${base}/_simulator/switches`, {
  method: "PUT",
  body: JSON.stringify({ balance_usd: 0 }),
});
seen.locked = await refused(() => fal.queue.submit(endpoint, { input }));

console.log(JSON.stringify(seen));
