import { parseScript } from "./parse-script.ts";
import { presets } from "./presets.ts";
import { DEFAULT_SCRIPT, type Script } from "./script.ts";
import type { ScriptStore } from "./script-store.ts";

const MODEL_SCRIPTS_MAX = 10_000;
const DIRECTIVE_KEY = "simulator:";
/** A line of the last user message, wherever it stands. */
const DIRECTIVE = /^[ \t]*simulator:[ \t]*(.*)$/m;

export interface ScriptSources {
  readonly model: string;
  readonly header: string | undefined;
  readonly lastUserText: string;
}

/** The script of one request, or undefined when no such model exists. Throws ScriptError. */
export type ScriptResolver = (sources: ScriptSources) => Script | undefined;

/** Later ones win: preset, control script, model name, header, directive in the message. */
export function createScriptResolver(store: ScriptStore): ScriptResolver {
  // Parsing a model name costs more than answering the request, and tests use few names.
  const byModel = new Map<string, Script | undefined>();

  function resolveModel(model: string): Script | undefined {
    if (byModel.has(model)) {
      return byModel.get(model);
    }
    const script = parseModel(model);
    if (byModel.size < MODEL_SCRIPTS_MAX) {
      byModel.set(model, script);
    }
    return script;
  }

  return ({ model, header, lastUserText }) => {
    const stored = store.take(model) ?? store.take(baseName(model));
    let script = resolveModel(model);
    if (stored !== undefined) {
      script = { ...DEFAULT_SCRIPT, ...script, ...stored, ...parseQuery(model) };
    }
    if (script === undefined) {
      return undefined;
    }
    if (header !== undefined) {
      script = { ...script, ...parseScript(header) };
    }
    if (lastUserText.includes(DIRECTIVE_KEY)) {
      const directive = DIRECTIVE.exec(lastUserText)?.[1];
      if (directive !== undefined) {
        script = { ...script, ...parseScript(directive) };
      }
    }
    return script;
  };
}

function parseModel(model: string): Script | undefined {
  const base = baseName(model);
  if (base !== "sim" && !base.startsWith("sim-")) {
    return undefined;
  }
  const preset = Object.hasOwn(presets, base) ? presets[base] : undefined;
  return {
    ...DEFAULT_SCRIPT,
    ...(preset === undefined ? {} : parseScript(preset)),
    ...parseQuery(model),
  };
}

/** `sim?tokens=5` and, for paths where a question mark cannot stand, `sim;tokens=5`. */
function baseName(model: string): string {
  const end = model.search(/[?;]/);
  return end === -1 ? model : model.slice(0, end);
}

function parseQuery(model: string): Partial<Script> {
  const base = baseName(model);
  return base.length === model.length ? {} : parseScript(model.slice(base.length + 1));
}
