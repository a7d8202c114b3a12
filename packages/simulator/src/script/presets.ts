/** Model names that need no grammar. `sim` and every `sim-…` not listed here answer 16 units. */
export const presets: Readonly<Record<string, string>> = {
  "sim-echo": "echo=1",
  "sim-fast": "tokens=80",
  "sim-claude": "tokens=80",
  "sim-gemini": "tokens=80",
  "sim-slow": "tokens=40 ttft=500 rate=20",
  "sim-reasoning": "reasoning=20 tokens=40",
  "sim-tools": "tools=1",
  "sim-busy": "fault=status:503",
  "sim-limited": "fault=status:429 retry_after=2",
  "sim-broken": "fault=refuse",
};
