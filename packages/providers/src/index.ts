export type {
  Dialect,
  ProbePlan,
  Provider,
  ProviderFaultInfo,
  ProviderRequest,
  StreamTranslator,
  Target,
  TranslatedAnswer,
  TranslatedResponse,
} from "./provider.ts";
