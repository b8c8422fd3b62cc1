/**
 * What commands print, and how they fail: text for people, JSON for scripts, files that cannot be read or written.
 */
import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import type { Report } from '../inspect/report';
import { paint } from './colors';

/** A file that cannot be read as what a command needs, or not be written: exit code 3. */
export class FileError extends Error {}

/** Arguments that fit nothing: exit code 2. */
export class UsageError extends Error {}

/** Where a command line prints. */
export interface Output {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

/** The options that commands share. */
export interface Shared {
  readonly json?: boolean;
  readonly color?: string;
}

/** What a command is given to define itself. */
export interface Context {
  readonly output: Output;
  /** A command found what its name looks for: exit code 1. */
  readonly finding: () => void;
  /** A command with the shared options, on the top level or within a group. */
  readonly command: (name: string, description: string, parent?: Command) => Command;
  /** A command without them. */
  readonly plain: (name: string, description: string, parent?: Command) => Command;
}

/** JSON with exact 64-bit integers and bytes: those that numbers do not hold, and bytes as base64. */
export function toJson(value: unknown): string {
  const replace = (_: string, part: unknown) => {
    if (typeof part === 'bigint') return Number.isSafeInteger(Number(part)) ? Number(part) : String(part);
    if (typeof part === 'number' && !Number.isFinite(part)) return String(part);
    return part instanceof Uint8Array ? Buffer.from(part).toString('base64') : part;
  };
  return JSON.stringify(value, replace, 2);
}

export function show(report: Report<unknown>, shared: Shared, output: Output): void {
  output.write(shared.json ? `${toJson(report)}\n` : `${paint(report.text, shared.color)}\n`);
}

export function writeFile(file: string, content: string | Uint8Array): void {
  try {
    writeFileSync(file, content);
  } catch (error) {
    throw new FileError(`cannot write ${file}: ${(error as Error).message}`);
  }
}

/** An option that is a positive integer. */
export function positive(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError('It must be a positive integer.');
  return Number(value);
}

/** An option that may be given several times, or with commas. */
export const list = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  ...value.split(',').filter((part) => part !== ''),
];

/** An option that may be given several times. */
export const repeated = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** `1,234,567 bytes` as people say it. */
export function sizeText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [size, unit] = [bytes, 0];
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${unit === 0 ? size : size.toFixed(1)} ${bytes === 1 ? 'byte' : units[unit]}`;
}
