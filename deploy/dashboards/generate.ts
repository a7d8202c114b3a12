import { writeFileSync } from "node:fs";
import { renderDashboards } from "./render-dashboards.ts";

/** `npm run generate`: writes each dashboard beside this file. */
for (const [name, text] of renderDashboards()) {
  writeFileSync(new URL(name, import.meta.url), text);
}
