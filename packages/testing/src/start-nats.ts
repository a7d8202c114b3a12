import { startNats as startEmbedded } from "@fairlead/local";
import { startNatsContainer } from "./containers.ts";

export interface TestNats {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A NATS server with JetStream of its own for each call: streams are global to a server, and one
 * starts in 50 ms. In a container where a Docker engine answers, else as `npm start` does.
 */
export async function startNats(): Promise<TestNats> {
  return (await startNatsContainer()) ?? (await startEmbedded());
}
