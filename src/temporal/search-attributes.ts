import type { ConnectionLike } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes';

/** What the operator service is asked for here; client and worker connections both have it. */
type OperatorService = Pick<
  ConnectionLike['operatorService'],
  'listSearchAttributes' | 'addSearchAttributes'
>;

/** The names of those of ours that the namespace lacks, or knows with another type: writing either would block a run. */
export async function missingSearchAttributes(
  { operatorService }: { readonly operatorService: OperatorService },
  namespace: string,
): Promise<readonly string[]> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  return SEARCH_ATTRIBUTES.filter(
    ({ name, type }) => customAttributes[name] !== encodeSearchAttributeIndexedValueType(type),
  ).map(({ name }) => name);
}

/** Registers ours. The server answers OK to a name it knows with another type, and changes nothing. */
export async function addSearchAttributes(
  { operatorService }: { readonly operatorService: OperatorService },
  namespace: string,
): Promise<void> {
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(
      SEARCH_ATTRIBUTES.map(({ name, type }) => [
        name,
        encodeSearchAttributeIndexedValueType(type) ?? 0,
      ]),
    ),
  });
}
