/** Containers inside containers, at most. What is nested deeper is not cached. */
export const MAX_DEPTH = 512;

/** The same of a decoded value that may still be tagged: wrappers double the depth. */
export const MAX_DECODED_DEPTH = 2 * MAX_DEPTH;
