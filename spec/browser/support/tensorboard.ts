/**
 * TensorBoard 2.15 as a server on loopback, for a folder of logs.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { python } from '../../tensorflow/wire';

/** Bound to loopback, on a free port, with the loader that is all Python. */
const options = ['--host', '127.0.0.1', '--port', '0', '--load_fast', 'false', '--reload_interval', '1'];

/** A running TensorBoard. */
export class TensorBoard {
  private constructor(
    readonly url: string,
    readonly process: ChildProcess,
  ) {}

  /** Starts it; an Error says what it printed when it did not come up. */
  static async start(logdir: string): Promise<TensorBoard> {
    const args = ['-W', 'ignore', '-m', 'tensorboard.main', '--logdir', logdir, ...options];
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
    const child = spawn(python(), args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    const url = await new Promise<string>((resolve, reject) => {
      child.stderr.on('data', (chunk) => {
        text += chunk;
        const found = /TensorBoard \S+ at (http:\S+)/.exec(text);
        if (found) resolve(found[1]);
      });
      child.on('error', reject);
      child.on('exit', (code) => reject(new Error(`TensorBoard ended (${code}): ${text}`)));
    });
    return new TensorBoard(url, child);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.process.on('exit', () => resolve());
      this.process.kill();
    });
  }
}
