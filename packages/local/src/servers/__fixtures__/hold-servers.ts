import { startNats, startPostgres } from "../start-server.ts";

/** Starts both servers, prints their addresses and waits to be killed. */
const [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
console.log(JSON.stringify({ postgres: postgres.url, nats: nats.url }));
setInterval(() => undefined, 60_000);
