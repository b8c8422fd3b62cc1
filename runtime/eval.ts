/**
 * `tensor.eval()` and `op.run()`: short forms of running the default session.
 */
import { GraphTypeError, ValueError } from '../graph/errors';
import type { NdArray } from '../graph/ndarray';
import { Operation } from '../graph/operation';
import { Tensor } from '../graph/tensor';
import type { Feeds } from './feeds';
import { Session } from './session';
import { getDefaultSession } from './sessionStack';

export interface EvalOptions {
  readonly feed?: Feeds;
  /** Default: the default session. */
  readonly session?: Session;
}

declare module '../graph/tensor' {
  interface Tensor {
    /** The tensor's value in the default (or given) session. Mirrors Tensor.eval. */
    eval(options?: EvalOptions): NdArray;
  }
}

declare module '../graph/operation' {
  interface Operation {
    /** Executes the operation in the default (or given) session. Mirrors Operation.run. */
    run(options?: EvalOptions): void;
  }
}

function sessionFor(element: Tensor | Operation, given: Session | undefined): Session {
  const [verb, what] = element instanceof Tensor ? ['evaluate', 'tensor'] : ['execute', 'operation'];
  const call = element instanceof Tensor ? 'eval' : 'run';
  if (given !== undefined && !(given instanceof Session))
    throw new GraphTypeError(`The \`session\` of ${call}() must be a tf.Session.`);
  const session = given ?? getDefaultSession();
  if (!session) {
    const colon = element instanceof Tensor ? '' : ':';
    throw new ValueError(
      `Cannot ${verb} ${what} using \`${call}()\`: No default session is registered. Use \`with sess.as_default()${colon}\` or pass an explicit session to \`${call}(session=sess)\``,
      element instanceof Tensor ? element.op : element,
    );
  }
  if (session.graph === element.graph) return session;
  const whose = given ? 'given' : 'default';
  throw new ValueError(
    `Cannot use the ${whose} session to ${verb} ${what}: the ${what}'s graph is different from the session's graph.${given ? '' : ` Pass an explicit session to \`${call}(session=sess)\`.`}`,
    element instanceof Tensor ? element.op : element,
  );
}

Tensor.prototype.eval = function (options = {}) {
  return sessionFor(this, options.session).runSync(this as Tensor, { feed: options.feed });
};

Operation.prototype.run = function (options = {}) {
  sessionFor(this, options.session).runSync(this as Operation, { feed: options.feed });
};
