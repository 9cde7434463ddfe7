/** Keys for tests: 32 equal bytes. */
export const K1 = `k1:${Buffer.alloc(32, 1).toString('base64')}`;
export const K2 = `k2:${Buffer.alloc(32, 2).toString('base64')}`;
/** The same id as `K1`, with other bytes. */
export const OTHER_K1 = `k1:${Buffer.alloc(32, 3).toString('base64')}`;
