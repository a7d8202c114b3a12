/** The variable that holds the key of the simulated providers; the simulator takes any. */
export const SIMULATED_KEY_VARIABLE = "FAIRLEAD_SIMULATED_KEY";

interface SimulatedProvider {
  readonly id: string;
  readonly name: string;
  readonly dialect: "openai" | "anthropic" | "gemini";
  readonly baseUrl: string;
  readonly models: readonly SimulatedModel[];
}

interface SimulatedModel {
  readonly id: string;
  /** In the grammar of the simulator. */
  readonly upstream: string;
  readonly prompt: string;
  readonly completion: string;
}

/** Where the dialects of a simulator begin, and the models that each provider serves there. */
function describeProviders(simulatorUrl: string, deadUrl: string): SimulatedProvider[] {
  const openai = `${simulatorUrl}/openai/v1`;
  const model = (id: string, upstream: string, prompt: string, completion: string) => ({
    id: `simulated/${id}`,
    upstream,
    prompt,
    completion,
  });
  return [
    {
      id: "simulated-openai",
      name: "Simulated OpenAI",
      dialect: "openai",
      baseUrl: openai,
      models: [
        model("echo", "sim-echo", "0.50", "1.50"),
        model("fast", "sim-fast", "0.10", "0.40"),
        model("slow", "sim-slow", "0.50", "1.50"),
        model("reasoning", "sim-reasoning", "1.00", "4.00"),
        model("tools", "sim-tools", "0.50", "1.50"),
        model("busy", "sim-busy", "0.50", "1.50"),
        model("limited", "sim-limited", "0.50", "1.50"),
      ],
    },
    {
      id: "simulated-openai-b",
      name: "Simulated OpenAI B",
      dialect: "openai",
      baseUrl: openai,
      models: [
        model("fast", "sim-fast", "0.20", "0.60"),
        // Each has a cheaper provider below that fails: only failover answers.
        model("flaky", "sim-fast", "0.40", "1.20"),
        model("down", "sim-fast", "0.40", "1.20"),
      ],
    },
    {
      id: "simulated-anthropic",
      name: "Simulated Anthropic",
      dialect: "anthropic",
      baseUrl: `${simulatorUrl}/anthropic/v1`,
      models: [model("claude", "sim-claude", "3.00", "15.00")],
    },
    {
      id: "simulated-gemini",
      name: "Simulated Gemini",
      dialect: "gemini",
      baseUrl: `${simulatorUrl}/gemini/v1beta`,
      models: [model("gemini", "sim-gemini", "0.30", "2.50")],
    },
    {
      id: "simulated-refusing",
      name: "Simulated Refusing",
      dialect: "openai",
      baseUrl: openai,
      models: [model("flaky", "sim-busy", "0.01", "0.02")],
    },
    {
      id: "simulated-dead",
      name: "Simulated Dead",
      dialect: "openai",
      baseUrl: `${deadUrl}/v1`,
      models: [model("down", "sim-fast", "0.01", "0.02")],
    },
  ];
}

export interface SimulatedCatalog {
  /** In the format of the operator's own files. */
  readonly yaml: string;
  readonly providers: readonly string[];
}

/** The providers and models of `npm start`. Nothing listens at `deadUrl`. */
export function describeSimulatedCatalog(simulatorUrl: string, deadUrl: string): SimulatedCatalog {
  const providers = describeProviders(simulatorUrl, deadUrl);
  return {
    yaml: `# Written at each start: the providers that the simulator plays.\nproviders:\n${providers.map(writeProvider).join("")}`,
    providers: providers.map((provider) => provider.id),
  };
}

function writeProvider({ id, name, dialect, baseUrl, models }: SimulatedProvider): string {
  return `  - id: ${id}
    name: ${name}
    dialect: ${dialect}
    base_url: ${baseUrl}
    api_key: { env: ${SIMULATED_KEY_VARIABLE} }
    concurrency: 10000
    models:
${models.map(writeModel).join("")}`;
}

function writeModel({ id, upstream, prompt, completion }: SimulatedModel): string {
  return `      - id: ${id}
        upstream: ${upstream}
        context_length: 1000000
        max_completion_tokens: 100000
        input_modalities: [text, image]
        price: { prompt: "${prompt}", completion: "${completion}" }
`;
}
