import { readConfig } from "./config.ts";
import { createSimulator } from "./simulator.ts";

async function main(): Promise<void> {
  const config = readConfig();
  const simulator = createSimulator({ host: config.HOST, fixturesDir: config.FIXTURES_DIR });
  const port = await simulator.listen(config.PORT);
  process.stdout.write(`${JSON.stringify({ event: "listening", url: simulator.url, port })}\n`);
  const stop = (): void => {
    simulator.drain(config.DRAIN_DELAY_MS, config.DRAIN_TIMEOUT_MS).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
