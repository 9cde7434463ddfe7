import type { ConnectionLike } from '@temporalio/client';
import { SearchAttributeType } from '@temporalio/common';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { GRPC_STATUS, grpcCodeOf } from './grpc-status';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes';

/** The methods used here. Client and worker connections both have them. */
interface Connected {
  readonly operatorService: Pick<
    ConnectionLike['operatorService'],
    'listSearchAttributes' | 'addSearchAttributes'
  >;
}

/** One of our search attributes in a namespace. Types are spelled as by the `temporal` command. */
export interface KnownAttribute {
  readonly name: string;
  readonly type: string;
  readonly state: 'there' | 'missing' | 'other_type';
  /** The type it has in the namespace; absent if it is missing. */
  readonly found?: string;
}

/** How the `temporal` command spells each type of the SDK. */
export const CLI_TYPES = {
  TEXT: 'Text',
  KEYWORD: 'Keyword',
  INT: 'Int',
  DOUBLE: 'Double',
  BOOL: 'Bool',
  DATETIME: 'Datetime',
  KEYWORD_LIST: 'KeywordList',
} as const;

/** Reads whether the namespace has each of our six search attributes, and with which type. */
export async function readSearchAttributes(
  { operatorService }: Connected,
  namespace: string,
): Promise<readonly KnownAttribute[]> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return SEARCH_ATTRIBUTES.map(({ name, type }) => {
    const attribute = { name, type: CLI_TYPES[type] };
    const found = customAttributes[name];
    if (found === undefined) return { ...attribute, state: 'missing' };
    const isOurs = found === encodeSearchAttributeIndexedValueType(type);
    return { ...attribute, state: isOurs ? 'there' : 'other_type', found: typeName(found) };
  });
}

/**
 * The search attributes that are missing in the namespace, or have a different type: writing one would block a run.
 * All of them if we are not allowed to list them, as with a restricted API key of Temporal Cloud.
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

/** Registers search attributes. If one exists with another type, the server answers OK and changes nothing. */
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

function typeName(encoded: ReturnType<typeof encodeSearchAttributeIndexedValueType>): string {
  const type = Object.values(SearchAttributeType).find(
    (one) => encodeSearchAttributeIndexedValueType(one) === encoded,
  );
  return type === undefined ? `type ${encoded}` : CLI_TYPES[type];
}
