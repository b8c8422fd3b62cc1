/**
 * What a session holds: bytes by owner, and by variable.
 */
import { bytesText } from '../../runtime/backends/wasm/bytesText';
import type { Session, SessionMemory } from '../../runtime/session';
import { Report } from './report';
import { formatTable } from './table';

export type { SessionMemory } from '../../runtime/session';

/** As `session.memory()`, printing as a table. */
export function memory(session: Session): Report<SessionMemory> {
  const held = session.memory();
  const { owners, variables, totalBytes, heldBytes } = held;
  const text = formatTable(
    [
      { title: 'owner', maxWidth: 60 },
      { title: 'blocks', align: 'right' },
      { title: 'bytes', align: 'right' },
    ],
    [
      ...owners.map(({ owner, blocks, bytes }) => [owner, String(blocks), bytes.toLocaleString('en')]),
      ...variables.map(({ name, bytes }) => [`  ${name}`, '', bytes.toLocaleString('en')]),
    ],
    [
      `${bytesText(totalBytes)} of this session; memory shared with others of its configuration: ${bytesText(heldBytes)}`,
    ],
  );
  return new Report(held, text);
}
