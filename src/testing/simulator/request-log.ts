import type { DeliveryEntry } from './webhooks/deliver';

/** One POST as it was received. The text lets tests compare bytes. */
export interface PostEntry {
  readonly seq: number;
  readonly at: string;
  readonly ref: string | null;
  /** `null` while it is open, and if the connection was cut. */
  status: number | null;
  fault?: string;
  /** Lowercase names, without `authorization`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One request to the API, with its time so that tests can check the pace. */
export interface RequestEntry {
  readonly seq: number;
  readonly at: string;
  readonly kind: 'post' | 'read' | 'list' | 'agents';
  readonly callId?: string;
  readonly query?: Readonly<Record<string, string>>;
  status: number | null;
}

/** Everything received and sent. Dials are in the ledger instead. */
export function createRecords() {
  const posts: PostEntry[] = [];
  const requests: RequestEntry[] = [];
  const deliveries: DeliveryEntry[] = [];

  return {
    posts,
    requests,
    deliveries,
    addPost(post: Omit<PostEntry, 'seq'>): PostEntry {
      const entry = { seq: posts.length + 1, ...post };
      posts.push(entry);
      return entry;
    },
    addRequest(request: Omit<RequestEntry, 'seq' | 'status'>): RequestEntry {
      const entry: RequestEntry = { seq: requests.length + 1, ...request, status: null };
      requests.push(entry);
      return entry;
    },
    count: (kind: RequestEntry['kind']) => requests.filter((entry) => entry.kind === kind).length,
  };
}
export type Records = ReturnType<typeof createRecords>;
