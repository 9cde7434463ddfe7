import type { ConnectionLike } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { GRPC_STATUS, grpcCodeOf } from './grpc-status';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes';

/** What the operator service is asked for here; client and worker connections both have it. */
type OperatorService = Pick<
  ConnectionLike['operatorService'],
  'listSearchAttributes' | 'addSearchAttributes'
>;
interface Connected {
  readonly operatorService: OperatorService;
}

/** One of ours, as a namespace knows it. Types are in the words of the `temporal` command. */
export interface KnownAttribute {
  readonly name: string;
  readonly type: string;
  readonly state: 'there' | 'missing' | 'other_type';
  /** The type it has there; absent where it is missing. */
  readonly found?: string;
}

/** The types' names on the command line, by those of the SDK. */
export const CLI_TYPES = {
  TEXT: 'Text',
  KEYWORD: 'Keyword',
  INT: 'Int',
  DOUBLE: 'Double',
  BOOL: 'Bool',
  DATETIME: 'Datetime',
  KEYWORD_LIST: 'KeywordList',
} as const;

/** How the namespace knows each of the six. */
export async function readSearchAttributes(
  { operatorService }: Connected,
  namespace: string,
): Promise<readonly KnownAttribute[]> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return SEARCH_ATTRIBUTES.map(({ name, type }) => {
    const ours = { name, type: CLI_TYPES[type] };
    const found = customAttributes[name];
    if (found === undefined) return { ...ours, state: 'missing' };
    const isOurs = found === encodeSearchAttributeIndexedValueType(type);
    return { ...ours, state: isOurs ? 'there' : 'other_type', found: typeWord(found) };
  });
}

/**
 * The names of those of ours that the namespace lacks, or knows with another type: writing either would block a run.
 * All of them where we may not ask, as in a namespace of Temporal Cloud without that right.
 */
export async function missingSearchAttributes(
  connection: Connected,
  namespace: string,
): Promise<readonly string[]> {
  try {
    const known = await readSearchAttributes(connection, namespace);
    return known.filter(({ state }) => state !== 'there').map(({ name }) => name);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return SEARCH_ATTRIBUTES.map(({ name }) => name);
  }
}

/** Registers ours. The server answers OK to a name it knows with another type, and changes nothing. */
export async function addSearchAttributes(
  { operatorService }: Connected,
  namespace: string,
  names: readonly string[] = SEARCH_ATTRIBUTES.map(({ name }) => name),
): Promise<void> {
  const wanted = SEARCH_ATTRIBUTES.filter(({ name }) => names.includes(name));
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(
      wanted.map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0]),
    ),
  });
}

// --- internal ---

/** Whether the server denies the list of search attributes, or does not serve it. */
function isRefusal(error: unknown): boolean {
  const code = grpcCodeOf(error);
  return code === GRPC_STATUS.PERMISSION_DENIED || code === GRPC_STATUS.UNIMPLEMENTED;
}

function typeWord(encoded: ReturnType<typeof encodeSearchAttributeIndexedValueType>): string {
  const type = Object.values(SearchAttributeType).find(
    (one) => encodeSearchAttributeIndexedValueType(one) === encoded,
  );
  return type === undefined ? `type ${encoded}` : CLI_TYPES[type];
}
