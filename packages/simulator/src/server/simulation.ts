import type { RequestLog } from "../record/request-log.ts";
import type { FixtureLibrary } from "../replay/fixture-library.ts";
import type { Dice } from "../script/draw-chances.ts";
import type { RateWindows } from "../script/rate-window.ts";
import type { ScriptResolver } from "../script/resolve-script.ts";
import type { ScriptStore } from "../script/script-store.ts";

/** The state of one simulator: all of it, and nothing global. */
export interface Simulation {
  readonly log: RequestLog;
  readonly scripts: ScriptStore;
  readonly resolveScript: ScriptResolver;
  readonly dice: Dice;
  readonly windows: RateWindows;
  readonly fixtures: FixtureLibrary;
}
