/**
 * The plan of a fetch, compiled for given feeds: its kernels and what each is for, what needs none, what runs on the host and why.
 */
import type { Explanation } from '../../runtime/explain/index';
import type { Feeds } from '../../runtime/feeds';
import type { Fetch } from '../../runtime/fetches';
import type { Session } from '../../runtime/session';
import { Report } from './report';

export type { ExplainedKernel, Explanation } from '../../runtime/explain/index';

/**
 * What `session.run(fetches, { feed })` would do, without doing it. Of the feeds dtypes and shapes count, and the values of
 * scalar bools, which decide what branches are compiled.
 *
 * @throws FailedPreconditionError where ops run plain kernels, one by one.
 */
export function explain(
  session: Session,
  fetches: Fetch,
  { feed }: { readonly feed?: Feeds } = {},
): Report<Explanation> {
  const { data, text } = session.explain(fetches, { feed });
  return new Report(data, text);
}
