/**
 * The stack of default sessions, for `tensor.eval()` and `op.run()`.
 */
import { AssertionError } from '../graph/errors';
import type { Opened } from '../graph/scope';
import type { Session } from './session';

const stack: Session[] = [];

/** The innermost default session, or null. Mirrors tf.get_default_session. */
export function getDefaultSession(): Session | null {
  return stack.at(-1) ?? null;
}

export function pushDefaultSession(session: Session): Opened<Session> {
  stack.push(session);
  return {
    value: session,
    exit: () => {
      if (stack.at(-1) !== session)
        throw new AssertionError("Nesting violated for default stack of <class 'Session'> objects");
      stack.pop();
    },
  };
}

/** Takes a session off the stack wherever it is, for interactive sessions that are closed out of order. */
export function removeDefaultSession(session: Session): void {
  const at = stack.lastIndexOf(session);
  if (at >= 0) stack.splice(at, 1);
}
