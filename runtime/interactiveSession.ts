/**
 * A session that is the default one from its construction until it is closed, for prompts and notebooks.
 */
import { pushDefaultGraph, removeDefaultGraph } from '../graph/defaultStack';
import { Session, type SessionOptions } from './session';
import { pushDefaultSession, removeDefaultSession } from './sessionStack';

let active = 0;

/** Mirrors tf.compat.v1.InteractiveSession. */
export class InteractiveSession extends Session {
  #installed = true;

  constructor(target: string | SessionOptions = '', options: SessionOptions = {}) {
    super(target, options);
    if (active++ > 0) {
      this.log(
        'An interactive session is already active. This can cause out-of-memory errors in some cases. You must explicitly call `InteractiveSession.close()` to release resources held by the other session(s).',
      );
    }
    pushDefaultGraph(this.graph);
    pushDefaultSession(this);
  }

  /** Ends the session and takes it and its graph off the defaults. */
  override close(): void {
    super.close();
    if (!this.#installed) return;
    this.#installed = false;
    active--;
    removeDefaultSession(this);
    removeDefaultGraph(this.graph);
  }
}
