import { readConfig } from "./config.ts";
import type { Platform } from "./platform/platform.ts";
import { startPlatform } from "./platform/start-platform.ts";
import { describeError, onStopSignal } from "./terminal.ts";

/** `npm start`: the whole platform until Ctrl-C. */
async function main(): Promise<number> {
  const stopping = new AbortController();
  const stopped = Promise.withResolvers<undefined>();
  onStopSignal(
    (reason) => {
      console.log(`\nStopping (${reason}); the data stays in ${readConfig().home}`);
      stopping.abort();
      stopped.resolve(undefined);
    },
    // The leash ends what is still running.
    () => process.exit(1),
  );
  let platform: Platform;
  try {
    platform = await startPlatform({ notice, signal: stopping.signal });
  } catch (error) {
    if (stopping.signal.aborted) {
      return 0;
    }
    console.error(describeError(error));
    return 1;
  }
  console.log(describePlatform(platform));
  const failure = await Promise.race([platform.failed, stopped.promise]);
  if (failure !== undefined) {
    console.error(describeError(failure));
  }
  await platform.stop();
  return failure === undefined ? 0 : 1;
}

function notice(text: string): void {
  const seconds = (performance.now() / 1_000).toFixed(1);
  console.log(`[${seconds.padStart(5)} s] ${text}`);
}

function describePlatform(platform: Platform): string {
  const { baseUrl, apiKey, managementKey, home } = platform;
  return `
Fairlead is ready after ${(performance.now() / 1_000).toFixed(1)} s.

  Base URL        ${baseUrl}/api/v1
  API key         ${apiKey}   ($100 credit)
  Management key  ${managementKey}

Try it:

  curl -N ${baseUrl}/api/v1/chat/completions \\
    -H "Authorization: Bearer ${apiKey}" -H "Content-Type: application/json" \\
    -d '{"model": "simulated/fast", "stream": true, "messages": [{"role": "user", "content": "Hello"}]}'

Then: the models simulated/claude, simulated/gemini, simulated/reasoning, simulated/tools; failover
with simulated/flaky and simulated/down; \`npm run trace\` for the way of the last request;
\`OPENAI_API_KEY=… npm start\` for real providers; FAIRLEAD_CATALOG=my.yaml for your own endpoints.
Addresses are in ${home}/dev.json, logs in ${home}/logs. Ctrl-C stops everything.
`;
}

process.exit(await main());
