/**
 * A peer: one process that runs one case of one framework, and answers one line of JSON for each line it is sent.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Starts a process; rejects when it ends, or answers an error, before its answer. */
export class Peer {
  #child;
  #waiting = null;
  #errors = '';

  constructor(command, args, options = {}) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.on('data', (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-4000);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      // Frameworks print greetings of their own.
      if (line.startsWith('{')) this.#settle(JSON.parse(line));
    });
    this.#child.on('error', (error) => this.#settle({ error: error.message }));
    this.#child.on('exit', (code, signal) =>
      this.#settle({ error: `ended (${signal ?? code}): ${lastLine(this.#errors)}` }),
    );
  }

  #settle(answer) {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (answer.error !== undefined) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer);
  }

  ask(message) {
    return new Promise((resolve, reject) => {
      if (this.#child.exitCode !== null) reject(new Error(`has ended: ${lastLine(this.#errors)}`));
      this.#waiting = { resolve, reject };
      this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    });
  }

  end() {
    this.#waiting = null;
    this.#child.stdin.end();
    this.#child.kill('SIGKILL');
  }
}

function lastLine(text) {
  return (
    text
      .trim()
      .split('\n')
      .findLast((line) => /error/i.test(line)) ??
    text.trim().split('\n').at(-1) ??
    ''
  );
}
