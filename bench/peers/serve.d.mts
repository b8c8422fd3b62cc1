/** Types of serve.mjs. */
export interface Case {
  readonly workload: string;
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
}
export type Prepared =
  | { readonly skip: string }
  | {
      /** Awaited where it returns a promise. */
      readonly run?: () => unknown;
      readonly round?: () => Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;
      readonly check: () => readonly number[] | Promise<readonly number[]>;
    };
export function serve(prepare: (each: Case) => Prepared | Promise<Prepared>): Promise<void>;
