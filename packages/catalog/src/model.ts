/** A public model: what its endpoints have in common. */
export interface Model {
  /** `author/slug`, or `author/slug:variant` for a static variant. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Unix seconds of its release; 0 = unknown. */
  readonly created: number;
  readonly knowledgeCutoff: string;
  readonly isReasoning: boolean;
  readonly isOpenWeights: boolean;
}
