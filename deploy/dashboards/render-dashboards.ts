import { defineDashboard } from "./define-dashboard.ts";
import { messages } from "./definitions/messages.ts";
import { money } from "./definitions/money.ts";
import { overview } from "./definitions/overview.ts";
import { providers } from "./definitions/providers.ts";
import { saturation } from "./definitions/saturation.ts";
import { tokens } from "./definitions/tokens.ts";

const definitions = [overview, tokens, providers, money, messages, saturation];

/** The text of each dashboard, by the name of its file. */
export function renderDashboards(): Map<string, string> {
  return new Map(
    definitions.map((definition) => [
      `${definition.uid.replace("fairlead-", "")}.json`,
      `${JSON.stringify(defineDashboard(definition), undefined, 2)}\n`,
    ]),
  );
}
