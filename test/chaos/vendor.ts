import { readFile } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { Delivered, Dial, Post, ReadFact, Truth } from './facts';
import type { Cluster } from '../faults/support/cluster';

const NAMESPACE = 'default';

export function toReference(workflowId: string, attempt: number): string {
  return `${NAMESPACE}/${workflowId}#${attempt}`;
}

/** The vendor's records of one call. */
export interface Seen {
  readonly posts: readonly Post[];
  readonly dials: readonly Dial[];
  readonly truths: readonly Truth[];
  readonly deliveries: readonly Delivered[];
  readonly reads: readonly ReadFact[];
}

/** Reads the ledger's file while it grows. People look at it before they resolve a request. */
export function openLedger(file: string) {
  const dials = new Map<string, Dial[]>();
  let offset = 0;
  let rest = '';
  const readMore = async (): Promise<void> => {
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      if (size <= offset) return;
      const { buffer, bytesRead } = await handle.read(
        Buffer.alloc(size - offset),
        0,
        size - offset,
        offset,
      );
      offset += bytesRead;
      const lines = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const dial = toDial(line);
        dials.set(dial.ref, [...(dials.get(dial.ref) ?? []), dial]);
      }
    } finally {
      await handle.close();
    }
  };
  // One read at a time: each continues where the one before ended.
  let reading = Promise.resolve();
  return {
    /** The dials with this reference so far. */
    async dialsOf(ref: string): Promise<readonly Dial[]> {
      reading = reading.catch(() => undefined).then(readMore);
      await reading;
      return dials.get(ref) ?? [];
    },
  };
}
export type LedgerView = ReturnType<typeof openLedger>;

/** Reads all records once: the ledger from its file, the rest from the simulator. */
export async function seenBy({
  origin,
  ledgerFile,
}: Cluster): Promise<(workflowId: string) => Seen> {
  const ask = async (path: string) =>
    (await fetch(`${origin}/_sim/${path}`)).json() as Promise<any>;
  const lines = (await readFile(ledgerFile, 'utf8')).split('\n').filter((line) => line !== '');
  const [{ posts }, { calls }, { deliveries, requests }] = await Promise.all([
    ask('ledger'),
    ask('calls'),
    ask('log'),
  ]);
  const conversations = new Map<string, { [Name in keyof Seen]: Seen[Name][number][] }>();
  const of = (ref: string) => {
    const name = ref.replace(/#\d+$/, '');
    const known = conversations.get(name) ?? {
      posts: [],
      dials: [],
      truths: [],
      deliveries: [],
      reads: [],
    };
    conversations.set(name, known);
    return known;
  };
  const refs = new Map<string, string>();
  for (const line of lines) {
    const dial = toDial(line);
    of(dial.ref).dials.push(dial);
    refs.set(dial.callId, dial.ref);
  }
  for (const { seq, ref, at, status, fault, body, headers } of posts) {
    if (ref === null) continue;
    const key = headers['x-idempotency-key'];
    of(ref).posts.push({
      seq,
      ref,
      atMs: Date.parse(at),
      status,
      ...(fault && { fault }),
      body,
      key,
    });
  }
  for (const { callId, ref, endedAt } of calls) {
    if (ref === null) continue;
    of(ref).truths.push({ callId, ...(endedAt !== null && { endedMs: Date.parse(endedAt) }) });
  }
  for (const { callId, event, at, status } of deliveries) {
    const ref = refs.get(callId);
    if (ref !== undefined) of(ref).deliveries.push({ callId, event, atMs: Date.parse(at), status });
  }
  for (const { kind, callId, at, status } of requests) {
    const ref = kind === 'read' ? refs.get(callId.replace(/_twin$/, '')) : undefined;
    if (ref !== undefined) of(ref).reads.push({ callId, atMs: Date.parse(at), status });
  }
  const nothing: Seen = { posts: [], dials: [], truths: [], deliveries: [], reads: [] };
  return (workflowId) => conversations.get(`${NAMESPACE}/${workflowId}`) ?? nothing;
}

function toDial(line: string): Dial {
  const { ref, at, postNo, callId } = JSON.parse(line) as {
    ref: string;
    at: string;
    postNo: number;
    callId: string;
  };
  return { ref, atMs: Date.parse(at), postNo, callId };
}
