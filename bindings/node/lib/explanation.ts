/** The story of a decision. */
export type Explanation = Record<string, unknown>;
