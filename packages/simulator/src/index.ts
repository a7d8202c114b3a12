export type { Counts, Tally, TallyByOutcome } from "./record/counts.ts";
export type { Outcome, RequestRecord, SeenHeaders } from "./record/request-record.ts";
export type { ScriptStore } from "./script/script-store.ts";
export { createSimulator, type Simulator, type SimulatorOptions } from "./simulator.ts";
